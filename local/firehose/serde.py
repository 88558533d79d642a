"""What the two JSON SerDes share: a Hive type becomes a reader of JSON values.

A reader gets a value that is not null and returns what Arrow takes for the type: int, float, bool, str, Decimal;
days for a date, nanoseconds for a timestamp, a list, a tuple by position for a struct, pairs for a map.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from local.errors import LocalError
from local.firehose.hive import Column, HiveType

Reader = Callable[[Any], Any]

INTEGER_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
TIMESTAMP_FORMAT = "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]"
NANOS = 1_000_000_000
JSON_OBJECT = "org.openx.data.jsonserde.json.JSONObject"
_JSON_ARRAY = "org.openx.data.jsonserde.json.JSONArray"
PLAIN_SPACED = r"^(?:19|20)\d{2}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?$"
"""Of the years that no column of nanoseconds wraps."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_LENIENT = re.compile(r"(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)(?:\.(\d{1,9}))?")
_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")


class Mismatch(LocalError):
    """A value does not fit its column. `str()` is the whole `lastErrorMessage`."""

    def __init__(self, message: str, prefix: str = "Data does not match the schema. ") -> None:
        super().__init__(prefix + message)


class SerDe(ABC):
    """How one of the deserializers reads each kind of type."""

    @abstractmethod
    def integer(self, value: Any, bits: int) -> int: ...

    @abstractmethod
    def double(self, value: Any) -> float: ...

    @abstractmethod
    def boolean(self, value: Any) -> bool: ...

    @abstractmethod
    def timestamp(self, value: Any) -> int: ...

    @abstractmethod
    def text(self, value: Any) -> str: ...

    @abstractmethod
    def array(self, element: Reader) -> Reader: ...

    @abstractmethod
    def map(self, key: Reader, value: Reader) -> Reader: ...

    @abstractmethod
    def struct(self, members: Sequence[tuple[str, Reader]]) -> Reader: ...

    @abstractmethod
    def key(self, column: str) -> str:
        """Return the JSON key that a column or member is read from."""

    @abstractmethod
    def normal(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the object with its keys as `key` gives them."""

    @property
    @abstractmethod
    def plain_timestamps(self) -> str:
        """A pattern (RE2) of texts that `timestamp` reads as they stand, in UTC; one that matches nothing is fine."""

    def primitive(self, hive: HiveType) -> Reader:
        """Return the reader of a type that has no parts."""
        if bits := INTEGER_BITS.get(hive.name):
            return lambda value: self.integer(value, bits)
        if hive.name == "decimal":
            precision, scale = hive.decimal
            return lambda value: decimal(value, precision, scale)
        return {
            "boolean": self.boolean,
            "float": self.double,
            "double": self.double,
            "date": days,
            "timestamp": self.timestamp,
        }.get(hive.name, self.text)

    def row(self, columns: Sequence[tuple[str, Reader]]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        keyed = [(self.key(name), reader) for name, reader in columns]
        normal = self.normal

        def read(document: dict[str, Any]) -> tuple[Any, ...]:
            get = normal(document).get
            return tuple([None if (value := get(key)) is None else reader(value) for key, reader in keyed])

        return read

    def reader(self, hive: HiveType) -> Reader:
        parts = [self.reader(part) for part in hive.parts]
        match hive.name:
            case "array":
                return self.array(_nullable(parts[0]))
            case "map":
                return self.map(parts[0], _nullable(parts[1]))
            case "struct":
                return self.struct(list(zip(hive.members, parts, strict=True)))
        return self.primitive(hive)

    def rows(self, columns: Sequence[Column]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        """Return what turns a document into a row of these columns; the result raises Mismatch."""
        return self.row([(column.name.lower(), self.reader(column.type)) for column in columns])


def _nullable(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


class LowerCase:
    """Lower-cases the keys of an object; remembers which sets of keys already are."""

    _LIMIT = 4096

    def __init__(self) -> None:
        self._lower: dict[tuple[str, ...], bool] = {}

    def __call__(self, value: dict[str, Any]) -> dict[str, Any]:
        keys = tuple(value)
        already = self._lower.get(keys)
        if already is None:
            already = all(key == key.lower() for key in keys)
            if len(self._lower) < self._LIMIT:
                self._lower[keys] = already
        return value if already else {key.lower(): member for key, member in value.items()}


def decimal(value: Any, precision: int, scale: int) -> Decimal:
    """Round half up to the column's scale; raises Mismatch when it is not a number or does not fit."""
    if isinstance(value, (bool, dict, list)):
        raise Mismatch(f"{java_class(value)} cannot be cast to java.math.BigDecimal")
    try:
        exact = Decimal(str(value))
        rounded = exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    except InvalidOperation:
        raise Mismatch(f'For input string: "{value}"') from None
    if not rounded.is_finite() or abs(rounded) >= Decimal(10) ** (precision - scale):
        raise Mismatch(f"{value} does not fit decimal({precision},{scale})")
    return rounded


def java_class(value: Any) -> str:
    """Return the name that Java gives a JSON value's class."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "java.lang.Long"
    names = {bool: "java.lang.Boolean", float: "java.lang.Double", str: "java.lang.String", list: _JSON_ARRAY}
    return names.get(type(value), JSON_OBJECT)


def java_text(value: Any) -> str:
    """Return a scalar as Java prints it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_range(number: int, bits: int, text: Any) -> int:
    if -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        return number
    raise Mismatch(f'For input string: "{text}"')


def days(text: Any) -> int:
    """Read `yyyy-[M]M-[d]d` as days since 1970; raises Mismatch."""
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    try:
        if found:
            return date(*map(int, found.groups())).toordinal() - _EPOCH_ORDINAL
    except ValueError:
        pass
    raise Mismatch("Date format must be yyyy-mm-dd")


def valueof_nanos(text: str) -> int:
    """Read what java.sql.Timestamp.valueOf reads, as nanoseconds since 1970, UTC; raises Mismatch."""
    if not (found := _LENIENT.fullmatch(text)):
        raise Mismatch(TIMESTAMP_FORMAT)
    return wrapped(_seconds(found.groups()[:6]) * NANOS + fraction(found[7]))


def _seconds(fields: Sequence[str]) -> int:
    year, month, day, hour, minute, second = map(int, fields)
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        raise Mismatch(TIMESTAMP_FORMAT) from None


def fraction(digits: str | None) -> int:
    return int(digits.ljust(9, "0")) if digits else 0


def wrapped(nanos: int) -> int:
    """Wrap as a 64-bit integer does: 999999999999 s was seen to land in 2092 (floci-io/floci#3333)."""
    return (nanos + (1 << 63)) % (1 << 64) - (1 << 63)


@lru_cache(maxsize=4096)
def iso_seconds(text: str) -> int:
    """Read `2026-11-23T19:04:05`, whose form was checked; raises Mismatch."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise Mismatch(TIMESTAMP_FORMAT) from None


def case_folded(names: Mapping[str, str], *, fold: bool) -> dict[str, str]:
    """Return column → JSON key, both in lower case when keys are matched without regard to case."""
    return {column.lower(): key.lower() if fold else key for column, key in names.items()}
