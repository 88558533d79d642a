"""Joda-Time patterns, for reading: HiveJsonSerDe's `TimestampFormats`.

https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from zoneinfo import ZoneInfo

from local.errors import LocalError

LETTERS = frozenset("yYMdDHhKkmsSaZzE")
"""Those that make a moment when read; the others (week years, eras) are refused."""
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - reads better so
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF_DAY = 12


class InvalidPattern(LocalError):
    """Not a pattern that can be read."""


def reader(pattern: str) -> Callable[[str], int | None]:
    """Return a function from text to nanoseconds since 1970 (UTC unless the text says otherwise) or None.

    Raises InvalidPattern.
    """
    groups: list[str] = []
    regex = "".join(_expression(match, groups) for match in _TOKEN.finditer(pattern))
    if not groups:
        raise InvalidPattern(f"{pattern!r} holds no field of a date")
    return partial(_read, re.compile(regex, re.ASCII), groups)


def _expression(match: re.Match[str], groups: list[str]) -> str:
    quoted, letter, other = match.groups()
    if quoted is not None:
        return re.escape(quoted.replace("''", "'") or "'")
    if letter is None:
        return re.escape(other)
    if letter not in LETTERS:
        raise InvalidPattern(f"pattern letter {letter!r} cannot be read")
    groups.append("MMM" if letter == "M" and len(match.group()) > 2 else letter)  # noqa: PLR2004 - Joda's text form
    return _GROUPS.get(groups[-1], r"(\d+)")


_GROUPS = {
    "y": r"([-+]?\d{1,9}?)",
    "Y": r"([-+]?\d{1,9}?)",
    "MMM": r"([A-Za-z]+)",
    "E": r"([A-Za-z]+)",
    "a": r"([AaPp][Mm])",
    "S": r"(\d{1,9})",
    "Z": r"(Z|[-+]\d\d:?\d\d|[A-Za-z]+/[A-Za-z_/]+)",
    "z": r"([A-Za-z]+)",
} | dict.fromkeys("MdHhKkms", r"(\d{1,2})")


def _read(regex: re.Pattern[str], groups: list[str], text: str) -> int | None:
    if not (found := regex.fullmatch(text)):
        return None
    fields: dict[str, str] = {letter: found[place] for place, letter in enumerate(groups, 1)}
    try:
        moment = datetime(
            int(fields.get("y") or fields.get("Y") or 1970),
            _month(fields),
            int(fields.get("d", 1)),
            _hour(fields),
            int(fields.get("m", 0)),
            int(fields.get("s", 0)),
            tzinfo=_zone(fields.get("Z", "Z")),
        )
    except (ValueError, KeyError):
        return None
    moment += timedelta(days=int(fields.get("D", 1)) - 1)
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000_000 + int(fields.get("S", "0").ljust(9, "0"))


def _month(fields: dict[str, str]) -> int:
    if "MMM" in fields:
        return _MONTHS.index(fields["MMM"][:3].lower()) + 1
    return int(fields.get("M", 1))


def _hour(fields: dict[str, str]) -> int:
    if "h" in fields or "K" in fields:
        hour = int(fields["h"] if "h" in fields else fields["K"]) % _HALF_DAY
        return hour + _HALF_DAY * (fields.get("a", "am").lower() == "pm")
    return int(fields.get("H") or fields.get("k") or 0) % 24


def _zone(text: str) -> timezone | ZoneInfo:
    if text == "Z":
        return UTC
    if text[0] not in "+-":
        return ZoneInfo(text)
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1))
