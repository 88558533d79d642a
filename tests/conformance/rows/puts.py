# ruff: noqa: E501 - a row of the table is a line, however long
"""PutRecord and PutRecordBatch."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab

LIMIT = "service model, Data; osquery/osquery#3568, 2017-08-17"
TOO_LONG = "failed to satisfy constraint: Member must have length less than or equal to"


def stream(lab: Lab) -> str:
    if "puts" not in lab.remembered:
        lab.remembered["puts"] = lab.create(Prefix="puts/")
    return str(lab.remembered["puts"])


def batch_refused(code: str, message: str, records: Callable[[], list[bytes]]) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        found = lab.refusal(lambda: lab.put(stream(lab), *records()))
        assert found == (code, message)

    return check


def batch_taken(records: Callable[[], list[bytes]]) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        answer = lab.put(stream(lab), *records())
        assert answer["FailedPutCount"] == 0
        assert len(answer["RequestResponses"]) == len(records())

    return check


def record_refused(lab: Lab) -> None:
    call = lab.client("firehose").put_record
    code, message = lab.refusal(lambda: call(DeliveryStreamName=stream(lab), Record={"Data": bytes(1_024_001)}))
    shown = "java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]"
    assert (code, message) == (
        "ValidationException",
        f"1 validation error detected: Value '{shown}' at 'record.data' {TOO_LONG} 1024000",
    )


def record_answer(lab: Lab) -> None:
    answer = lab.client("firehose").put_record(DeliveryStreamName=stream(lab), Record={"Data": b"one"})
    assert answer["Encrypted"] is False
    assert re.fullmatch(r"[A-Za-z0-9+/]{224}", answer["RecordId"])


def batch_answer(lab: Lab) -> None:
    answer = lab.put(stream(lab), b"one", b"two")
    assert [set(each) for each in answer["RequestResponses"]] == [{"RecordId"}, {"RecordId"}]
    assert answer["Encrypted"] is False


def unknown_stream(lab: Lab) -> None:
    found = lab.refusal(lambda: lab.put("conformance-unknown", b"x"))
    message = f"Firehose conformance-unknown under account {lab.account} not found."
    assert found == ("ResourceNotFoundException", message)


def too_many(lab: Lab) -> None:
    code, message = lab.refusal(lambda: lab.put(stream(lab), *[b"x"] * 501))
    assert code == "ValidationException"
    assert message.endswith(f"at 'records' {TOO_LONG} 500")


def two_too_long() -> str:
    shown = "java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]"
    first, third = shown.format(1_024_001), shown.format(1_024_002)
    return (
        f"2 validation errors detected: Value '{first}' at 'records.1.member.data' {TOO_LONG} 1024000;"
        f" Value '{third}' at 'records.3.member.data' {TOO_LONG} 1024000"
    )


def bad_name(lab: Lab) -> None:
    call: Any = lab.client("firehose").put_record
    code, _ = lab.refusal(lambda: call(DeliveryStreamName="no spaces", Record={"Data": b""}))
    assert code == "ValidationException"


def on_the_wire(lab: Lab) -> None:
    bodies: list[bytes] = []
    client = lab.client("firehose")
    client.meta.events.register("response-received.firehose.PutRecordBatch", lambda response_dict, **_: bodies.append(
        response_dict["body"]), unique_id="wire")  # fmt: skip
    try:
        lab.put(stream(lab), b"one")
    finally:
        client.meta.events.unregister("response-received.firehose.PutRecordBatch", unique_id="wire")
    assert list(json.loads(bodies[0])) == ["Encrypted", "FailedPutCount", "RequestResponses"]


def far_too_big(lab: Lab) -> None:
    code, _ = lab.refusal(lambda: lab.put(stream(lab), *[bytes(1_000_000)] * 30))
    assert code in {"413", "InvalidArgumentException"}


MEBIBYTE = 1_048_576
CASES = [
    Case("a record holds at most 1,024,000 bytes, not a mebibyte", LIMIT, "high", batch_taken(lambda: [bytes(1_024_000)])),
    Case("each record that is too long is named with its place, and nothing is written", LIMIT, "high",
         batch_refused("ValidationException", two_too_long(), lambda: [bytes(1_024_001), b"", bytes(1_024_002)])),
    Case("the member of PutRecord that is too long is 'record.data'", "by analogy with PutRecordBatch", "chosen", record_refused),
    Case("4 MiB of raw bytes are taken", "kolide/fleet#2022; radkawar/stackd, us-east-1", "high",
         batch_taken(lambda: [bytes(MEBIBYTE // 2)] * 8)),
    Case("one byte more than 4 MiB is refused", "osquery/osquery#3568; code: radkawar/stackd", "high",
         batch_refused("InvalidArgumentException", "Records size exceeds 4 MB limit",
                       lambda: [bytes(MEBIBYTE // 2)] * 8 + [b"x"])),
    Case("500 records are taken", "service model, PutRecordBatchRequestEntryList", "high", batch_taken(lambda: [b"x"] * 500)),
    Case("501 records are refused", "radkawar/stackd; text: Smithy's pattern", "medium", too_many),
    Case("an empty record is taken", "radkawar/stackd; boto/boto3#2804", "high", batch_taken(lambda: [b""])),
    Case("PutRecord answers with an opaque id of 224 characters and Encrypted false", "aws-cli examples, put-record.rst",
         "high", record_answer),
    Case("an entry of a batch carries either a RecordId or an error", "service model; boto/boto3#2804", "high", batch_answer),
    Case("a batch's answer tells Encrypted, FailedPutCount, RequestResponses", "boto/boto3#2804, wire log 2021-03-31", "high", on_the_wire),
    Case("30 MB are refused, in words or by a bare 413", "from which size AWS gives no words was never recorded", "chosen", far_too_big),
    Case("a stream that does not exist is named with its account", "localstack and moto, kept for years", "medium", unknown_stream),
    Case("a stream's name has no spaces", "service model, DeliveryStreamName", "high", bad_name),
]  # fmt: skip
