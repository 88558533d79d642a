"""OpenXJsonSerDe: how Firehose reads JSON by default.

Coercions as probed on AWS (floci-io/floci#3333, #3521, 2026-09); where those are silent, as the source of
rcongiu/Hive-JSON-Serde does, except that a number which does not fit is an error and never another number.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from local.firehose.serde import (
    JSON_OBJECT,
    NANOS,
    PLAIN_SPACED,
    TIMESTAMP_FORMAT,
    LowerCase,
    Mismatch,
    Reader,
    SerDe,
    case_folded,
    fraction,
    in_range,
    iso_seconds,
    java_class,
    java_text,
    valueof_nanos,
    wrapped,
)

_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?", re.ASCII)
_PLAIN_ISO = r"^(?:19|20)\d{2}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$"
"""Of the years that no column of nanoseconds wraps."""
_EPOCH = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_MILLISECONDS_FROM = 10**12


class OpenX(SerDe):
    """One stream's OpenXJsonSerDe."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._fold = options.get("CaseInsensitive", True)
        self._dots = options.get("ConvertDotsInJsonKeysToUnderscores", False)
        self._keys = case_folded(options.get("ColumnToJsonKeyMappings") or {}, fold=self._fold)
        self._lowered: Callable[[dict[str, Any]], dict[str, Any]] = LowerCase() if self._fold else _same

    @property
    def plain_timestamps(self) -> str:
        return f"{_PLAIN_ISO}|{PLAIN_SPACED}"

    def integer(self, value: Any, bits: int) -> int:
        if type(value) is int:
            return in_range(value, bits, value)
        if isinstance(value, str):
            return _parsed_integer(value, bits)
        if isinstance(value, float) and value.is_integer():
            return in_range(int(value), bits, value)
        raise Mismatch(_not_a_number(value, "java.lang.Long"))

    def double(self, value: Any) -> float:
        if type(value) is float:
            return value
        if type(value) is int:
            return float(value)
        try:
            if isinstance(value, str) and "_" not in value:
                return float(value)
        except ValueError:
            pass
        raise Mismatch(_not_a_number(value, "java.lang.Double"))

    def boolean(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value.lower() == "true"
        raise Mismatch(f"{java_class(value)} cannot be cast to java.lang.Boolean")

    def timestamp(self, value: Any) -> int:
        if isinstance(value, str):
            if found := _ISO.fullmatch(value):
                return wrapped(iso_seconds(found[1]) * NANOS + fraction(found[2]))
            return _epoch_nanos(Decimal(value)) if _EPOCH.fullmatch(value) else valueof_nanos(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return _epoch_nanos(Decimal(repr(value)))
        raise Mismatch(TIMESTAMP_FORMAT)

    def text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, (dict, list)):
            return orjson.dumps(_folded(value) if self._fold else value).decode()
        return java_text(value)

    def array(self, element: Reader) -> Reader:
        def read(value: Any) -> Any:
            if isinstance(value, list):
                return [element(each) for each in value]
            return None if value == "" else [element(value)]

        return read

    def map(self, key: Reader, value: Reader) -> Reader:
        def read(members: Any) -> Any:
            if isinstance(members, dict):
                return [(key(name), value(member)) for name, member in self._lowered(members).items()]
            if isinstance(members, str) and not members.strip():
                return None
            raise Mismatch(f"{java_class(members)} cannot be cast to {JSON_OBJECT}")

        return read

    def struct(self, members: Sequence[tuple[str, Reader]]) -> Reader:
        by_name = self.row(members)
        readers = [reader for _, reader in members]

        def read(value: Any) -> Any:
            if isinstance(value, dict):
                return by_name(value)
            if isinstance(value, list):
                return _by_position(readers, value) if value else None
            if isinstance(value, str) and not value.strip():
                return None
            raise Mismatch(f"Data is not JSONObject  but {java_class(value)} with value {java_text(value)}")

        return read

    def key(self, column: str) -> str:
        return self._keys.get(column, column)

    def normal(self, document: dict[str, Any]) -> dict[str, Any]:
        return self._lowered({**_underscored(document), **document} if self._dots else document)


def _same(value: dict[str, Any]) -> dict[str, Any]:
    return value


def _underscored(document: dict[str, Any]) -> dict[str, Any]:
    return {key.replace(".", "_"): value for key, value in document.items()}


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _folded(member) for key, member in value.items()}
    return [_folded(each) for each in value] if isinstance(value, list) else value


def _by_position(readers: list[Reader], values: list[Any]) -> tuple[Any, ...]:
    padded = [*values, *[None] * len(readers)]
    return tuple(None if value is None else reader(value) for reader, value in zip(readers, padded, strict=False))


def _parsed_integer(text: str, bits: int) -> int:
    base = 16 if text[:2].lower() == "0x" else 10
    try:
        number = int(text, base)
    except ValueError:
        raise Mismatch(f'For input string: "{text}"') from None
    if "_" in text or text != text.strip():  # Python's liberties
        raise Mismatch(f'For input string: "{text}"')
    return in_range(number, bits, text)


def _not_a_number(value: Any, wanted: str) -> str:
    if isinstance(value, (str, float)):
        return f'For input string: "{java_text(value)}"'
    return f"{java_class(value)} cannot be cast to {wanted}"


def _epoch_nanos(number: Decimal) -> int:
    """Tell seconds from milliseconds by size: below 10^12 it is seconds."""
    unit = NANOS if abs(number) < _MILLISECONDS_FROM else NANOS // 1000
    return wrapped(int(number * unit))
