"""The Lambda processor: the event it gets, what its answer means, when it is asked again.

Outcomes as seen on AWS: floci-io/floci#3393 (2026-09-10, us-west-2), radkawar/stackd captures (us-east-1).
"""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from local.firehose.records import Record
from local.firehose.settings import Settings, Transform

MAX_RESPONSE_BYTES = 6 * 1024 * 1024
LAMBDA_EVENT_TIMEOUT = 300

CHECK_YOUR_FUNCTION = (
    "Check your function and make sure the output is in required format. In addition to that, make sure the"
    " processed records contain valid result status of Dropped, Ok, or ProcessingFailed"
)
FUNCTION_ERROR = "The Lambda function was successfully invoked but it returned an error result."
MISSING_ID = (
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids."
)
DUPLICATED_ID = (
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique"
    " record Id for each record."
)
NO_DATA = (
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing"
    " result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok."
)
UNPARSABLE = (
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records"
    " follow the status model required by Kinesis Data Firehose."
)
REFUSALS = {
    "AccessDeniedException": (
        "Lambda.InvokeAccessDenied",
        "Access was denied. Ensure that the access policy allows access to the Lambda function.",
    ),
    "TooManyRequestsException": (
        "Lambda.InvokeLimitExceeded",
        "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
    ),
    "ResourceNotFoundException": (
        "Lambda.ResourceNotFound",
        "The specified Lambda function does not exist. Use a different function that does exist.",
    ),
}
ROLE_REFUSED = (
    "Lambda.AssumeRoleAccessDenied",
    "Access was denied. Ensure that the trust policy for the provided IAM role allows Firehose to assume the role.",
)
TIMED_OUT = (
    "Lambda.FunctionRequestTimedOut",
    "Firehose encountered timeout errors when calling AWS Lambda. The maximum supported function timeout is 5 minutes.",
)
SERVICE_FAILED = ("Lambda.InternalServerError", "AWS Lambda could not run the function.")


_RESULTS = ("Ok", "Dropped", "ProcessingFailed")


class WholeBatchFailed(Exception):
    """Nothing of the batch can be used; `again` says whether another attempt may help."""

    def __init__(self, code: str, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.again = again


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of the records of one batch."""

    ok: list[Record] = field(default_factory=list)
    """With the data that the function returned."""
    dropped: list[Record] = field(default_factory=list)
    failed: list[tuple[Record, str, str]] = field(default_factory=list)
    """Original records, codes, messages."""
    keys: dict[tuple[int, int], Mapping[str, str]] = field(default_factory=dict)
    """(sequence, part) → partition keys from the function's metadata."""


def event(settings: Settings, region: str, invocation_id: str, batch: Sequence[Record]) -> bytes:
    """Return the payload of one invocation: members and order as seen for Direct PUT."""
    encode = binascii.b2a_base64
    head = {"invocationId": invocation_id, "deliveryStreamArn": settings.arn, "region": region}
    # Written out, because a dict for each record costs more than everything else; base64 and ids need no escaping.
    records = [
        b'{"recordId":"%b","approximateArrivalTimestamp":%d,"data":"%b"}'
        % (record.id.encode(), record.arrival, encode(record.data, newline=False))
        for record in batch
    ]
    return orjson.dumps(head)[:-1] + b',"records":[' + b",".join(records) + b"]}"


def read(payload: bytes, batch: Sequence[Record]) -> Processed:
    """Match the function's answer to the batch by record id; raises WholeBatchFailed."""
    answers, duplicated = _by_id(_returned(payload))
    processed = Processed()
    for record in batch:
        record_id = record.id
        answer = answers.get(record_id)
        if answer is None:
            processed.failed.append((record, "Lambda.MissingRecordId", MISSING_ID))
        elif record_id in duplicated:
            processed.failed.append((record, "Lambda.DuplicatedRecordId", DUPLICATED_ID))
        else:
            _sort(record, answer, processed)
    return processed


def _returned(payload: bytes) -> Iterable[Any]:
    if len(payload) > MAX_RESPONSE_BYTES:
        raise WholeBatchFailed("Lambda.FunctionError", FUNCTION_ERROR, again=True)
    try:
        answer = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise WholeBatchFailed("Lambda.JsonProcessingException", UNPARSABLE, again=False) from None
    if not isinstance(answer, dict):
        raise _malformed()
    returned = answer.get("records")
    if returned is None:
        return []
    if not isinstance(returned, list):
        raise _malformed()
    return returned


def _by_id(returned: Iterable[Any]) -> tuple[dict[str, Mapping[str, Any]], set[str]]:
    answers: dict[str, Mapping[str, Any]] = {}
    duplicated: set[str] = set()
    for answer in returned:
        if not isinstance(answer, dict) or answer.get("result") not in _RESULTS:
            raise _malformed()
        record_id = answer.get("recordId")
        if not isinstance(record_id, str):
            continue
        if record_id in answers:
            duplicated.add(record_id)
        answers[record_id] = answer
    return answers, duplicated


def _sort(record: Record, answer: Mapping[str, Any], processed: Processed) -> None:
    if answer["result"] == "Dropped":
        processed.dropped.append(record)
    elif answer["result"] == "ProcessingFailed":
        status = "ProcessingFailed status set for record"
        processed.failed.append((record, "Lambda.ProcessingFailedStatus", status))
    elif (data := answer.get("data")) is None:
        processed.failed.append((record, "Lambda.InvalidReturnFormat", NO_DATA))
    else:
        sequence, arrival, _, part, partition = record
        processed.ok.append(Record(sequence, arrival, _decoded(data), part, partition))
        if keys := (answer.get("metadata") or {}).get("partitionKeys"):
            processed.keys[record.sequence, record.part] = keys


def _decoded(data: Any) -> bytes:
    try:
        return binascii.a2b_base64(data, strict_mode=bool(data))
    except (binascii.Error, TypeError, ValueError):
        raise _malformed() from None


def _malformed() -> WholeBatchFailed:
    return WholeBatchFailed("Lambda.FunctionError", CHECK_YOUR_FUNCTION, again=False)


def error_context(transform: Transform) -> dict[str, Any]:
    """Return what an error document says of the function: `lambdaARN`, not the documented `lambdaArn`."""
    return {"lambdaARN": transform.function_arn}
