"""Types in the three spellings that meet here: Hive's (the catalog), DuckDB's (the engine), Athena's (the client).

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

import re
from dataclasses import dataclass, field

from local.errors import LocalError


class UnknownType(LocalError):
    """A type that is not one; `str()` names it."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type under Athena's name for it: `bigint`, `varchar`, `array`, `map`, `row`, `decimal`."""

    name: str
    inner: tuple["Type", ...] = ()
    labels: tuple[str, ...] = ()
    """Field names of a row; empty if they have none."""
    sizes: tuple[int, ...] = field(default=())
    """Precision and scale of a decimal, length of a varchar or char."""

    @property
    def duckdb(self) -> str:
        match self.name:
            case "array":
                return f"{self.inner[0].duckdb}[]"
            case "map":
                return f"MAP({self.inner[0].duckdb}, {self.inner[1].duckdb})"
            case "row":
                pairs = zip(self.labels, self.inner, strict=True)
                return f"STRUCT({', '.join(f'{quoted(label)} {kind.duckdb}' for label, kind in pairs)})"
            case "decimal":
                return f"DECIMAL({self.sizes[0]},{self.sizes[1]})"
            case _:
                return _TO_DUCKDB[self.name]

    @property
    def hive(self) -> str:
        match self.name:
            case "array" | "map":
                return f"{self.name}<{','.join(kind.hive for kind in self.inner)}>"
            case "row":
                pairs = zip(self.labels, self.inner, strict=True)
                return f"struct<{','.join(f'{label}:{kind.hive}' for label, kind in pairs)}>"
            case "decimal":
                return f"decimal({self.sizes[0]},{self.sizes[1]})"
            case "varchar" | "char" if self.sizes:
                return f"{self.name}({self.sizes[0]})"
            case _:
                return _TO_HIVE.get(self.name, self.name)

    @property
    def athena(self) -> str:
        """As `typeof` and SHOW COLUMNS of the Trino side say it: `array(varchar)`, `row(x bigint)`."""
        match self.name:
            case "array" | "map":
                return f"{self.name}({', '.join(kind.athena for kind in self.inner)})"
            case "row":
                labels = self.labels or ("",) * len(self.inner)
                pairs = zip(labels, self.inner, strict=True)
                return f"row({', '.join(f'{label} {kind.athena}'.strip() for label, kind in pairs)})"
            case "decimal" | "varchar" | "char" if self.sizes:
                return f"{self.name}({','.join(map(str, self.sizes))})"
            case "timestamp":
                return "timestamp(3)"
            case "timestamp with time zone":
                return "timestamp(3) with time zone"
            case _:
                return self.name


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def parse(text: str) -> Type:
    """Return the type that Hive, Trino or DuckDB call `text`; raises UnknownType."""
    reader = _Reader(text)
    kind = reader.type()
    if reader.position != len(reader.tokens):
        raise UnknownType(f"unexpected {reader.tokens[reader.position]!r} in type {text!r}")
    return kind


_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|`[^`]*`|[A-Za-z0-9_]+|[<>(),:\[\]])')
_SPACED = re.compile(r"\b(timestamp|time)\b\s*(\(\s*\d+\s*\))?\s+with\s+time\s+zone", re.IGNORECASE)
ZONED = Type("row", (Type("timestamp with time zone"), Type("varchar")), ("instant", "zone"))
"""How a timestamp in a zone other than UTC travels through the engine."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(_SPACED.sub(lambda match: f"{match[1]}tz", text))
        self.position = 0

    def type(self) -> Type:
        kind = self._one()
        while self._peek() == "[":
            self._take("[")
            while self._peek() != "]":
                self._next()
            self._take("]")
            kind = Type("array", (kind,))
        return kind

    def _one(self) -> Type:
        name = _unquoted(self._next()).lower()
        if name in ("array", "map", "list"):
            return Type("array" if name == "list" else name, self._types())
        if name in ("row", "struct"):
            return self._row()
        if name == "tuple":
            return Type("row", self._types())
        if name not in _FROM:
            raise UnknownType(f"unknown type {self.text!r}")
        sizes = self._sizes() if self._peek() == "(" else ()
        name = _FROM[name]
        if name == "decimal":
            return Type(name, sizes=(sizes + (10, 0)[len(sizes) :])[:2])
        return Type(name, sizes=sizes if name in ("varchar", "char") else ())

    def _types(self) -> tuple[Type, ...]:
        closing = self._open()
        kinds = [self.type()]
        while self._peek() == ",":
            self._take(",")
            kinds.append(self.type())
        self._take(closing)
        return tuple(kinds)

    def _row(self) -> Type:
        closing = self._open()
        labels: list[str] = []
        kinds: list[Type] = []
        while self._peek() != closing:
            labels.append(_unquoted(self._next()))
            if self._peek() == ":":
                self._take(":")
            kinds.append(self.type())
            if self._peek() == ",":
                self._take(",")
        self._take(closing)
        return Type("row", tuple(kinds), tuple(labels))

    def _sizes(self) -> tuple[int, ...]:
        closing = self._open()
        sizes = []
        while self._peek() != closing:
            if (token := self._next()) != ",":
                sizes.append(int(token))
        self._take(closing)
        return tuple(sizes)

    def _open(self) -> str:
        opening = self._next()
        if opening not in ("<", "("):
            raise UnknownType(f"expected < or ( in type {self.text!r}")
        return ">" if opening == "<" else ")"

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _next(self) -> str:
        if self.position >= len(self.tokens):
            raise UnknownType(f"type {self.text!r} ends too early")
        self.position += 1
        return self.tokens[self.position - 1]

    def _take(self, token: str) -> None:
        if self._next() != token:
            raise UnknownType(f"expected {token!r} in type {self.text!r}")


def _tokens(text: str) -> list[str]:
    tokens = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        if (match := _TOKEN.match(stripped, position)) is None:
            raise UnknownType(f"unknown type {text!r}")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _unquoted(token: str) -> str:
    if token[0] == '"':
        return token[1:-1].replace('""', '"')
    return token.strip("`")


_TO_DUCKDB = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "json": "JSON",
    "interval day to second": "INTERVAL",
    "unknown": "INTEGER",
}
_TO_HIVE = {"integer": "int", "real": "float", "varchar": "string", "varbinary": "binary"}
_FROM = {
    **{name: name for name in _TO_DUCKDB if " " not in name},
    "bool": "boolean",
    "byte": "tinyint",
    "short": "smallint",
    "int": "integer",
    "long": "bigint",
    "float": "real",
    "string": "varchar",
    "text": "varchar",
    "binary": "varbinary",
    "blob": "varbinary",
    "numeric": "decimal",
    "decimal": "decimal",
    "timestamptz": "timestamp with time zone",
    "timetz": "time",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
    "interval": "interval day to second",
    "uuid": "varchar",
    # What DuckDB's sums and counts come out as; Athena's are bigint.
    "hugeint": "bigint",
    "uhugeint": "bigint",
    "ubigint": "bigint",
    "uinteger": "bigint",
    "usmallint": "integer",
    "utinyint": "smallint",
    "null": "unknown",
}
