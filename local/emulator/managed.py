"""Policies that AWS manages and crawlers are usually given, which MiniStack does not have.

Private to version 1.5.33: in `iam` `_aws_managed_policies`, `_make_aws_managed_record`, `_AWS_MANAGED_POLICY_PREFIX`.
"""

import json
from typing import Any

_GLUE_SERVICE_ROLE = [
    ("glue:* cloudwatch:PutMetricData iam:ListRolePolicies iam:GetRole iam:GetRolePolicy", "*"),
    ("s3:GetBucketLocation s3:ListBucket s3:ListAllMyBuckets s3:GetBucketAcl", "*"),
    ("s3:CreateBucket", "arn:aws:s3:::aws-glue-*"),
    ("s3:GetObject s3:PutObject s3:DeleteObject", "arn:aws:s3:::aws-glue-*/* arn:aws:s3:::*/*aws-glue-*/*"),
    ("s3:GetObject", "arn:aws:s3:::crawler-public* arn:aws:s3:::aws-glue-*"),
    ("logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents", "arn:aws:logs:*:*:*:/aws-glue/*"),
]
"""Version 5, without what it allows in EC2, where nothing of Glue runs here:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSGlueServiceRole.html"""

_KNOWN = {"service-role/AWSGlueServiceRole": _GLUE_SERVICE_ROLE}


def mend(iam: Any) -> None:
    """Add what is missing."""
    for name, grants in _KNOWN.items():
        statements = [
            {"Effect": "Allow", "Action": actions.split(), "Resource": resources.split()}
            for actions, resources in grants
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        arn = iam._AWS_MANAGED_POLICY_PREFIX + name  # noqa: SLF001
        iam._aws_managed_policies.setdefault(arn, iam._make_aws_managed_record(name, document))  # noqa: SLF001
