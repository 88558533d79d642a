"""The lake: what is kept, for how long, and who is kept out."""

from collections.abc import Iterator
from typing import Any

from tests.template.stack import Stack

MOST_DAYS_OF_ERRORS = 30
PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def survives_the_stack(stack: Stack) -> Iterator[str]:
    for name in ("LakeBucket", "TokenKey"):
        resource = stack.resources.get(name, {})
        if {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")} != {"Retain"}:
            yield f"{name} must be retained: data, or what makes its tokens match, would go with the stack"


def is_private_and_encrypted(stack: Stack) -> Iterator[str]:
    bucket = stack.properties("LakeBucket")
    if bucket.get("PublicAccessBlockConfiguration") != dict.fromkeys(PUBLIC_ACCESS, True):
        yield "all four kinds of public access must be blocked"
    if bucket.get("OwnershipControls", {}).get("Rules") != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
        yield "ACLs must be off (BucketOwnerEnforced)"
    if not bucket.get("BucketEncryption"):
        yield "the encryption must be chosen"


def forgets_what_it_must(stack: Stack) -> Iterator[str]:
    rules = stack.properties("LakeBucket").get("LifecycleConfiguration", {}).get("Rules", [])
    days = {each.get("Prefix"): int(each.get("ExpirationInDays", 0)) for each in rules if each["Status"] == "Enabled"}
    if not 1 <= days.get("errors/", 0) <= MOST_DAYS_OF_ERRORS:
        yield "error objects, which may hold raw CPFs, must expire within 30 days"
    if not days.get("athena-results/"):
        yield "query results must expire"
    if not any("AbortIncompleteMultipartUpload" in each for each in rules):
        yield "unfinished uploads must be aborted: they are invisible and paid for"
    if "VersioningConfiguration" in stack.properties("LakeBucket"):
        yield "versions would keep raw CPFs after their error objects expired"


def announces_new_objects(stack: Stack) -> Iterator[str]:
    notification = stack.properties("LakeBucket").get("NotificationConfiguration", {})
    if notification.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled") is not True:
        yield "EventBridge must be told of new objects: the alarm on error objects hangs on it"


def statements(stack: Stack) -> list[dict[str, Any]]:
    """Return the statements of the bucket's policy."""
    document: dict[str, Any] = stack.properties("LakeBucketPolicy").get("PolicyDocument", {})
    return list(document.get("Statement", []))


def refuses_plain_http(stack: Stack) -> Iterator[str]:
    expected = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["<LakeBucket.Arn>", "<LakeBucket.Arn>/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    if not any({**each, "Sid": None} == {**expected, "Sid": None} for each in statements(stack)):
        yield "whoever comes without TLS must be denied everything, on the bucket and on its objects"


def hides_error_objects(stack: Stack) -> Iterator[str]:
    allowed = {"<OperatorRole.Arn>", "<DeliveryRole.Arn>"}
    for statement in statements(stack):
        principals = statement.get("Condition", {}).get("ArnNotEquals", {}).get("aws:PrincipalArn", [])
        denies_errors = (statement["Effect"], statement["Resource"]) == ("Deny", "<LakeBucket.Arn>/errors/*")
        if denies_errors and set(principals) == allowed:
            if set(statement["Action"]) != {"s3:GetObject", "s3:GetObjectVersion"}:
                yield "the deny on errors/ must be on reading: a denied write blocks delivery for ever"
            return
    yield "only the operator role (and Firehose) may read errors/*: deny everybody else"


RULES = [
    survives_the_stack,
    is_private_and_encrypted,
    forgets_what_it_must,
    announces_new_objects,
    refuses_plain_http,
    hides_error_objects,
]
