"""What lands in the bucket: bodies, their framing and headers, and the error documents."""

import base64
import gzip
import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from local.firehose.prefix import CONVERSION_FAILED
from local.firehose.records import Failure, Record
from local.firehose.settings import Schema

CONTENT_TYPE = "application/octet-stream"
_XERIAL_HEADER = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
_XERIAL_CHUNK = 32 * 1024
_HADOOP_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """How a format shows: what the key ends in, and the Content-Encoding header."""

    extension: str
    encoding: str


FORMS = {
    "UNCOMPRESSED": Form("", ""),
    "GZIP": Form(".gz", "gzip"),
    "ZIP": Form(".zip", "zip"),
    "Snappy": Form(".snappy", "snappy-java"),
    # The documentation says .hsnappy; the service was seen to write .snappy (floci-io/floci#2328, 2026-08).
    "HADOOP_SNAPPY": Form(".snappy", "hadoop-snappy"),
    "ParquetSerDe": Form(".parquet", "hadoop-snappy"),
    "OrcSerDe": Form(".orc", "hadoop-snappy"),
}


def concatenated(records: Iterable[Record], delimiter: bytes) -> bytes:
    """Join records as they are; without AppendDelimiterToRecord nothing comes between them."""
    return delimiter.join(record.data for record in records)


def compress(body: bytes, compression: str, entry_name: str) -> bytes:
    """Compress a body as CompressionFormat says; `entry_name` is the ZIP's only entry."""
    match compression:
        case "GZIP":
            return gzip.compress(body, compresslevel=6, mtime=0)
        case "ZIP":
            return _zipped(body, entry_name)
        case "Snappy":
            return _XERIAL_HEADER + b"".join(_chunk(each) for each in _pieces(body, _XERIAL_CHUNK))
        case "HADOOP_SNAPPY":
            return b"".join(struct.pack(">I", len(each)) + _chunk(each) for each in _pieces(body, _HADOOP_BLOCK))
    return body


def error_documents(kind: str, failures: Sequence[Failure]) -> bytes:
    """Return one JSON document a line, members in the order seen on AWS (floci-io/floci#3393, #3333)."""
    render = _conversion_failed if kind == CONVERSION_FAILED else _processing_failed
    return b"".join(orjson.dumps(render(failure)) + b"\n" for failure in failures)


def catalog_table(schema: Schema) -> dict[str, Any]:
    """Return what a conversion error says of the table."""
    return {
        "catalogId": schema.catalog_id,
        "databaseName": schema.database,
        "tableName": schema.table,
        "region": schema.region,
        "versionId": schema.version,
        "roleArn": schema.role_arn,
    }


def _processing_failed(failure: Failure) -> Mapping[str, Any]:
    return {
        "rawData": base64.b64encode(failure.record.data).decode(),
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptsMade": failure.attempts,
        "arrivalTimestamp": failure.record.arrival,
        "attemptEndingTimestamp": failure.ended,
        **failure.context,
    }


def _conversion_failed(failure: Failure) -> Mapping[str, Any]:
    return {
        "attemptsMade": failure.attempts,
        "arrivalTimestamp": failure.record.arrival,
        "lastErrorCode": failure.code,
        "lastErrorMessage": failure.message,
        "attemptEndingTimestamp": failure.ended,
        "rawData": base64.b64encode(failure.record.data).decode(),
        "sequenceNumber": failure.record.id,
        "subSequenceNumber": failure.record.part,
        **failure.context,
    }


def _zipped(body: bytes, entry_name: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(entry_name), body, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def _pieces(body: bytes, size: int) -> Iterable[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def _chunk(piece: bytes) -> bytes:
    packed: bytes = pa.Codec("snappy").compress(piece, asbytes=True)
    return struct.pack(">I", len(packed)) + packed
