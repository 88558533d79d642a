# ruff: noqa: E501 - a row of the table is a line, however long
"""What cannot be seen from outside in a minute, or is knowingly not kept."""

import contextlib
import json
import time

from botocore.exceptions import ClientError

from tests.conformance.case import Case
from tests.conformance.lab import Lab, documents


def partitioned(lab: Lab) -> None:
    query = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in query.items()]
    processing = {"Enabled": True, "Processors": [{"Type": "MetadataExtraction", "Parameters": listed}]}
    name = lab.create(
        Prefix="k=!{partitionKeyFromQuery:k}/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        DynamicPartitioningConfiguration={"Enabled": True}, ProcessingConfiguration=processing,
    )  # fmt: skip
    landed = lab.delivered(name, b'{"k":"a"}', b'{"k":""}', b'{"k":"b"}')
    assert sorted(each.key.split("/")[0] for each in landed) == ["errors", "k=a", "k=b"]
    [failed] = documents([each for each in landed if each.key.startswith("errors")])
    assert failed["errorCode"] == "DynamicPartitioning.MetadataExtractionFailed"
    assert failed["errorMessage"] == "partitionKeys values must not be null or empty"
    described = lab.describe(name)["Destinations"][0]["ExtendedS3DestinationDescription"]
    retry = {"Enabled": True, "RetryOptions": {"DurationInSeconds": 300}}
    assert described["DynamicPartitioningConfiguration"] == retry


def bucket_gone(lab: Lab) -> None:
    """Deliver to a bucket that is not there: puts are taken, a log event says why nothing lands."""
    logs, group = lab.client("logs"), f"/conformance/{lab.run}"
    with contextlib.suppress(ClientError):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="DestinationDelivery")
    name = lab.create(
        BucketARN=f"arn:aws:s3:::conformance-{lab.run}-gone", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0},
        CloudWatchLoggingOptions={"Enabled": True, "LogGroupName": group, "LogStreamName": "DestinationDelivery"},
    )  # fmt: skip
    try:
        assert lab.put(name, b"kept")["FailedPutCount"] == 0
        event = first_event(lab, group)
        assert event["errorCode"] == "S3.NoSuchBucket"
        assert event["deliveryStreamARN"].endswith(name)
        assert event["destination"] == f"arn:aws:s3:::conformance-{lab.run}-gone"
        assert set(event) == {"deliveryStreamARN", "destination", "deliveryStreamVersionId", "message", "errorCode"}
        assert event["deliveryStreamVersionId"] == "1"
        assert lab.describe(name)["DeliveryStreamStatus"] == "ACTIVE"
    finally:
        logs.delete_log_group(logGroupName=group)


def first_event(lab: Lab, group: str) -> dict[str, str]:
    for _ in range(600):
        found = lab.client("logs").get_log_events(logGroupName=group, logStreamName="DestinationDelivery")["events"]
        if found:
            return dict(json.loads(found[0]["message"]))
        time.sleep(0.1 if lab.endpoint else 1)
    raise AssertionError("no log event came")


def owner_control(lab: Lab) -> None:
    [landed] = lab.delivered(lab.create(Prefix="acl/"), b"x")
    grants = lab.client("s3").get_object_acl(Bucket=lab.bucket, Key=landed.key)["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]


def without_acl_right(lab: Lab) -> None:
    """Deliver with exactly the rights that the guide lists for a bucket of one's own."""
    guide = ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
             "s3:ListBucketMultipartUploads", "s3:PutObject"]  # fmt: skip
    [landed] = lab.delivered(lab.create(RoleARN=lab.new_role("guide", guide), Prefix="guide/"), b"x")
    assert landed.body == b"x"


CASES = [
    Case("each partition has its object; a record whose key is empty fails", "several integration suites; localstack snapshot",
         "high", partitioned),
    Case("a bucket that is not there is logged, and the stream stays active", "Developer Guide, monitoring with CloudWatch Logs;"
         " radkawar/stackd", "medium", bucket_gone),
    Case("a role needs no s3:PutObjectAcl for a bucket of its own account", "Developer Guide, controlling-access", "high", without_acl_right),
    Case("objects belong to the owner of the bucket", "radkawar/stackd", "medium", owner_control),
]  # fmt: skip
