"""How queries reach the objects of a bucket: listed by key, read from disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class StoredObject(NamedTuple):
    """One object as ListObjectsV2 has it; `last_modified` in epoch seconds."""

    key: str
    size: int
    etag: str
    last_modified: float


class ObjectStore(Protocol):
    """Where the emulator keeps objects. Both methods block."""

    def list(self, bucket: str, prefix: str) -> list[StoredObject]:
        """Return the objects whose keys begin with `prefix`, in key order; none if there is no such bucket."""

    def path(self, bucket: str, key: str) -> Path:
        """Return the file that holds an object, whether it exists or not."""


class Bucket:
    """Lists through the S3 API, where deletions and versions are known, and reads where the emulator keeps files."""

    def __init__(self, s3: Any, path: Callable[[str, str], Path]) -> None:
        self._s3 = s3
        self.path = path

    def list(self, bucket: str, prefix: str) -> list[StoredObject]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            return [
                StoredObject(each["Key"], each["Size"], each["ETag"], each["LastModified"].timestamp())
                for page in pages
                for each in page.get("Contents", [])
            ]
        except self._s3.exceptions.NoSuchBucket:
            return []


def split_location(location: str) -> tuple[str, str]:
    """Return bucket and key of `s3://bucket/key`; raises ValueError for anything else."""
    scheme, found, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if not found or scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise ValueError(f"{location!r} is not an S3 location: write s3://bucket/prefix/")
    return bucket, key
