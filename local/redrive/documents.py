"""Error documents: what Firehose writes of a record that it could not transform or convert.

One JSON document per record; whether a newline parts them is not promised, and the members' names changed over the
years, so they are read by name and every spelling is known (floci-io/floci#3393, 2026-09-10; Developer Guide,
record-format-conversion).
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Document:
    """One failed record, as an error object tells of it."""

    object: str
    """`s3://bucket/key`, which is never written twice."""
    place: int
    """Which document of the object, from 0."""
    of: int
    """How many documents the object holds."""
    code: str
    """`Lambda.FunctionError`"""
    message: str
    attempts: int
    arrived: int
    """Epoch milliseconds; 0 when the document does not say."""
    data: bytes
    """What the producer sent. It may hold a raw CPF."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What an error object holds."""

    documents: list[Document]
    unreadable: list[str]
    """What in it is no error document, and why."""


def read(name: str, body: bytes) -> Contents:
    """Return the documents of the error object `s3://bucket/key`."""
    found = list(_found(body))
    read_or_not = [_document(name, place, len(found), each) for place, each in enumerate(found)]
    return Contents(
        [each for each in read_or_not if isinstance(each, Document)],
        [each for each in read_or_not if isinstance(each, str)],
    )


def _found(body: bytes) -> Iterator[Any]:
    """Yield each JSON document, and at last None when something else follows."""
    text = body.decode("utf-8", "replace")
    at = _skip_space(text, 0)
    while at < len(text):
        try:
            document, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield None
            return
        yield document
        at = _skip_space(text, end)


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _document(name: str, place: int, of: int, found: Any) -> Document | str:
    where = f"{name}, document {place + 1}"
    if not isinstance(found, dict) or "rawData" not in found:
        return f"{where}: not an error document"
    try:
        data = base64.b64decode(found["rawData"], validate=True)
    except (ValueError, TypeError):
        return f"{where}: its rawData is not base64"
    return Document(
        object=name,
        place=place,
        of=of,
        code=_first(found, "errorCode", "lastErrorCode", "ErrorCode") or "unknown",
        message=_first(found, "errorMessage", "lastErrorMessage", "ErrorMessage"),
        attempts=_whole(found.get("attemptsMade")),
        arrived=_whole(found.get("arrivalTimestamp")),
        data=data,
    )


def _first(found: dict[str, Any], *names: str) -> str:
    return next((str(found[name]) for name in names if found.get(name)), "")


def _whole(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else 0
