# ruff: noqa: E501 - a row of the table is a line, however long
"""What the stream's role, its key or its function refuses, and how that shows."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from tests.conformance.case import Case
from tests.conformance.conversions import create as converting
from tests.conformance.lab import Lab, raw
from tests.conformance.rows.failures import first_event
from tests.conformance.rows.transform import split, stream

STACKD = "radkawar/stackd captures, us-east-1"
DENIED = (
    "Access was denied. Ensure that the trust policy for the provided IAM role allows Firehose to assume the role, and"
    " the access policy allows access to the S3 bucket."
)
GUIDE = "Developer Guide, monitoring with CloudWatch Logs"


def logged(code: str) -> Callable[[Lab], None]:
    """Check that a delivery with a role that may only write logs is logged with this code, and nothing is lost."""

    def check(lab: Lab) -> None:
        with log_group(lab, code) as (group, options):
            hints = {"SizeInMBs": 1, "IntervalInSeconds": 0}
            name = lab.create(RoleARN=lab.other_role, BufferingHints=hints, CloudWatchLoggingOptions=options)
            lab.put(name, b"kept")
            event = first_event(lab, group)
            assert event["errorCode"] == code
            assert event["message"] == DENIED
            assert b"kept" not in str(event).encode()

    return check


@contextlib.contextmanager
def log_group(lab: Lab, purpose: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give a log group's name and the options by which a destination logs to it."""
    logs, group = lab.client("logs"), f"/conformance/{lab.run}/{purpose}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="DestinationDelivery")
    try:
        yield group, {"Enabled": True, "LogGroupName": group, "LogStreamName": "DestinationDelivery"}
    finally:
        logs.delete_log_group(logGroupName=group)


def function_logged(lab: Lab) -> None:
    with log_group(lab, "function") as (group, options):
        lab.delivered(stream(lab, CloudWatchLoggingOptions=options), b"RAISE")
        event = first_event(lab, group)
        assert event["errorCode"] == "Lambda.FunctionError"
        assert event["processor"] == lab.function


def table_gone(lab: Lab) -> None:
    """Delete the table between creation and delivery: the log says so and nothing is lost meanwhile."""
    with log_group(lab, "table") as (group, options):
        table = lab.table("vanishing", {"id": "bigint"})
        name = converting(lab, table, {"OpenXJsonSerDe": {}}, CloudWatchLoggingOptions=options)
        lab.client("glue").delete_table(DatabaseName=lab.database, Name=table)
        lab.advance(10 if lab.endpoint else 60)
        lab.delivered(name, b'{"id":1}')
        assert first_event(lab, group)["errorCode"] == "DataFormatConversion.EntityNotFound"


def may_not_invoke(lab: Lab) -> None:
    name = stream(lab, role=lab.bucket_role)
    good, [failed] = split(lab.delivered(name, b"x"))
    message = "Access was denied. Ensure that the access policy allows access to the Lambda function."
    assert (good, raw(failed)) == (b"", b"x")
    assert (failed["errorCode"], failed["errorMessage"]) == ("Lambda.InvokeAccessDenied", message)


def too_big(lab: Lab) -> None:
    good, [failed] = split(lab.delivered(stream(lab), b"HUGE"))
    assert (good, raw(failed), failed["errorCode"]) == (b"", b"HUGE", "Lambda.FunctionError")


def encrypted_with_a_key(lab: Lab) -> None:
    kms = lab.client("kms")
    key = kms.create_key(Description="conformance")["KeyMetadata"]
    try:
        configuration = {"KMSEncryptionConfig": {"AWSKMSKeyARN": key["Arn"]}}
        [landed] = lab.delivered(lab.create(Prefix="kms/", EncryptionConfiguration=configuration), b"x")
        assert landed.headers["ServerSideEncryption"] == "aws:kms"
        assert landed.headers["SSEKMSKeyId"].endswith(key["KeyId"])
        assert landed.headers["ContentType"] == "application/octet-stream"
    finally:
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)


CASES = [
    Case("a bucket that the role may not write to is logged as S3.AccessDenied", f"{GUIDE}; {STACKD}", "medium", logged("S3.AccessDenied")),
    Case("what a function fails at is logged with its ARN", GUIDE, "high", function_logged),
    Case("a table that is gone stops conversion, and the log says so", "the message table of another emulator; that it waits is chosen", "low", table_gone),
    Case("a role that may not invoke the function fails the batch", STACKD, "medium", may_not_invoke),
    Case("an answer of more than 6 MB fails the batch", STACKD, "high", too_big),
    Case("with a key, objects carry it", "radkawar/stackd", "medium", encrypted_with_a_key),
]  # fmt: skip
