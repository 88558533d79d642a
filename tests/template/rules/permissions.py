"""What each role may do: all that it needs, nothing that is dangerous, nothing by wildcard."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tests.template.stack import PSEUDO, Stack

BUCKET = "<LakeBucket.Arn>"
SIGNUPS, ERRORS, DAILY, RESULTS = (f"{BUCKET}/{each}/x" for each in ("signups", "errors", "daily", "athena-results"))
_HERE = f"us-east-1:{PSEUDO['AWS::AccountId']}"
CATALOG = f"arn:aws:glue:{_HERE}:catalog"
DATABASE = f"arn:aws:glue:{_HERE}:database/<SignupsDatabase>"
TABLE = f"arn:aws:glue:{_HERE}:table/<SignupsDatabase>/<SignupsTable>"
DAILY_TABLE = f"arn:aws:glue:{_HERE}:table/<SignupsDatabase>/<DailyTable>"
WORKGROUP = f"arn:aws:athena:{_HERE}:workgroup/<QueryWorkGroup>"
LOG_STREAM = f"arn:aws:logs:{_HERE}:log-group:<DeliveryLogGroup>:log-stream:<DeliveryLogStream>"
STREAM = "<DeliveryStream.Arn>"
LEVELS = (CATALOG, DATABASE, TABLE)
READ_TABLES = "glue:GetDatabase glue:GetTable glue:GetTables"
READ_CATALOG = f"{READ_TABLES} glue:GetPartition glue:GetPartitions glue:BatchGetPartition"

NEEDS: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "DeliveryRole": [
        ("s3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads", (BUCKET,)),
        ("s3:PutObject s3:AbortMultipartUpload", (SIGNUPS, ERRORS)),
        ("lambda:InvokeFunction lambda:GetFunctionConfiguration", ("<MaskFunctionAliaslive>",)),
        ("glue:GetTable glue:GetTableVersion glue:GetTableVersions", LEVELS),
        ("logs:PutLogEvents", (LOG_STREAM,)),
    ],
    "MaskRole": [
        ("logs:CreateLogStream logs:PutLogEvents", ("<MaskLogGroup.Arn>",)),
        ("secretsmanager:GetSecretValue", ("<TokenKey>",)),
    ],
    "CrawlerRole": [
        ("s3:GetBucketLocation s3:ListBucket", (BUCKET,)),
        ("s3:GetObject", (SIGNUPS,)),
        (f"{READ_CATALOG} glue:CreatePartition glue:BatchCreatePartition glue:UpdatePartition", LEVELS),
        ("glue:BatchUpdatePartition", LEVELS),
        ("logs:PutLogEvents", (f"arn:aws:logs:{_HERE}:log-group:/aws-glue/crawlers:log-stream:x",)),
    ],
    "AnalystRole": [
        ("athena:StartQueryExecution athena:GetQueryExecution athena:GetQueryResults", (WORKGROUP,)),
        ("athena:StopQueryExecution athena:GetNamedQuery athena:ListNamedQueries athena:GetWorkGroup", (WORKGROUP,)),
        (READ_CATALOG, (*LEVELS, DAILY_TABLE)),
        # User Guide, fine-grained-access: Athena looks into the database default.
        ("glue:GetDatabase", (f"arn:aws:glue:{_HERE}:database/default",)),
        ("glue:CreateTable", (f"arn:aws:glue:{_HERE}:table/<SignupsDatabase>/signups_unique",)),
        ("s3:GetBucketLocation s3:ListBucket", (BUCKET,)),
        ("s3:GetObject", (SIGNUPS, DAILY, RESULTS)),
        ("s3:PutObject", (RESULTS,)),
    ],
    "OperatorRole": [
        ("s3:GetObject s3:DeleteObject", (ERRORS,)),
        ("s3:ListBucket", (BUCKET,)),
        ("s3:PutObject", (DAILY,)),
        ("firehose:PutRecordBatch", (STREAM,)),
        ("athena:StartQueryExecution", (WORKGROUP,)),
    ],
    "ProducerTaskRole": [("firehose:PutRecordBatch", (STREAM,))],
    "ProducerExecutionRole": [("logs:PutLogEvents", ("<ProducerLogGroup.Arn>",))],
}
DANGERS: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "DeliveryRole": [("s3:GetObject s3:DeleteObject", (SIGNUPS, ERRORS)), ("s3:PutObject", (RESULTS, DAILY))],
    "MaskRole": [("s3:GetObject s3:PutObject", (SIGNUPS, ERRORS)), ("firehose:PutRecordBatch", (STREAM,))],
    "CrawlerRole": [
        ("glue:DeleteTable glue:DeletePartition glue:BatchDeletePartition glue:DeleteDatabase", LEVELS),
        ("s3:GetObject s3:PutObject s3:DeleteObject", (ERRORS,)),
        ("s3:PutObject", (SIGNUPS,)),
    ],
    "AnalystRole": [
        ("s3:GetObject", (ERRORS,)),
        ("s3:PutObject s3:DeleteObject", (SIGNUPS, ERRORS, DAILY)),
        ("glue:UpdateTable glue:CreateTable glue:DeleteTable", (TABLE, DAILY_TABLE)),
        ("secretsmanager:GetSecretValue", ("<TokenKey>",)),
    ],
    "OperatorRole": [("s3:PutObject s3:DeleteObject", (SIGNUPS,)), ("secretsmanager:GetSecretValue", ("<TokenKey>",))],
    "ProducerTaskRole": [("s3:GetObject", (SIGNUPS, ERRORS)), ("firehose:DeleteDeliveryStream", (STREAM,))],
    "ProducerExecutionRole": [("firehose:PutRecordBatch", (STREAM,))],
}
WITHOUT_RESOURCE = {"ecr:GetAuthorizationToken"}


def statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    """Return every statement that a role has: inline, and by the template's managed policies."""
    properties = stack.properties(role)
    attached = [stack.properties(each.strip("<>")) for each in properties.get("ManagedPolicyArns", [])]
    documents = [each["PolicyDocument"] for each in (*properties.get("Policies", []), *attached) if each]
    return [statement for document in documents for statement in document["Statement"]]


def allows(granted: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Tell whether a statement allows it; conditions are taken as met."""
    return any(
        each["Effect"] == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in _listed(each["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in _listed(each["Resource"]))
        for each in granted
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def roles_may_do_what_they_need(stack: Stack) -> Iterator[str]:
    for role, needs in NEEDS.items():
        if role not in stack.resources:
            continue
        for action, resource in _pairs(needs):
            if not allows(statements(stack, role), action, resource):
                yield f"{role}: needs {action} on {resource}"


def roles_may_do_nothing_dangerous(stack: Stack) -> Iterator[str]:
    for role, dangers in DANGERS.items():
        for action, resource in _pairs(dangers):
            if allows(statements(stack, role), action, resource):
                yield f"{role}: must not be allowed {action} on {resource}"


def _pairs(table: list[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, str]]:
    for actions, resources in table:
        for action in actions.split():
            for resource in resources:
                yield action, resource


def nothing_is_granted_by_wildcard(stack: Stack) -> Iterator[str]:
    for role in stack.of_type("AWS::IAM::Role"):
        for statement in statements(stack, role):
            actions = set(_listed(statement["Action"]))
            if any("*" in each for each in actions):
                yield f"{role}: {sorted(actions)} grants by wildcard; name the actions"
            if "*" in _listed(statement["Resource"]) and not actions <= WITHOUT_RESOURCE:
                yield f"{role}: {sorted(actions)} is granted on every resource"


def listing_is_limited_to_prefixes(stack: Stack) -> Iterator[str]:
    """Firehose lists the bucket as a whole; nobody else needs more than the prefixes they read."""
    for role in ("CrawlerRole", "AnalystRole", "OperatorRole"):
        for statement in statements(stack, role):
            if "s3:ListBucket" in _listed(statement["Action"]) and "s3:prefix" not in str(statement.get("Condition")):
                yield f"{role}: s3:ListBucket must be limited by s3:prefix"


def permissions_come_with_the_role(stack: Stack) -> Iterator[str]:
    """Find policies of their own, which would race the creation of the stream (aws/aws-cdk#7236)."""
    for name in (*stack.of_type("AWS::IAM::Policy"), *stack.of_type("AWS::IAM::RolePolicy")):
        yield f"{name}: put it into the role's Policies: the stream would not wait for it"


def customers_key_is_used_through_a_service(stack: Stack) -> Iterator[str]:
    for role in stack.of_type("AWS::IAM::Role"):
        for statement in statements(stack, role):
            uses_key = any(each.startswith("kms:") for each in _listed(statement["Action"]))
            if uses_key and "kms:ViaService" not in str(statement.get("Condition")):
                yield f"{role}: the key may be used through S3 or Secrets Manager only (kms:ViaService)"


RULES = [
    roles_may_do_what_they_need,
    roles_may_do_nothing_dangerous,
    nothing_is_granted_by_wildcard,
    listing_is_limited_to_prefixes,
    permissions_come_with_the_role,
    customers_key_is_used_through_a_service,
]
