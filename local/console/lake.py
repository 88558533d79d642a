"""The bucket: prefixes as a tree, objects, and what is inside a Parquet object, read no further than needed."""

import io
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from local.console.screen import safe

PAGE = 200
"""Keys of one listing on the screen."""

ROWS = 50
"""Rows of a preview."""

CELL = 300

HOURS = 2
"""Newest prefixes that are listed whole."""

WHOLE_SECONDS = 60.0
BLOCK = 128 * 1024


@dataclass(frozen=True)
class Object:
    """One object of a listing."""

    key: str
    size: int
    modified: datetime
    etag: str

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


@dataclass(frozen=True)
class Listing:
    """One level of the tree."""

    prefix: str
    prefixes: list[str]
    objects: list[Object]
    more: bool


@dataclass(frozen=True)
class Column:
    """One column of an object beside the table's: a type is empty where it is missing."""

    name: str
    in_object: str
    in_table: str

    @property
    def agrees(self) -> bool:
        return self.in_object == self.in_table


@dataclass(frozen=True)
class Preview:
    """The head of a Parquet object."""

    rows: int
    row_groups: int
    created_by: str
    columns: list[Column]
    head: list[dict[str, str]]


def browse(s3: Any, bucket: str, prefix: str) -> Listing:
    """Return one level under the prefix: newest hours and objects first. Blocks; raises ClientError."""
    answer = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter="/", MaxKeys=1000)
    objects = [_object(each) for each in answer.get("Contents", []) if each["Key"] != prefix]
    return Listing(
        prefix,
        sorted((each["Prefix"] for each in answer.get("CommonPrefixes", [])), reverse=True),
        sorted(objects, key=lambda each: each.modified, reverse=True)[:PAGE],
        bool(answer.get("IsTruncated")) or len(objects) > PAGE,
    )


@dataclass
class Watch:
    """The newest objects below a prefix. Keys are in order of time, so mostly only what follows the last is listed.

    A delivery that was held up lands under an older key: hence a whole listing of the last hours now and then.
    """

    _found: dict[str, Object] = field(default_factory=dict)
    _whole_at: float = float("-inf")

    def newest(self, s3: Any, bucket: str, prefix: str, now: float, limit: int = 40) -> list[Object]:
        """Return the newest objects at `now` (monotonic seconds). Blocks; raises ClientError."""
        if now - self._whole_at >= WHOLE_SECONDS:
            self._whole_at = now
            folders = browse(s3, bucket, prefix).prefixes[:HOURS] or [prefix]
            fresh = [each for folder in folders for each in _all(s3, bucket, folder)]
            self._found.clear()
        else:
            fresh = _all(s3, bucket, prefix, after=max(self._found, default=""))
        self._found |= {each.key: each for each in fresh}
        newest = sorted(self._found.values(), key=lambda each: each.modified, reverse=True)[:limit]
        last = max(self._found, default="")
        self._found = {each.key: each for each in newest} | ({last: self._found[last]} if last else {})
        return newest


def all_objects(s3: Any, bucket: str, prefix: str, limit: int = 1000) -> list[Object]:
    """Return objects under the prefix at any depth, newest first. Blocks; raises ClientError."""
    return sorted(_all(s3, bucket, prefix, limit), key=lambda each: each.modified, reverse=True)


def _all(s3: Any, bucket: str, prefix: str, limit: int = 4000, after: str = "") -> list[Object]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, StartAfter=after, PaginationConfig={"MaxItems": limit}
    )
    return [_object(each) for page in pages for each in page.get("Contents", [])]


def _object(found: dict[str, Any]) -> Object:
    return Object(found["Key"], found["Size"], found["LastModified"], found["ETag"])


@dataclass(frozen=True)
class Footer:
    """What a Parquet object says of itself at its end."""

    rows: int
    newest: datetime | None
    """The latest timestamp in any column, where the writer left statistics."""


@lru_cache(maxsize=4096)
def footer(s3: Any, bucket: str, key: str, _etag: str, length: int) -> Footer:
    """Return the footer of an object, read once. Blocks; raises ClientError and pyarrow's ArrowInvalid."""
    metadata = pq.read_metadata(pa.PythonFile(_Ranged(s3, bucket, key, length), mode="r"))
    return Footer(metadata.num_rows, _newest(metadata))


def _newest(metadata: Any) -> datetime | None:
    latest: list[datetime] = []
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            statistics = metadata.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max and isinstance(statistics.max, datetime):
                latest.append(statistics.max.replace(tzinfo=None))
    return max(latest, default=None)


def preview(s3: Any, bucket: str, key: str, length: int, table: list[tuple[str, str]]) -> Preview:
    """Return the head of a Parquet object and its schema beside the table's. Blocks; raises as `footer`."""
    parquet = pq.ParquetFile(pa.PythonFile(_Ranged(s3, bucket, key, length), mode="r"))
    batch = next(parquet.iter_batches(batch_size=ROWS), None)
    rows = batch.to_pylist() if batch is not None else []
    return Preview(
        rows=parquet.metadata.num_rows,
        row_groups=parquet.metadata.num_row_groups,
        created_by=parquet.metadata.created_by,
        columns=compare(parquet.schema_arrow, table),
        head=[{name: "" if value is None else safe(value, CELL) for name, value in row.items()} for row in rows],
    )


def compare(schema: pa.Schema, table: list[tuple[str, str]]) -> list[Column]:
    """Return the table's columns in order, then those that only the object has."""
    mine = {field.name.lower(): glue_type(field.type) for field in schema}
    columns = [Column(name, mine.pop(name.lower(), ""), declared) for name, declared in table]
    return columns + [Column(name, kind, "") for name, kind in mine.items()]


def glue_type(kind: pa.DataType) -> str:
    """Return an Arrow type as Glue would write it."""
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'{each.name}:{glue_type(each.type)}' for each in kind)}>"
    if pa.types.is_map(kind):
        return f"map<{glue_type(kind.key_type)},{glue_type(kind.item_type)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{glue_type(kind.value_type)}>"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return _PLAIN.get(str(kind), str(kind))


_PLAIN = {
    "string": "string", "large_string": "string", "int64": "bigint", "int32": "int", "int16": "smallint",
    "int8": "tinyint", "double": "double", "float": "float", "bool": "boolean", "date32[day]": "date",
    "binary": "binary",
}  # fmt: skip


class _Ranged(io.RawIOBase):
    """An object as a file: every read fetches a range, small ones out of a block already fetched."""

    def __init__(self, s3: Any, bucket: str, key: str, length: int) -> None:
        super().__init__()
        self._s3, self._bucket, self._key, self._length = s3, bucket, key, length
        self._at = 0
        self._kept: tuple[int, bytes] = (0, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        return self._at

    def read(self, count: int | None = -1) -> bytes:
        end = self._length if count is None or count < 0 else min(self._at + count, self._length)
        start, kept = self._kept
        if not start <= self._at <= end <= start + len(kept):
            # Parquet is read from its end: the block before `end` holds what is asked for next.
            start = max(0, min(self._at, end - BLOCK))
            kept = self._fetch(start, end)
            self._kept = (start, kept)
        wanted = kept[self._at - start : end - start]
        self._at = end
        return wanted

    def _fetch(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        answer = self._s3.get_object(Bucket=self._bucket, Key=self._key, Range=f"bytes={start}-{end - 1}")
        return bytes(answer["Body"].read())
