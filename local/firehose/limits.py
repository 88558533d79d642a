"""What a put may be: limits, their messages, and the quotas of a region.

Messages as seen on the wire (osquery/osquery#3568, boto/boto3#2804); limits:
https://docs.aws.amazon.com/firehose/latest/dev/limits.html
"""

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.errors import AwsError
from local.firehose import model

MAX_RECORD_BYTES = 1_024_000
MAX_BATCH_RECORDS = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024
_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_MAX_NAME = 64
_BIG_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})


def stream_name(parameters: Mapping[str, Any]) -> str:
    """Return the request's DeliveryStreamName; raises AwsError ValidationException."""
    name = parameters.get("DeliveryStreamName")
    if name is None:
        model.fail([model.violation("deliveryStreamName", "not be null")])
    text = str(name)
    violations = []
    if len(text) > _MAX_NAME:
        violations.append("have length less than or equal to 64")
    if not text:
        violations.append("have length greater than or equal to 1")
    if not _NAME.fullmatch(text):
        violations.append("satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
    model.fail([model.violation("deliveryStreamName", each, text) for each in violations])
    return text


def record_data(parameters: Mapping[str, Any]) -> bytes:
    """Return the bytes of a PutRecord; raises AwsError."""
    record = parameters.get("Record")
    if record is None:
        model.fail([model.violation("record", "not be null")])
    data, violation = _data(record, "record.data")
    model.fail([violation] if violation else [])
    return data


def batch_data(parameters: Mapping[str, Any]) -> list[bytes]:
    """Return the bytes of each record of a PutRecordBatch; raises AwsError: nothing of it is written."""
    records = parameters.get("Records")
    if records is None:
        model.fail([model.violation("records", "not be null")])
    if not isinstance(records, list):
        raise AwsError("SerializationException", "Records is not a list")
    _check_count(records)
    found = [_data(record, "records.{}.member.data", place) for place, record in enumerate(records, 1)]
    model.fail([violation for _, violation in found if violation])
    batch = [data for data, _ in found]
    if sum(map(len, batch)) > MAX_BATCH_BYTES:
        raise AwsError("InvalidArgumentException", "Records size exceeds 4 MB limit")
    return batch


def _check_count(records: Sequence[Any]) -> None:
    if not records:
        model.fail([model.violation("records", "have length greater than or equal to 1", "[]")])
    if len(records) > MAX_BATCH_RECORDS:
        shown = "[com.amazonaws.firehose.Record, …]"
        limit = f"have length less than or equal to {MAX_BATCH_RECORDS}"
        model.fail([model.violation("records", limit, shown)])


def _data(record: Any, path: str, place: int = 0) -> tuple[bytes, str]:
    """Return a record's bytes, and what is wrong with them if anything is."""
    encoded = record.get("Data") if isinstance(record, dict) else None
    if encoded is None:
        return b"", model.violation(path.format(place), "not be null")
    try:
        data = binascii.a2b_base64(encoded, strict_mode=bool(encoded))
    except (binascii.Error, TypeError, ValueError) as reason:
        raise AwsError("SerializationException", f"Data is not base64: {reason}") from None
    if len(data) <= MAX_RECORD_BYTES:
        return data, ""
    shown = f"java.nio.HeapByteBuffer[pos=0 lim={len(data)} cap={len(data)}]"
    limit = f"have length less than or equal to {MAX_RECORD_BYTES}"
    return data, model.violation(path.format(place), limit, shown)


@dataclass(frozen=True, slots=True)
class Quota:
    """What one stream may take in a second, and how many streams there may be."""

    records: float
    requests: float
    bytes: float
    streams: int = 5_000


def quota_of(region: str) -> Quota:
    """Return a region's default quota for Direct PUT."""
    if region in _BIG_REGIONS:
        return Quota(records=500_000, requests=2_000, bytes=5 * 1024 * 1024)
    return Quota(records=100_000, requests=1_000, bytes=1024 * 1024, streams=500)


@dataclass(slots=True)
class Throttle:
    """One stream's three token buckets of one second each; how AWS's fill is not published."""

    quota: Quota
    _at: float = 0.0
    _left: dict[str, float] = field(default_factory=dict)

    def admit(self, sizes: Sequence[int], now: float) -> list[bool]:
        """Say for each record of one request whether it gets in."""
        self._refill(now)
        if self._left["requests"] < 1:
            return [False] * len(sizes)
        self._left["requests"] -= 1
        return [self._admit_one(size) for size in sizes]

    def _admit_one(self, size: int) -> bool:
        if self._left["records"] < 1 or self._left["bytes"] < size:
            return False
        self._left["records"] -= 1
        self._left["bytes"] -= size
        return True

    def _refill(self, now: float) -> None:
        elapsed = now - self._at if self._left else 1.0
        self._at = now
        for name in ("records", "requests", "bytes"):
            each = getattr(self.quota, name)
            self._left[name] = min(each, self._left.get(name, 0.0) + elapsed * each)
