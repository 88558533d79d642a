"""HiveJsonSerDe, the stricter one: org.apache.hive.hcatalog.data.JsonSerDe.

Coercions as probed on AWS (floci-io/floci#3521, 2026-09); boolean from string and map from a non-object were not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from local.firehose import joda
from local.firehose.serde import (
    PLAIN_SPACED,
    LowerCase,
    Mismatch,
    Reader,
    SerDe,
    in_range,
    java_text,
    valueof_nanos,
    wrapped,
)

_NOT_NUMERIC = "Current token (VALUE_STRING) not numeric, can not use numeric value accessors"
_FIELD_FORMAT = "One or more fields have incorrect format. Exception when validating field (root)"
_MILLIS = "millis"
_NOTHING = r"[^\s\S]"
"""With formats of its own, which a text is read by is told text by text."""


class HiveJson(SerDe):
    """One stream's HiveJsonSerDe."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        formats = options.get("TimestampFormats") or []
        self._millis = _MILLIS in formats
        self._formats = [joda.reader(each) for each in formats if each != _MILLIS]
        self._lowered = LowerCase()

    @property
    def plain_timestamps(self) -> str:
        return _NOTHING if self._formats else PLAIN_SPACED

    def integer(self, value: Any, bits: int) -> int:
        if type(value) is int:
            return in_range(value, bits, value)
        if isinstance(value, float) and value.is_integer():
            return in_range(int(value), bits, value)
        raise Mismatch(_NOT_NUMERIC if isinstance(value, str) else f'For input string: "{java_text(value)}"')

    def double(self, value: Any) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        raise Mismatch(_NOT_NUMERIC)

    def boolean(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise Mismatch(f"Current token ({_token(value)}) not of boolean type")

    def timestamp(self, value: Any) -> int:
        text = self.text(value)
        if self._millis and text.lstrip("-").isdecimal():
            return wrapped(int(text) * 1_000_000)
        for read in self._formats:
            if (nanos := read(text)) is not None:
                return wrapped(nanos)
        return valueof_nanos(text)

    def text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, (dict, list)):
            raise Mismatch(_FIELD_FORMAT, prefix="")
        return java_text(value)

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


def _expect_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise Mismatch("java.io.IOException: Start of Object expected")


def _token(value: Any) -> str:
    tokens = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", list: "START_ARRAY"}
    return tokens.get(type(value), "START_OBJECT")
