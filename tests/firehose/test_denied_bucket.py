"""A bucket that refuses, switched on and off: the connections that were refused go on to deliver."""

import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

NAME = "refused-and-taken"
MAY = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "firehose.amazonaws.com"}}]
}


def deny_by_fault(gateway, *, denied: bool) -> None:
    gateway.act("faults", bucket_denied=denied)


def deny_by_policy(gateway, *, denied: bool) -> None:
    document = {"Statement": [{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}]}
    if denied:
        gateway.client("iam").put_role_policy(RoleName=NAME, PolicyName="deny", PolicyDocument=json.dumps(document))
    else:
        gateway.client("iam").delete_role_policy(RoleName=NAME, PolicyName="deny")


@pytest.fixture(scope="module")
def in_role(gateway):
    iam, name = gateway.client("iam"), NAME
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(MAY))
    gateway.client("s3").create_bucket(Bucket=name)
    config = Config(retries={"total_max_attempts": 1}, read_timeout=10, s3={"addressing_style": "path"})
    keys = boto3.Session(**gateway.assume(role, "firehose.amazonaws.com"), region_name="us-east-1")
    return keys.client("s3", endpoint_url=gateway.endpoint, config=config)


@pytest.mark.parametrize("deny", [deny_by_fault, deny_by_policy])
def test_a_connection_that_was_refused_takes_the_next_object(gateway, in_role, deny):
    body = b"x" * 3_000_000
    deny(gateway, denied=True)
    for _ in range(3):
        with pytest.raises(ClientError) as refusal:
            in_role.put_object(Bucket=NAME, Key="k", Body=body)
        assert refusal.value.response["Error"]["Code"] == "AccessDenied"
    deny(gateway, denied=False)
    in_role.put_object(Bucket=NAME, Key="k", Body=body)
    assert in_role.get_object(Bucket=NAME, Key="k")["Body"].read() == body
