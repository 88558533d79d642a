"""Partition projection: which partitions a table has by its properties alone. Pure.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local.athena.errors import QueryFailed

Properties = Mapping[str, str]
MOST_PARTITIONS = 1_000_000
"""Athena gives up on a table that projects more partitions than this without a predicate that narrows them."""


@dataclass(frozen=True)
class Bounds:
    """What a query's predicate says of one partition column: `only` these values, or a closed range of them."""

    low: str | None = None
    high: str | None = None
    only: frozenset[str] | None = None

    def admits(self, value: str, *, compare_as: Callable[[str], object] = str) -> bool:
        if self.only is not None and not _is_among(value, self.only, compare_as):
            return False
        if self.low is not None and compare_as(value) < compare_as(self.low):  # type: ignore[operator]
            return False
        return self.high is None or compare_as(value) <= compare_as(self.high)  # type: ignore[operator]


EVERYTHING = Bounds()


def _is_among(value: str, values: frozenset[str], compare_as: Callable[[str], object]) -> bool:
    return value in values or (compare_as is not str and compare_as(value) in map(compare_as, values))


def is_projected(properties: Properties) -> bool:
    return properties.get("projection.enabled", "").strip().lower() == "true"


def partitions(
    properties: Properties, columns: Sequence[str], bounds: Mapping[str, Bounds], now: datetime
) -> Iterator[tuple[str, ...]]:
    """Yield the values of every projected partition within `bounds`, in the columns' order; raises QueryFailed."""
    missing = [name for name in columns if f"projection.{name}.type" not in properties]
    if missing:
        raise _invalid(
            "Table is configured for partition projection, but the following partition columns are missing"
            f" projection configuration: {missing}"
        )
    values = [list(column_values(properties, name, bounds.get(name, EVERYTHING), now)) for name in columns]
    total = 1
    for each in values:
        total *= len(each)
    if total > MOST_PARTITIONS:
        raise _invalid(
            f"The query would read {total} projected partitions: narrow it with a predicate on {list(columns)}"
        )
    return itertools.product(*values)


def column_values(properties: Properties, name: str, bounds: Bounds, now: datetime) -> Iterator[str]:
    """Yield one column's projected values within its bounds; raises QueryFailed."""
    kind = properties[f"projection.{name}.type"].strip().lower()
    if kind == "enum":
        values = iter([value.strip() for value in _property(properties, name, "values").split(",")])
        return (value for value in values if bounds.admits(value))
    if kind == "integer":
        return _integers(properties, name, bounds)
    if kind == "date":
        return _dates(properties, name, bounds, now)
    if kind == "injected":
        if bounds.only is None:
            raise QueryFailed(
                "CONSTRAINT_VIOLATION",
                f"For the injected projected partition column {name}, the WHERE clause must contain only static"
                " equality conditions, and at least one such condition must be present.",
            )
        return iter(sorted(value for value in bounds.only if bounds.admits(value)))
    raise _invalid(f"Unknown projection type {kind!r} of column {name!r}: use enum, integer, date or injected")


def location(properties: Properties, table_location: str, columns: Sequence[str], values: Sequence[str]) -> str:
    """Return where a projected partition's objects are, ending in a slash."""
    template = properties.get("storage.location.template")
    if template is None:
        parts = (f"{name}={value}/" for name, value in zip(columns, values, strict=True))
        return table_location.rstrip("/") + "/" + "".join(parts)
    for name, value in zip(columns, values, strict=True):
        template = template.replace(f"${{{name}}}", value)
    if "${" in template:
        raise _invalid(f"storage.location.template names a column that is not a partition key: {template}")
    return template if template.endswith("/") else template + "/"


# --- integer


def _integers(properties: Properties, name: str, bounds: Bounds) -> Iterator[str]:
    low, high = (int(part) for part in _range(properties, name))
    step = int(properties.get(f"projection.{name}.interval", "1"))
    digits = int(properties.get(f"projection.{name}.digits", "0"))
    if bounds.low is not None and (wanted := _whole(bounds.low)) is not None and wanted > low:
        low += -(-(wanted - low) // step) * step
    if bounds.high is not None and (wanted := _whole(bounds.high)) is not None:
        high = min(high, wanted)
    only = None if bounds.only is None else {_whole(value) for value in bounds.only}
    for number in range(low, high + 1, step):
        if only is None or number in only:
            yield f"{number:0{digits}d}"


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else None


# --- date

_UNITS = {"YEARS": 12, "MONTHS": 1, "WEEKS": 604800, "DAYS": 86400, "HOURS": 3600, "MINUTES": 60, "SECONDS": 1}
_BY_MONTH = ("YEARS", "MONTHS")
_NOW = re.compile(r"NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+))?", re.IGNORECASE)
_JAVA = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d", "DDD": "%j",
    "HH": "%H", "H": "%-H", "mm": "%M", "ss": "%S",
}  # fmt: skip


def _dates(properties: Properties, name: str, bounds: Bounds, now: datetime) -> Iterator[str]:
    pattern = _property(properties, name, "format")
    shape = java_format(pattern)
    first, last = (_moment(part, shape, now) for part in _range(properties, name))
    unit = properties.get(f"projection.{name}.interval.unit", "").strip().upper() or _finest(pattern)
    step = int(properties.get(f"projection.{name}.interval", "1"))
    if unit not in _UNITS or step < 1:
        raise _invalid(f"projection.{name}.interval must be a number from 1, its unit one of {sorted(_UNITS)}")
    sortable = _is_sortable(shape)
    if sortable and (low := _narrowed(bounds, lowest=True)) is not None:
        first = _advance(first, _parsed_prefix(low, shape), unit, step)
    if sortable and (high := _narrowed(bounds, lowest=False)) is not None:
        last = _retreat(last, high, shape)
    for moment in _grid(first, last, unit, step):
        text = moment.strftime(shape)
        if bounds.admits(text):
            yield text


def _narrowed(bounds: Bounds, *, lowest: bool) -> str | None:
    if bounds.only is not None:
        return (min if lowest else max)(bounds.only, default=None)
    return bounds.low if lowest else bounds.high


def _parsed_prefix(text: str, shape: str) -> datetime | None:
    try:
        return datetime.strptime(text, shape).replace(tzinfo=UTC)
    except ValueError:
        return None


def _advance(first: datetime, wanted: datetime | None, unit: str, step: int) -> datetime:
    """Return the last point of the grid that is not after `wanted`: never one too late."""
    if wanted is None or wanted <= first:
        return first
    if unit in _BY_MONTH:
        months = (wanted.year - first.year) * 12 + wanted.month - first.month
        whole = max(0, months // (step * _UNITS[unit]) - 1)
        return _add_months(first, whole * step * _UNITS[unit])
    seconds = step * _UNITS[unit]
    return first + timedelta(seconds=int((wanted - first).total_seconds()) // seconds * seconds)


def _retreat(last: datetime, high: str, shape: str) -> datetime:
    wanted = _parsed_prefix(high, shape)
    return last if wanted is None else min(last, wanted)


def _grid(first: datetime, last: datetime, unit: str, step: int) -> Iterator[datetime]:
    index = 0
    moment = first
    while moment <= last:
        yield moment
        index += 1
        if unit in _BY_MONTH:
            moment = _add_months(first, index * step * _UNITS[unit])
        else:
            moment = first + timedelta(seconds=index * step * _UNITS[unit])


def _add_months(moment: datetime, months: int) -> datetime:
    total = moment.month - 1 + months
    year, month = moment.year + total // 12, total % 12 + 1
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return moment.replace(year=year, month=month, day=min(moment.day, (following - timedelta(days=1)).day))


def _moment(text: str, shape: str, now: datetime) -> datetime:
    if (match := _NOW.fullmatch(text.strip())) is not None:
        moment = now
        if match[2] is not None:
            unit = match[3].upper() if match[3].upper().endswith("S") else f"{match[3].upper()}S"
            if unit not in _UNITS:
                raise _invalid(f"{text!r}: the unit must be one of {sorted(_UNITS)}")
            count = int(match[2]) * (-1 if match[1] == "-" else 1)
            if unit in _BY_MONTH:
                moment = _add_months(now, count * _UNITS[unit])
            else:
                moment = now + timedelta(seconds=count * _UNITS[unit])
        # What is finer than the format falls away, as it does when Athena formats and parses the bound.
        return datetime.strptime(moment.strftime(shape), shape).replace(tzinfo=UTC)
    try:
        return datetime.strptime(text.strip(), shape).replace(tzinfo=UTC)
    except ValueError:
        raise _invalid(f"{text.strip()!r} is not a date in the column's format") from None


def java_format(pattern: str) -> str:
    """Return strftime's form of a Java date pattern; raises QueryFailed for letters not covered."""

    def one(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[1].replace("%", "%%")
        if match[2] is None:
            return match[0].replace("%", "%%")
        if match[0] not in _JAVA:
            raise _invalid(f"{match[0]!r} in projection format {pattern!r} is not supported")
        return _JAVA[match[0]]

    return re.sub(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+", one, pattern)


def _finest(pattern: str) -> str:
    """Return the default unit: days, or months and years where the format has no finer field."""
    if re.search(r"[Hms]", pattern):
        raise _invalid("interval and interval.unit are required for formats finer than a day")
    if re.search(r"[dD]", pattern):
        return "DAYS"
    return "MONTHS" if "M" in pattern else "YEARS"


def _is_sortable(shape: str) -> bool:
    """Tell whether text order is time order: fields from coarse to fine, all padded."""
    fields = re.findall(r"%-?[a-zA-Z]", shape)
    return fields == ["%Y", "%m", "%d", "%H", "%M", "%S"][: len(fields)]


# --- properties


def _property(properties: Properties, name: str, key: str) -> str:
    if (value := properties.get(f"projection.{name}.{key}")) is None:
        raise _invalid(f"projection.{name}.{key} is missing")
    return value


def _range(properties: Properties, name: str) -> tuple[str, str]:
    parts = _property(properties, name, "range").split(",")
    if len(parts) != 2:  # noqa: PLR2004 - from and to
        raise _invalid(f"projection.{name}.range must be two values with a comma between")
    return parts[0].strip(), parts[1].strip()


def _invalid(message: str) -> QueryFailed:
    return QueryFailed("INVALID_TABLE_PROPERTY", message)
