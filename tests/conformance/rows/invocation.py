# ruff: noqa: E501 - a row of the table is a line, however long
"""What the function is asked, how often and with what, and where it stands among the stages."""

import io
import json
from typing import Any

import pyarrow.parquet as pq

from tests.conformance.case import Case
from tests.conformance.conversions import create as converting
from tests.conformance.lab import Lab, documents, raw
from tests.conformance.rows.control import processors
from tests.conformance.rows.transform import PROBE, STACKD, THREW, split, stream

MEBIBYTE = 1_048_576


def seen(lab: Lab, name: str) -> list[dict[str, Any]]:
    """Return the events that the noting function got from a stream."""
    return [json.loads(each.body) for each in lab.objects(f"seen/{name}/")]


def invocation_ids(lab: Lab) -> None:
    name = stream(lab, retries=1, function=lab.raising_function)
    _, [failed] = split(lab.delivered(name, b"x"))
    assert (failed["attemptsMade"], failed["errorMessage"]) == (2, THREW)
    events = seen(lab, name)
    assert len({event["invocationId"] for event in events}) == len(events) == 2
    assert events[0]["records"] == events[1]["records"]


def one_invocation(lab: Lab) -> None:
    name = stream(lab, function=lab.noting_function)
    lab.delivered(name, b"one", b"", b"two")
    [event] = seen(lab, name)
    assert sorted(record["data"] for record in event["records"]) == ["", "b25l", "dHdv"]
    assert len({record["recordId"] for record in event["records"]}) == 3


def opaque_ids(lab: Lab) -> None:
    name = stream(lab, function=lab.noting_function)
    answer = lab.put(name, b"one")
    lab.delivered(name)
    [event] = seen(lab, name)
    [identifier] = [record["recordId"] for record in event["records"]]
    assert len(identifier) > 40
    assert identifier != answer["RequestResponses"][0]["RecordId"]


def batches_by_bytes(lab: Lab) -> None:
    name = stream(lab, function=lab.noting_function)
    lab.delivered(name, *[bytes(MEBIBYTE * 2 // 3)] * 3)
    assert len(seen(lab, name)) >= 2


def times_out(lab: Lab) -> None:
    name = stream(lab, function=lab.sleeping_function)
    good, [failed] = split(lab.delivered(name, b"x"))
    assert (good, raw(failed), failed["errorCode"], failed["errorMessage"]) == (
        b"", b"x", "Lambda.FunctionError", THREW,
    )  # fmt: skip


def before_conversion(lab: Lab) -> None:
    table = lab.table("after_function", {"A": "int"})
    given = {"LambdaArn": lab.function, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "10"}
    name = converting(lab, table, {"OpenXJsonSerDe": {}}, **processors(("Lambda", given)))
    found = lab.delivered(name, b'{"a":7}', b"Dropped", b"oops")
    [row] = [row for each in found if each.key.startswith("rows") for row in
             pq.read_table(io.BytesIO(each.body)).to_pylist()]  # fmt: skip
    assert list(row.values()) == [7]
    [failed] = documents([each for each in found if each.key.startswith("errors/format-conversion-failed/")])
    assert failed["lastErrorCode"] == "DataFormatConversion.ParseError"


def before_the_delimiter(lab: Lab) -> None:
    given = {"LambdaArn": lab.function, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "10"}
    name = lab.create(Prefix="ok/", **processors(("Lambda", given), ("AppendDelimiterToRecord", {})))
    good, _ = split(lab.delivered(name, b"one", b"two"))
    assert sorted(good.split(b"\n")) == [b"ONE", b"TWO"]


def backup_of_everything(lab: Lab) -> None:
    where = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}", "Prefix": "raw/"}
    hints = {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}}
    name = stream(lab, S3BackupMode="Enabled", S3BackupConfiguration={**where, **hints})
    found = lab.delivered(name, b"Dropped", b"ProcessingFailed", b"kept")
    assert sorted(each.key.split("/")[0] for each in found) == ["errors", "ok", "raw"]
    assert [each.body for each in found if each.key.startswith("raw")] == [b"DroppedProcessingFailedkept"]


def errors_share_an_object(lab: Lab) -> None:
    found = lab.delivered(stream(lab), b"ProcessingFailed", b"MISSING")
    [landed] = [each for each in found if each.key.startswith("errors")]
    assert {raw(each) for each in documents([landed])} == {b"ProcessingFailed", b"MISSING"}


def not_again_when_the_write_is(lab: Lab) -> None:
    """Let the bucket appear only after the first attempt to write: the function is asked once."""
    bucket = f"conformance-{lab.run}-late"
    name = stream(lab, function=lab.noting_function, BucketARN=f"arn:aws:s3:::{bucket}")
    lab.delivered(name, b"x")
    lab.eventually(lambda: seen(lab, name))
    lab.new_bucket(bucket)
    [landed] = lab.eventually(lambda: lab.landed(name, bucket))
    assert landed.body == b"x"
    assert len(seen(lab, name)) == 1


CASES = [
    Case("records of a batch go to the function in one invocation, an empty one as an empty text", f"{PROBE}; {STACKD}", "high", one_invocation),
    Case("an id in the event is long, and not the one that the put answered", f"{PROBE}; {STACKD}", "high", opaque_ids),
    Case("a batch for the function is made by bytes", STACKD, "medium", batches_by_bytes),
    Case("each attempt has an invocationId of its own and the same records", f"{PROBE}; {STACKD}", "medium", invocation_ids),
    Case("a function that times out fails the batch", f"{STACKD}; floci's sources", "high", times_out),
    Case("the function stands before conversion", "floci-io/floci#3349, #3393; radkawar/stackd", "high", before_conversion),
    Case("the function stands before the delimiter", "floci-io/floci#3349, #3393; radkawar/stackd", "high", before_the_delimiter),
    Case("the backup holds what is dropped and what fails, too", STACKD, "medium", backup_of_everything),
    Case("documents of a batch that failed share an object", "floci-io/floci; a published object", "medium", errors_share_an_object),
    Case("the function is not asked again when the write is", STACKD, "medium", not_again_when_the_write_is),
]  # fmt: skip
