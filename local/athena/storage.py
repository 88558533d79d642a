"""How queries reach the objects of a bucket: listed by key, read from disk."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote_plus


class StoredObject(NamedTuple):
    """One object as ListObjectsV2 has it; `last_modified` in epoch seconds."""

    key: str
    size: int
    etag: str
    last_modified: float


class ObjectStore(Protocol):
    """Where the emulator keeps objects. Both methods block."""

    def list(self, bucket: str, prefix: str, *, first: str = "", last: str = "") -> list[StoredObject]:
        """Return the objects whose keys begin with `prefix`, in key order; none if there is no such bucket.

        At least those from `first` to the last key that begins with `last` are returned, where these are given.
        """

    def path(self, bucket: str, key: str) -> Path:
        """Return the file that holds an object, whether it exists or not."""


class Bucket:
    """Lists through the S3 API, where deletions and versions are known, and reads where the emulator keeps files."""

    def __init__(self, s3: Any, path: Callable[[str, str], Path]) -> None:
        self._s3 = s3
        self._resolve = path
        self._roots: dict[str, str] = {}

    def list(self, bucket: str, prefix: str, *, first: str = "", last: str = "") -> list[StoredObject]:
        self._s3.meta.events.register("before-parse.s3.ListObjectsV2", _unparsed, unique_id="athena-listing")
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, StartAfter=first)
        found: list[StoredObject] = []
        try:
            for page in pages:
                found += [_stored(match) for match in _CONTENTS.finditer(page["Unparsed"])]
                if last and found and found[-1].key[: len(last)] > last:
                    break
        except self._s3.exceptions.NoSuchBucket:
            return []
        return found

    def path(self, bucket: str, key: str) -> Path:
        """Ask the emulator once a bucket, and the disk for the rest: most objects lie under their own key."""
        if (root := self._roots.get(bucket)) is not None and _is_plain(key):
            likely = f"{root}{key}"
            if os.path.isfile(likely):  # noqa: PTH113 - a Path each is what takes the time here
                return Path(likely)
        found = self._resolve(bucket, key)
        if str(found).endswith(f"/{key}"):
            self._roots[bucket] = str(found)[: -len(key)]
        return found


def _is_plain(key: str) -> bool:
    return not {"", ".", ".."}.intersection(key.split("/"))


_CONTENTS = re.compile(r"<Contents>(.*?)</Contents>", re.DOTALL)
_MEMBER = re.compile(r"<(Key|Size|ETag|LastModified)>(.*?)</\1>", re.DOTALL)


def _unparsed(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Keep the objects from botocore, which takes 60 microseconds for each: a table may have ten thousand."""
    if response_dict["status_code"] != 200:  # noqa: PLR2004 - a refusal is botocore's to read
        return
    text = response_dict["body"].decode()
    customized_response_dict["Unparsed"] = text
    response_dict["body"] = _CONTENTS.sub("", text).encode()


def _stored(match: re.Match[str]) -> StoredObject:
    members = dict(_MEMBER.findall(match[1]))
    # The paginator asks for keys URL-encoded, because XML cannot hold every character of a key.
    key = unquote_plus(unescape(members["Key"]))
    modified = datetime.fromisoformat(members["LastModified"]).timestamp()
    return StoredObject(key, int(members["Size"]), unescape(members["ETag"]), modified)


def split_location(location: str) -> tuple[str, str]:
    """Return bucket and key of `s3://bucket/key`; raises ValueError for anything else."""
    scheme, found, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if not found or scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise ValueError(f"{location!r} is not an S3 location: write s3://bucket/prefix/")
    return bucket, key
