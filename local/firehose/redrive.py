"""Puts failed records back: reads the error objects of a delivery stream, decodes them, sends them again.

Plain boto3, so that it works against AWS as it does here. A ledger remembers what was acknowledged: a second run
sends nothing twice. What fails again lands in a new error object, which a later run takes up.
"""

import base64
import binascii
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from local.errors import UsageError
from local.firehose.ledger import Ledger
from local.firehose.limits import MAX_BATCH_BYTES, MAX_BATCH_RECORDS
from local.firehose.prefix import CONVERSION_FAILED, DECOMPRESSION_FAILED, PROCESSING_FAILED

ERROR_TYPES = (PROCESSING_FAILED, CONVERSION_FAILED, DECOMPRESSION_FAILED)
ATTEMPTS = 8
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 10.0
_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()
_EXPRESSION = "!{"
_TYPE_EXPRESSION = "!{firehose:error-output-type}"

ClientOf = Callable[[str], Any]
"""From a service's name (`firehose`, `s3`) to a boto3 client."""


class Document(NamedTuple):
    """One failed record, as an error object tells of it."""

    object: str
    """`s3://bucket/key`, which is never written twice."""
    place: int
    """Which document of the object, from 0."""
    error: str
    """`Lambda.FunctionError: …`"""
    data: bytes


@dataclass(slots=True)
class Report:
    """What a redrive did, or would do."""

    objects: int = 0
    documents: int = 0
    already_sent: int = 0
    sent: int = 0
    failed: int = 0
    """Refused by the stream to the end; the next run tries them again."""
    unreadable: list[str] = field(default_factory=list)
    """Objects that hold something other than error documents, and why."""
    by_error: Counter[str] = field(default_factory=Counter)
    """How many documents there are of each error code."""


def redrive(
    client: ClientOf,
    stream: str,
    types: Sequence[str] | None,
    dry_run: bool,  # noqa: FBT001 - a switch of the command line
    ledger_path: Path,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Send the records of a stream's error objects again; with `dry_run` only count them.

    `types` are error output types; None means all. Raises UsageError.
    """
    wanted = tuple(types or ERROR_TYPES)
    if unknown := set(wanted) - set(ERROR_TYPES):
        raise UsageError(f"there is no error type {', '.join(sorted(unknown))}: choose from {', '.join(ERROR_TYPES)}")
    bucket, error_prefix = _error_output(client("firehose"), stream)
    with Ledger(ledger_path, read_only=dry_run) as ledger:
        run = _Run(client, _Location(bucket, error_prefix, stream), ledger, sleep)
        for batch in _batches(run.fresh(wanted)):
            if not dry_run:
                run.send(batch)
        return run.report


@dataclass(frozen=True, slots=True)
class _Location:
    """Where a stream's error objects are."""

    bucket: str
    prefix: str
    """ErrorOutputPrefix, unevaluated."""
    stream: str

    def listed(self, error_type: str) -> str:
        """Return the part of the keys that is known beforehand."""
        if not self.prefix:
            return f"{error_type}/"
        if _EXPRESSION not in self.prefix:
            return f"{self.prefix}{error_type}/"
        return self.prefix.replace(_TYPE_EXPRESSION, error_type).partition(_EXPRESSION)[0]

    def holds(self, key: str, error_type: str) -> bool:
        return error_type in key and f"{self.stream}-" in key.rpartition("/")[2]


def _error_output(firehose: Any, stream: str) -> tuple[str, str]:
    try:
        found = firehose.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
    except firehose.exceptions.ResourceNotFoundException:
        raise UsageError(f"there is no delivery stream '{stream}' in this account and region") from None
    destination = found["Destinations"][0].get("ExtendedS3DestinationDescription")
    if destination is None:
        raise UsageError(f"delivery stream '{stream}' does not deliver to S3: it has no error objects to read")
    return destination["BucketARN"].rpartition(":")[2], destination.get("ErrorOutputPrefix", "")


@dataclass(slots=True)
class _Run:
    """One redrive under way."""

    client: ClientOf
    location: _Location
    ledger: Ledger
    sleep: Callable[[float], None]
    report: Report = field(default_factory=Report)

    def fresh(self, types: Sequence[str]) -> Iterator[Document]:
        """Yield the documents that were not sent before."""
        s3, bucket = self.client("s3"), self.location.bucket
        for key in self._keys(s3, types):
            self.report.objects += 1
            name = f"s3://{bucket}/{key}"
            try:
                documents = list(_documents(name, s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
            except (ValueError, KeyError, TypeError, AttributeError) as reason:
                self.report.unreadable.append(f"{name}: {type(reason).__name__}")
                continue
            yield from filter(self._is_fresh, documents)

    def send(self, batch: list[Document]) -> None:
        """Put the batch, then what of it failed, until nothing is left or patience ends."""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.sleep(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**attempt))
            records = [{"Data": document.data} for document in batch]
            answer = self.client("firehose").put_record_batch(DeliveryStreamName=self.location.stream, Records=records)
            outcomes = list(zip(batch, answer["RequestResponses"], strict=True))
            sent = [document for document, outcome in outcomes if "RecordId" in outcome]
            self.ledger.note((document.object, document.place) for document in sent)
            self.report.sent += len(sent)
            batch = [document for document, outcome in outcomes if "RecordId" not in outcome]
            if not batch:
                return
        self.report.failed += len(batch)

    def _is_fresh(self, document: Document) -> bool:
        self.report.documents += 1
        self.report.by_error[document.error] += 1
        known = self.ledger.holds(document.object, document.place)
        self.report.already_sent += known
        return not known

    def _keys(self, s3: Any, types: Sequence[str]) -> Iterator[str]:
        seen: set[str] = set()
        pages = s3.get_paginator("list_objects_v2")
        for error_type in types:
            for page in pages.paginate(Bucket=self.location.bucket, Prefix=self.location.listed(error_type)):
                for listed in page.get("Contents", []):
                    if listed["Key"] not in seen and self.location.holds(listed["Key"], error_type):
                        seen.add(listed["Key"])
                        yield listed["Key"]


def _documents(name: str, body: bytes) -> Iterator[Document]:
    """Read error documents on lines of their own or glued; both spellings of the members are known."""
    text = body.decode()
    at, place = _skip_space(text, 0), 0
    while at < len(text):
        document, end = _DECODER.raw_decode(text, at)
        at = _skip_space(text, end)
        code = document.get("errorCode") or document.get("lastErrorCode") or document.get("ErrorCode") or "unknown"
        try:
            data = base64.b64decode(document["rawData"], validate=True)
        except binascii.Error:
            raise ValueError("rawData is not base64") from None
        yield Document(name, place, str(code), data)
        place += 1


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        if batch and (len(batch) == MAX_BATCH_RECORDS or size + len(document.data) > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.data)
    if batch:
        yield batch
