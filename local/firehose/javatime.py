"""Java's DateTimeFormatter patterns, as far as Firehose accepts them in `!{timestamp:…}`.

https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html, locale en_US.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

REJECTED_LETTERS = frozenset("CIJPRTUVbfijloprt")
"""Of the 52 letters the service refuses these, not all of which Java refuses (observed 2026-09-10, us-east-1)."""

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)
_MODIFIED_JULIAN_EPOCH = date(1858, 11, 17)
_NOON = 12


def accepts(pattern: str) -> bool:
    letters = re.sub(r"'(?:[^']|'')*'", "", pattern)
    return not REJECTED_LETTERS.intersection(letters) and "'" not in letters


def render(pattern: str, moment: datetime) -> str:
    """Write `moment` (with a time zone) as `pattern` says; text in single quotes is literal, '' is a quote."""
    return "".join(_piece(match, moment) for match in _TOKEN.finditer(pattern))


def _piece(match: re.Match[str], moment: datetime) -> str:
    quoted, letter, other = match.groups()
    if quoted is not None:
        return quoted.replace("''", "'") or "'"
    if letter is not None:
        return _FIELDS[letter](moment, len(match.group()))
    return str(other)


Field = Callable[[datetime, int], str]


def _number(value: Callable[[datetime], int]) -> Field:
    return lambda moment, width: str(value(moment)).zfill(width)


def _year(value: Callable[[datetime], int]) -> Field:
    def render_year(moment: datetime, width: int) -> str:
        year = value(moment)
        return f"{year % 100:02d}" if width == 2 else str(year).zfill(width)  # noqa: PLR2004 - Java's reduced form

    return render_year


def _text_or_number(value: Callable[[datetime], int], texts: str) -> Field:
    """`M` and its like: one or two letters a number, 3 short text, 4 full text (strftime `texts`), 5 its initial."""
    short, full = texts.split()

    def render_text(moment: datetime, width: int) -> str:
        if width <= 2:  # noqa: PLR2004 - see the docstring
            return str(value(moment)).zfill(width)
        if width == 3:  # noqa: PLR2004
            return moment.strftime(short)
        return moment.strftime(full)[: None if width == 4 else 1]  # noqa: PLR2004

    return render_text


def _weekday(moment: datetime, width: int) -> str:
    if width <= 3:  # noqa: PLR2004 - Java: up to three letters are the short form
        return moment.strftime("%a")
    return moment.strftime("%A")[: None if width == 4 else 1]  # noqa: PLR2004


def _quarter(moment: datetime, width: int) -> str:
    number = (moment.month + 2) // 3
    names = {3: f"Q{number}", 4: ("1st", "2nd", "3rd", "4th")[number - 1] + " quarter", 5: str(number)}
    return names.get(width, str(number).zfill(width))


def _sunday_weekday(moment: datetime) -> int:
    return moment.isoweekday() % 7 + 1


def _week_one(year: int, moment: datetime) -> datetime:
    first = moment.replace(year=year, month=1, day=1)
    return first - timedelta(days=_sunday_weekday(first) - 1)


def _week_year(moment: datetime) -> int:
    """Return the year the week belongs to; in en_US weeks start on Sunday and week 1 holds 1 January."""
    return moment.year + (moment.date() >= _week_one(moment.year + 1, moment).date())


def _week_of_year(moment: datetime) -> int:
    return (moment.date() - _week_one(_week_year(moment), moment).date()).days // 7 + 1


def _week_of_month(moment: datetime) -> int:
    return (moment.day + _sunday_weekday(moment.replace(day=1)) - 2) // 7 + 1


def _seconds_of_day(moment: datetime) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _offset(moment: datetime, width: int) -> str:
    digits = moment.strftime("%z")
    if width == 4:  # noqa: PLR2004 - "ZZZZ" and "OOOO" are localised
        return "GMT" if digits == "+0000" else f"GMT{digits[:3]}:{digits[3:]}"
    return f"{digits[:3]}:{digits[3:]}" if width == 5 else digits  # noqa: PLR2004


def _iso_offset(zero: str) -> Field:
    def render_offset(moment: datetime, width: int) -> str:
        hours, minutes = moment.strftime("%z")[:3], moment.strftime("%z")[3:]
        if zero and hours + minutes == "+0000":
            return zero
        if width == 1:
            return hours + (minutes if minutes != "00" else "")
        return hours + (":" if width in {3, 5} else "") + minutes

    return render_offset


def _localised_offset(moment: datetime, width: int) -> str:
    if width == 4:  # noqa: PLR2004 - "OOOO" is the long form
        return _offset(moment, 4)
    hours = int(moment.strftime("%z")[:3])
    return f"GMT{hours:+d}" if hours else "GMT"


def _period(moment: datetime, _: int) -> str:
    for until, name in (
        (6, "at night"),
        (12, "in the morning"),
        (18, "in the afternoon"),
        (21, "in the evening"),
    ):
        if moment.hour < until:
            return name
    return "at night"


def _era(_: datetime, width: int) -> str:
    return {4: "Anno Domini", 5: "A"}.get(width, "AD")


_FIELDS: dict[str, Field] = {
    "G": _era,
    "u": _year(lambda m: m.year),
    "y": _year(lambda m: m.year),
    "Y": _year(_week_year),
    "D": _number(lambda m: m.timetuple().tm_yday),
    "M": _text_or_number(lambda m: m.month, "%b %B"),
    "L": _text_or_number(lambda m: m.month, "%b %B"),
    "d": _number(lambda m: m.day),
    "g": _number(lambda m: (m.date() - _MODIFIED_JULIAN_EPOCH).days),
    "Q": _quarter,
    "q": _quarter,
    "w": _number(_week_of_year),
    "W": _number(_week_of_month),
    "E": _weekday,
    "e": _text_or_number(_sunday_weekday, "%a %A"),
    "c": _text_or_number(_sunday_weekday, "%a %A"),
    "F": _number(lambda m: (m.day - 1) % 7 + 1),
    "a": lambda m, _: "AM" if m.hour < _NOON else "PM",
    "B": _period,
    "h": _number(lambda m: m.hour % _NOON or _NOON),
    "K": _number(lambda m: m.hour % _NOON),
    "k": _number(lambda m: m.hour or 24),
    "H": _number(lambda m: m.hour),
    "m": _number(lambda m: m.minute),
    "s": _number(lambda m: m.second),
    "S": lambda m, width: f"{m.microsecond:06d}".ljust(width, "0")[:width],
    "A": _number(lambda m: _seconds_of_day(m) * 1000),
    "n": _number(lambda m: m.microsecond * 1000),
    "N": _number(lambda m: _seconds_of_day(m) * 1_000_000_000),
    "v": lambda m, _: m.tzname() or "",
    "z": lambda m, _: m.tzname() or "",
    "O": _localised_offset,
    "X": _iso_offset("Z"),
    "x": _iso_offset(""),
    "Z": _offset,
}
