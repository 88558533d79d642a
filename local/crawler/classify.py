"""What a crawler takes an object for: Parquet, or JSON documents one after the other. Pure.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html (built-in classifiers); which types columns of JSON get:
whole numbers are int, or bigint when they do not fit; what is of several types is a string.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.athena import hive
from local.crawler.infer import Columns, wider

_GZIP = b"\x1f\x8b"
_LEAST_INT, _MOST_INT = -(2**31), 2**31 - 1
_TEXT = "TEXTFILE"
_JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"


@dataclass(frozen=True)
class Format:
    """How the objects of a table are written."""

    classification: str
    compression: str = "none"

    def parameters(self) -> dict[str, str]:
        return {"classification": self.classification, "compressionType": self.compression, "typeOfData": "file"}

    def storage(self, columns: Columns) -> dict[str, Any]:
        """Return the formats and the SerDe of a StorageDescriptor."""
        if self.classification == "parquet":
            return hive.storage("PARQUET")
        paths = ",".join(sorted(column["Name"] for column in columns))
        return hive.storage(_TEXT) | {
            "SerdeInfo": {"SerializationLibrary": _JSON_SERDE, "Parameters": {"paths": paths}},
            "Compressed": self.compression != "none",
        }


PARQUET = Format("parquet")


@dataclass(frozen=True)
class Sample:
    """What an object tells of its table."""

    format: Format
    columns: Columns


def json_sample(head: bytes) -> Sample | None:
    """Classify an object by its beginning: None unless that is JSON documents."""
    packed = head.startswith(_GZIP)
    try:
        text = zlib.decompressobj(wbits=31).decompress(head) if packed else head
        columns = _columns(_documents(text.decode("utf-8", "ignore")))
    except (zlib.error, ValueError):
        return None
    return Sample(Format("json", "gzip" if packed else "none"), columns) if columns else None


def _documents(text: str) -> Iterable[Mapping[str, Any]]:
    """Yield the documents of a text that may be cut; raises ValueError if there is something else in it."""
    decoder, position, found = json.JSONDecoder(), 0, 0
    while (position := _next(text, position)) < len(text):
        try:
            document, position = decoder.raw_decode(text, position)
        except ValueError:
            if found:
                return  # the last one may be cut
            raise
        if not isinstance(document, dict):
            raise ValueError(f"{type(document).__name__} is no document")  # noqa: TRY004 - as any other text that is none
        found += 1
        yield document


def _next(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _columns(documents: Iterable[Mapping[str, Any]]) -> Columns:
    types: dict[str, str | None] = {}
    for document in documents:
        for name, value in document.items():
            types[name.lower()] = _both(types.get(name.lower()), _type(value))
    return [{"Name": name, "Type": kind or "string"} for name, kind in types.items()]


def _both(one: str | None, other: str | None) -> str | None:
    if one is None or other is None or one == other:
        return one or other
    return wider(one, other) or "string"


def _type(value: Any) -> str | None:
    """Return a Glue type, None for what tells nothing."""
    if isinstance(value, dict):
        inner = ",".join(f"{name.lower()}:{_type(each) or 'string'}" for name, each in value.items())
        return f"struct<{inner}>" if value else None
    if isinstance(value, list):
        kinds: str | None = None
        for each in value:
            kinds = _both(kinds, _type(each))
        return f"array<{kinds or 'string'}>"
    if type(value) is int:
        return "int" if _LEAST_INT <= value <= _MOST_INT else "bigint"
    return None if value is None else _SCALARS[type(value)]


_SCALARS = {bool: "boolean", float: "double", str: "string"}
