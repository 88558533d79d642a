"""Hive's column types, as Glue writes them: `struct<street:string,tags:array<string>>`."""

import re
from dataclasses import dataclass

import pyarrow as pa

from local.errors import LocalError

PRIMITIVES = frozenset({
    "boolean", "tinyint", "smallint", "int", "bigint", "float", "double",
    "string", "varchar", "char", "date", "timestamp", "decimal",
})  # fmt: skip
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_ $.-]*|[<>(),:]|\d+)")
_MAX_PRECISION = 38


class UnsupportedType(LocalError):
    """A type that JSON cannot be converted to."""


@dataclass(frozen=True, slots=True)
class HiveType:
    """A type and its parts."""

    name: str
    arguments: tuple[int, ...] = ()
    """Precision and scale, or a length."""
    parts: tuple["HiveType", ...] = ()
    """An array's element; a map's key and value; a struct's members."""
    members: tuple[str, ...] = ()
    """A struct's member names, lower case."""

    @property
    def decimal(self) -> tuple[int, int]:
        """Return a decimal's precision and scale."""
        precision, scale = self.arguments + (10, 0)[len(self.arguments) :]
        return precision, scale


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: HiveType


def parse(text: str) -> HiveType:
    """Read a Hive type; raises UnsupportedType."""
    parser = _Parser(text)
    parsed = parser.type()
    if parser.peek():
        raise UnsupportedType(f"{text!r} goes on after a complete type")
    return parsed


def arrow(hive: HiveType) -> pa.DataType:
    """Return the Arrow type that is written for a Hive type."""
    match hive.name:
        case "array":
            return pa.list_(arrow(hive.parts[0]))
        case "map":
            return pa.map_(arrow(hive.parts[0]), arrow(hive.parts[1]))
        case "struct":
            fields = zip(hive.members, hive.parts, strict=True)
            return pa.struct([pa.field(name, arrow(part)) for name, part in fields])
        case "decimal":
            return pa.decimal128(*hive.decimal)
    return _ARROW[hive.name]


_ARROW = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "varchar": pa.string(),
    "char": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ns"),
}


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [match.strip() for match in _TOKEN.findall(text)]
        if "".join(self._tokens).replace(" ", "") != text.replace(" ", ""):
            raise UnsupportedType(f"{text!r} is not a Hive type")

    def peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def take(self, expected: str = "") -> str:
        token = self._tokens.pop(0) if self._tokens else ""
        if not token or (expected and token != expected):
            raise UnsupportedType(f"{self._text!r} is not a Hive type: {expected or 'a type'} is missing")
        return token

    def type(self) -> HiveType:
        name = {"integer": "int"}.get(word := self.take().lower(), word)
        if name == "array":
            return HiveType(name, parts=self._parts(1))
        if name == "map":
            return HiveType(name, parts=self._parts(2))
        if name == "struct":
            return self._struct()
        if name not in PRIMITIVES:
            raise UnsupportedType(f"type {name!r} is not supported by the JSON conversion")
        return HiveType(name, arguments=self._arguments() if self.peek() == "(" else ())

    def _parts(self, count: int) -> tuple[HiveType, ...]:
        self.take("<")
        parts = [self.type()]
        while len(parts) < count:
            self.take(",")
            parts.append(self.type())
        self.take(">")
        return tuple(parts)

    def _struct(self) -> HiveType:
        self.take("<")
        members, parts = [], []
        while True:
            members.append(self.take().lower())
            self.take(":")
            parts.append(self.type())
            if self.take() == ">":
                return HiveType("struct", parts=tuple(parts), members=tuple(members))

    def _arguments(self) -> tuple[int, ...]:
        self.take("(")
        arguments = [int(self.take())]
        while self.take() == ",":
            arguments.append(int(self.take()))
        if arguments[0] > _MAX_PRECISION and len(arguments) > 1:
            raise UnsupportedType(f"{self._text!r}: precision is at most {_MAX_PRECISION}")
        return tuple(arguments)
