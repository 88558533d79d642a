# ruff: noqa: E501 - a row of the table is a line, however long
"""What the stream's role, its key or its function refuses, and how that shows."""

import contextlib
from collections.abc import Callable

from botocore.exceptions import ClientError

from tests.conformance.case import Case
from tests.conformance.lab import Lab, raw
from tests.conformance.rows.failures import first_event
from tests.conformance.rows.transform import split, stream

STACKD = "radkawar/stackd captures, us-east-1"
GUIDE = "Developer Guide, monitoring with CloudWatch Logs"


def logged(code: str) -> Callable[[Lab], None]:
    """Check that a delivery with a role that may only write logs is logged with this code, and nothing is lost."""

    def check(lab: Lab) -> None:
        logs, group = lab.client("logs"), f"/conformance/{lab.run}/{code}"
        with contextlib.suppress(ClientError):
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="DestinationDelivery")
        name = lab.create(
            RoleARN=lab.other_role, BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0},
            CloudWatchLoggingOptions={"Enabled": True, "LogGroupName": group, "LogStreamName": "DestinationDelivery"},
        )  # fmt: skip
        try:
            lab.put(name, b"kept")
            event = first_event(lab, group)
            assert event["errorCode"] == code
            assert event["message"].startswith("Access was denied.")
            assert b"kept" not in str(event).encode()
        finally:
            logs.delete_log_group(logGroupName=group)

    return check


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
    Case("a role that may not invoke the function fails the batch", STACKD, "medium", may_not_invoke),
    Case("an answer of more than 6 MB fails the batch", STACKD, "high", too_big),
    Case("with a key, objects carry it", "radkawar/stackd", "medium", encrypted_with_a_key),
]  # fmt: skip
