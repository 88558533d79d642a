"""What happens to records before the transform: decompression, log extraction, de-aggregation."""

import base64
import gzip
import zlib
from collections.abc import Iterable
from typing import Any

import orjson

from local.firehose import documents
from local.firehose.documents import NotDocuments
from local.firehose.records import Failure, Record
from local.firehose.settings import Deaggregation, Settings

MAX_SUB_RECORDS = 500
"""Above this many, a record goes on undivided."""
DECOMPRESSION_CODE = "Decompression failed."
DECOMPRESSION_MESSAGE = "The record could not be decompressed: it is not GZIP data."


def needed(settings: Settings) -> bool:
    return settings.decompression or settings.deaggregation is not None


def prepare(settings: Settings, records: Iterable[Record], now_ms: int) -> tuple[list[Record], list[Failure]]:
    """Return the records that go on, sub-records numbered by `part`, and those that cannot be decompressed."""
    ready: list[Record] = []
    failures: list[Failure] = []
    for record in records:
        try:
            plain = _decompressed(settings, record)
        except (OSError, EOFError, zlib.error):
            message = DECOMPRESSION_MESSAGE
            failures.append(Failure(record, DECOMPRESSION_CODE, message, 1, now_ms, {}))
            continue
        ready += _divided(settings.deaggregation, plain)
    return ready, failures


def _decompressed(settings: Settings, record: Record) -> Record:
    if not settings.decompression:
        return record
    data = gzip.decompress(record.data)
    return record._replace(data=_messages(data) if settings.log_messages_only else data)


def _messages(data: bytes) -> bytes:
    """Return the messages of a CloudWatch Logs batch, each with a line feed; of a control message, nothing."""
    try:
        batch: Any = orjson.loads(data)
        if batch["messageType"] == "CONTROL_MESSAGE":
            return b""
        return b"".join(event["message"].encode() + b"\n" for event in batch["logEvents"])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return data


def _divided(how: Deaggregation | None, record: Record) -> list[Record]:
    if how is None:
        return [record]
    pieces = _pieces(how, record.data)
    if not 1 < len(pieces) <= MAX_SUB_RECORDS:
        return [record]
    return [record._replace(data=piece, part=part) for part, piece in enumerate(pieces)]


def _pieces(how: Deaggregation, data: bytes) -> list[bytes]:
    if how.kind == "DELIMITED":
        return [piece for piece in data.split(base64.b64decode(how.delimiter)) if piece]
    try:
        return documents.slices(data)
    except NotDocuments:
        return [data]
