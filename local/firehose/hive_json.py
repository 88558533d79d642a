"""HiveJsonSerDe, the stricter one: org.apache.hive.hcatalog.data.JsonSerDe.

Coercions as probed on AWS (floci-io/floci#3521, 2026-09); boolean from string and map from a non-object were not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from local.firehose import joda
from local.firehose.hive import HiveType
from local.firehose.openx import decimal
from local.firehose.serde import (
    INTEGER_BITS,
    LowerCase,
    Mismatch,
    Reader,
    SerDe,
    days,
    in_range,
    valueof_nanos,
    wrapped,
)

_NOT_NUMERIC = "Current token (VALUE_STRING) not numeric, can not use numeric value accessors"
_FIELD_FORMAT = "One or more fields have incorrect format. Exception when validating field (root)"
_MILLIS = "millis"


class HiveJson(SerDe):
    """One stream's HiveJsonSerDe."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        formats = options.get("TimestampFormats") or []
        self._millis = _MILLIS in formats
        self._formats = [joda.reader(each) for each in formats if each != _MILLIS]
        self._lowered = LowerCase()

    def primitive(self, hive: HiveType) -> Reader:
        if bits := INTEGER_BITS.get(hive.name):
            return lambda value: _integer(value, bits)
        if hive.name == "decimal":
            precision, scale = hive.arguments + (10, 0)[len(hive.arguments) :]
            return lambda value: decimal(value, precision, scale)
        return {
            "boolean": _boolean,
            "float": _double,
            "double": _double,
            "date": days,
            "timestamp": self._timestamp,
        }.get(hive.name, _text)

    def array(self, element: Reader) -> Reader:
        def read(value: Any) -> Any:
            if not isinstance(value, list):
                raise Mismatch("java.io.IOException: Start of Array expected")
            return [element(each) for each in value]

        return read

    def map(self, key: Reader, value: Reader) -> Reader:
        def read(members: Any) -> Any:
            _expect_object(members)
            return [(key(name), value(member)) for name, member in members.items()]

        return read

    def struct(self, members: Sequence[tuple[str, Reader]]) -> Reader:
        by_name = self.row(members)

        def read(value: Any) -> Any:
            _expect_object(value)
            return by_name(value)

        return read

    def key(self, column: str) -> str:
        return column

    def normal(self, document: dict[str, Any]) -> dict[str, Any]:
        return self._lowered(document)

    def instants(self, texts: pa.Array) -> pa.Array | None:  # noqa: ARG002 - none of its forms is read all at once
        return None

    def _timestamp(self, value: Any) -> int:
        text = _text(value)
        if self._millis and text.lstrip("-").isdecimal():
            return wrapped(int(text) * 1_000_000)
        for read in self._formats:
            if (nanos := read(text)) is not None:
                return wrapped(nanos)
        return valueof_nanos(text)


def _expect_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise Mismatch("java.io.IOException: Start of Object expected")


def _integer(value: Any, bits: int) -> int:
    if type(value) is int:
        return in_range(value, bits, value)
    if isinstance(value, float) and value.is_integer():
        return in_range(int(value), bits, value)
    raise Mismatch(_NOT_NUMERIC if isinstance(value, str) else f'For input string: "{_shown(value)}"')


def _double(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise Mismatch(_NOT_NUMERIC)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Mismatch(f"Current token ({_token(value)}) not of boolean type")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        raise Mismatch(_FIELD_FORMAT, prefix="")
    return _shown(value)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _token(value: Any) -> str:
    tokens = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", list: "START_ARRAY"}
    return tokens.get(type(value), "START_OBJECT")
