# ruff: noqa: E501 - a row of the table is a line, however long
"""The Lambda transform: its event, and what becomes of what it answers."""

import json
from collections.abc import Callable
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab, documents, raw

PROBE = "floci-io/floci#3393, 2026-09-10, us-west-2"
STACKD = "radkawar/stackd captures, us-east-1"
ORDER = [
    "rawData",
    "errorCode",
    "errorMessage",
    "attemptsMade",
    "arrivalTimestamp",
    "attemptEndingTimestamp",
    "lambdaARN",
]
CHECK = (
    "Check your function and make sure the output is in required format. In addition to that, make sure the processed"
    " records contain valid result status of Dropped, Ok, or ProcessingFailed"
)
MISSING = "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids."
THREW = "The Lambda function was successfully invoked but it returned an error result."
NULL = (
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing result is Ok."
    " The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok."
)
TWICE = (
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id"
    " for each record."
)


def stream(lab: Lab, retries: int = 0, function: str = "", role: str = "", **config: Any) -> str:
    given = {
        "LambdaArn": function or lab.function, "NumberOfRetries": str(retries),
        "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "10",
    }  # fmt: skip
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()]
    processing = {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": listed}]}
    errors = {"ErrorOutputPrefix": "errors/!{firehose:error-output-type}/"}
    config |= {"RoleARN": role} if role else {}
    return lab.create(**{"Prefix": "ok/", **errors, "ProcessingConfiguration": processing, **config})


def split(landed: list[Any]) -> tuple[bytes, list[dict[str, Any]]]:
    good = b"".join(each.body for each in landed if each.key.startswith("ok"))
    return good, documents([each for each in landed if each.key.startswith("errors/processing-failed/")])


def one_fails(text: bytes, code: str, message: str) -> Callable[[Lab], None]:
    """Check that of two records this one fails so, once tried, and the other is delivered."""

    def check(lab: Lab) -> None:
        good, [failed] = split(lab.delivered(stream(lab), text, b"good"))
        assert good == b"GOOD"
        assert (raw(failed), failed["errorCode"], failed["errorMessage"], failed["attemptsMade"]) == (
            text,
            code,
            message,
            1,
        )

    return check


def all_fail(text: bytes, code: str, message: str, *, retries: int = 0, attempts: int = 1) -> Callable[[Lab], None]:
    """Check that this record takes the other one with it."""

    def check(lab: Lab) -> None:
        good, failed = split(lab.delivered(stream(lab, retries), text, b"good"))
        assert good == b""
        assert sorted(map(raw, failed)) == sorted([text, b"good"])
        assert {(each["errorCode"], each["errorMessage"], each["attemptsMade"]) for each in failed} == {
            (code, message, attempts)
        }

    return check


def document(lab: Lab) -> None:
    name = stream(lab)
    _, [failed] = split(lab.delivered(name, b"ProcessingFailed"))
    assert list(failed) == ORDER
    assert failed["lambdaARN"] == lab.function
    assert isinstance(failed["arrivalTimestamp"], int)
    assert failed["arrivalTimestamp"] <= failed["attemptEndingTimestamp"]


def no_extension(lab: Lab) -> None:
    landed = lab.delivered(stream(lab, CompressionFormat="GZIP"), b"ProcessingFailed")
    assert [each.key.rpartition("/")[2].count(".") for each in landed] == [0]


def dropped(lab: Lab) -> None:
    assert split(lab.delivered(stream(lab), b"Dropped", b"good")) == (b"GOOD", [])


def event(lab: Lab) -> None:
    name = stream(lab)
    [landed] = lab.delivered(name, b"EVENT")
    found = json.loads(landed.body)
    assert set(found) == {"invocationId", "deliveryStreamArn", "region", "records"}
    assert found["deliveryStreamArn"].endswith(f":deliverystream/{name}")
    [record] = found["records"]
    assert set(record) == {"recordId", "approximateArrivalTimestamp", "data"}
    assert isinstance(record["approximateArrivalTimestamp"], int)
    assert record["data"] == "RVZFTlQ="


def gone(lab: Lab) -> None:
    function = lab.function.rpartition(":")[0] + ":conformance-gone"
    _, [failed] = split(lab.delivered(stream(lab, function=function), b"x"))
    assert failed["errorCode"] == "Lambda.ResourceNotFound"


def default_error_prefix(lab: Lab) -> None:
    listed = [{"ParameterName": "LambdaArn", "ParameterValue": lab.function}]
    processing = {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": listed}]}
    [landed] = lab.delivered(lab.create(ProcessingConfiguration=processing), b"ProcessingFailed")
    kind, year, *_ = landed.key.split("/")
    assert (kind, len(year), landed.key.count("/")) == ("processing-failed", 4, 5)


CASES = [
    Case("the function gets exactly the members of a Direct PUT event", f"{PROBE}; aws-powertools sample events", "high", event),
    Case("an error document has the members of 2026 in their order, lambdaARN among them", f"{PROBE}; {STACKD}", "high", document),
    Case("an error object has no extension", "floci's compatibility test", "medium", no_extension),
    Case("without ErrorOutputPrefix errors go to <type>/yyyy/MM/dd/HH/", "a published object, 2019-11-29", "medium", default_error_prefix),
    Case("a Dropped record leaves no trace", f"{PROBE}; {STACKD}", "high", dropped),
    Case("ProcessingFailed fails that record", PROBE, "high",
         one_fails(b"ProcessingFailed", "Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")),
    Case("an id that does not come back fails that record", f"{PROBE}; a published object, 2019", "high",
         one_fails(b"MISSING", "Lambda.MissingRecordId", MISSING)),
    Case("an unknown id is ignored, and the one it replaced is missing", f"{PROBE}; {STACKD}", "high",
         one_fails(b"STRAY", "Lambda.MissingRecordId", MISSING)),
    Case("an id that comes back twice fails that record", f"{PROBE} ({STACKD}: the whole batch)", "low",
         one_fails(b"DUPLICATE", "Lambda.DuplicatedRecordId", TWICE)),
    Case("Ok without data fails that record", PROBE, "medium", one_fails(b"NO DATA", "Lambda.InvalidReturnFormat", NULL)),
    Case("data that is not base64 fails the batch", STACKD, "medium", all_fail(b"NOT BASE64", "Lambda.FunctionError", CHECK)),
    Case("an unknown result fails the batch", STACKD, "medium", all_fail(b"Unknown", "Lambda.FunctionError", CHECK)),
    Case("results are spelled with a capital", "by analogy with an unknown result", "chosen",
         all_fail(b"ok", "Lambda.FunctionError", CHECK)),
    Case("an answer without records fails every record as missing", PROBE, "medium",
         all_fail(b"NO RECORDS", "Lambda.MissingRecordId", MISSING)),
    Case("an answer that is no object fails the batch", STACKD, "medium", all_fail(b"NOT AN OBJECT", "Lambda.FunctionError", CHECK)),
    Case("a function that throws fails the batch", f"{PROBE}; {STACKD}", "high", all_fail(b"RAISE", "Lambda.FunctionError", THREW)),
    Case("a function that throws is asked NumberOfRetries times more", f"{PROBE}; {STACKD}", "high",
         all_fail(b"RAISE", "Lambda.FunctionError", THREW, retries=1, attempts=2)),
    Case("what the function answered is final however malformed", f"{PROBE}; {STACKD}", "medium",
         all_fail(b"Unknown", "Lambda.FunctionError", CHECK, retries=3, attempts=1)),
    Case("a function that does not exist fails the batch", "Developer Guide, monitoring with CloudWatch Logs", "low", gone),
]  # fmt: skip
