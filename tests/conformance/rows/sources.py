"""Streams that are, or might be, fed by something else than Direct PUT."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.rows.control import DESTINATION, INVALID, PREFLIGHT, extended

STACKD = "radkawar/stackd captures, us-east-1"
READS = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"]


@contextlib.contextmanager
def kinesis(lab: Lab) -> Iterator[dict[str, str]]:
    """Give the source configuration of a Kinesis stream made for the purpose."""
    client, name = lab.client("kinesis"), f"{lab.name()}-source"
    client.create_stream(StreamName=name, ShardCount=1)
    try:
        client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1 if lab.endpoint else 5})
        arn = client.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
        yield {"KinesisStreamARN": arn, "RoleARN": lab.new_role(name[-20:], READS)}
    finally:
        client.delete_stream(StreamName=name)


def make(lab: Lab, **members: Any) -> str:
    name = lab.name()
    lab.client("firehose").create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=lab.destination(), **members
    )
    lab.made(name)
    lab.until_active(name)
    return name


def no_puts(lab: Lab) -> None:
    with kinesis(lab) as source:
        name = make(lab, DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=source)
        message = "This operation is not permitted on KinesisStreamAsSource delivery stream type."
        assert lab.refusal(lambda: lab.put(name, b"x")) == (INVALID, message)
        found = lab.describe(name)
        assert "DeliveryStreamEncryptionConfiguration" not in found
        shown = found["Source"]["KinesisStreamSourceDescription"]
        assert set(shown) == {"DeliveryStartTimestamp", "KinesisStreamARN", "RoleARN"}
        assert shown["KinesisStreamARN"] == source["KinesisStreamARN"]


def ignored(lab: Lab) -> None:
    with kinesis(lab) as source:
        name = make(lab, DeliveryStreamType="DirectPut", KinesisStreamSourceConfiguration=source)
        assert lab.put(name, b"x")["FailedPutCount"] == 0


def no_encryption(lab: Lab) -> None:
    with kinesis(lab) as source:
        found = lab.refusal(lambda: make(
            lab, DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=source,
            DeliveryStreamEncryptionConfigurationInput={"KeyType": "AWS_OWNED_CMK"},
        ))  # fmt: skip
        message = (
            "Server side encryption from firehose is only allowed for direct put delivery streams and database as a"
            " source delivery streams"
        )
        assert found == (INVALID, message)


def no_decompression_later(lab: Lab) -> None:
    name = lab.create()
    listed = [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]
    processing = {"Enabled": True, "Processors": [{"Type": "Decompression", "Parameters": listed}]}
    found = lab.refusal(lambda: lab.client("firehose").update_destination(
        DeliveryStreamName=name, CurrentDeliveryStreamVersionId="1", DestinationId=DESTINATION,
        ExtendedS3DestinationUpdate={"ProcessingConfiguration": processing},
    ))  # fmt: skip
    message = "Enabling source decompression is not supported for existing stream with no Lambda function attached."
    assert found == (INVALID, message)
    assert "ProcessingConfiguration" not in extended(lab, name)


CASES = [
    Case("a stream that reads a Kinesis stream takes no puts, and shows its source in place of encryption",
         f"localstack snapshot, 2022-09-14; {STACKD}", "high", no_puts),
    Case("a Direct PUT stream ignores a Kinesis source", f"{PREFLIGHT}, ap-northeast-1", "high", ignored),
    Case("encryption is for Direct PUT", PREFLIGHT, "high", no_encryption),
    Case("decompression comes later only where a function is", "radkawar/stackd", "low", no_decompression_later),
]  # fmt: skip
