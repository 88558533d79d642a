"""Error documents: what Firehose could not transform or convert, why, in words, and sending it again.

One JSON document per record; whether a newline parts them is not promised, and the names changed over the years, so
they are read by name and both spellings are known (floci-io/floci#3393, 2026-09-10; Developer Guide,
record-format-conversion).
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.clients import ClientError
from local.console.screen import documents, safe

BATCH_RECORDS = 500
BATCH_BYTES = 4 * 2**20
"""https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html"""

WORDS = {
    "Lambda.ProcessingFailedStatus": "The transform function itself said that it could not process this record.",
    "Lambda.FunctionError": "The transform function failed or timed out, and so did every retry; the record is raw.",
    "Lambda.MissingRecordId": "The transform function answered without this record.",
    "Lambda.DuplicatedRecordId": "The transform function answered twice for this record.",
    "Lambda.InvalidReturnFormat": "The transform function answered in a form that Firehose does not take.",
    "Lambda.InvokeAccessDenied": "The delivery role may not invoke the transform function.",
    "Lambda.InvokeLimitExceeded": "The transform function was throttled, also when tried again.",
    "DataFormatConversion.ParseError": "The record is not JSON, so no row could be made of it.",
    "DataFormatConversion.MalformedData": "A value does not fit the type of its column in the Glue table.",
    "DataFormatConversion.EntityNotFound": "The Glue table or database was not there when the record was converted.",
}


@dataclass(frozen=True)
class Failure:
    """One failed record. `raw` is what the producer sent; it never goes to the screen as it is."""

    key: str
    line: int
    code: str
    message: str
    attempts: int
    arrived: datetime | None
    raw: bytes
    shown: list[str]
    """The record's documents, masked and fit for the screen."""

    @property
    def words(self) -> str:
        return WORDS.get(self.code, "Firehose could not deliver this record.")


def decode(key: str, body: bytes) -> list[Failure]:
    """Return the failed records of one error object."""
    return [_failure(key, line, each) for line, each in enumerate(_documents(body.decode("utf-8", "replace")))]


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            document, at = decoder.raw_decode(text, at)
        except ValueError:
            yield {"errorCode": "", "errorMessage": "this part of the object is no error document", "rawData": ""}
            return
        if isinstance(document, dict):
            yield document


def _failure(key: str, line: int, found: dict[str, Any]) -> Failure:
    def first(*names: str) -> str:
        return next((str(found[name]) for name in names if found.get(name) is not None), "")

    raw = _raw(first("rawData"))
    return Failure(
        key=key,
        line=line,
        code=safe(first("errorCode", "lastErrorCode", "ErrorCode")),
        message=safe(first("errorMessage", "lastErrorMessage", "ErrorMessage"), 500),
        attempts=_whole(first("attemptsMade")),
        arrived=_moment(_whole(first("arrivalTimestamp"))),
        raw=raw,
        shown=documents(raw),
    )


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return text.encode()


def send_again(firehose: Any, stream: str, failures: list[Failure]) -> list[Failure]:
    """Put the records again; return those that were not accepted. Blocks; raises ClientError if a whole call fails."""
    refused: list[Failure] = []
    for batch in _batches(failures):
        answer = firehose.put_record_batch(
            DeliveryStreamName=stream, Records=[{"Data": failure.raw} for failure in batch]
        )
        refused += [
            failure
            for failure, response in zip(batch, answer["RequestResponses"], strict=True)
            if "ErrorCode" in response
        ]
    return refused


def _batches(failures: list[Failure]) -> Iterator[list[Failure]]:
    batch: list[Failure] = []
    held = 0
    for failure in failures:
        if batch and (len(batch) == BATCH_RECORDS or held + len(failure.raw) > BATCH_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(failure)
        held += len(failure.raw)
    if batch:
        yield batch


def denied(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
