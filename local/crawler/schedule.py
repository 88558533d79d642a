"""When a crawler's schedule fires: `cron(10 * * * ? *)`, six fields, UTC. Pure.

https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local.errors import LocalError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


class BadSchedule(LocalError):
    """A schedule expression that Glue refuses; `str()` says why."""


@dataclass(frozen=True)
class Schedule:
    """The moments of a cron expression."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    """Days of the month; None where the day of the week decides."""
    months: frozenset[int]
    weekdays: frozenset[int] | None
    """Sunday is 1."""
    years: frozenset[int]

    def after(self, moment: datetime) -> datetime | None:
        """Return the first moment strictly after `moment` (UTC), or None if there is none any more."""
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = start.replace(hour=0, minute=0)
        while day.year <= max(self.years):
            if self._on(day) and (found := self._within(day, start)) is not None:
                return found
            day += timedelta(days=1)
        return None

    def _on(self, day: datetime) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        if self.days is not None and day.day not in self.days:
            return False
        return self.weekdays is None or day.isoweekday() % 7 + 1 in self.weekdays

    def _within(self, day: datetime, start: datetime) -> datetime | None:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                if (found := day.replace(hour=hour, minute=minute)) >= start:
                    return found
        return None


def schedule(expression: str) -> Schedule:
    """Parse `cron(minutes hours day-of-month month day-of-week year)`; raises BadSchedule."""
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    fields = match[1].split() if match else []
    if len(fields) != 6:  # noqa: PLR2004 - the six fields
        raise BadSchedule(
            f"Invalid schedule expression {expression!r}: use cron() with six fields, such as cron(10 * * * ? *)"
        )
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise BadSchedule(
            f"Invalid schedule expression {expression!r}: exactly one of day-of-month and day-of-week must be ?"
        )
    return Schedule(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        None if days == "?" else _values(days, 1, 31),
        _values(months, 1, 12, _MONTHS),
        None if weekdays == "?" else _values(weekdays, 1, 7, _WEEKDAYS),
        _values(years, _FIRST_YEAR, _LAST_YEAR),
    )


def _values(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for part in field.upper().split(","):
        chosen, _, step = part.partition("/")
        if chosen == "*":
            first, last = low, high
        elif "-" in chosen:
            first, last = (_number(end, names) for end in chosen.split("-", 1))
        else:
            first = _number(chosen, names)
            last = high if step else first
        if not (low <= first <= last <= high) or (step and not step.isdigit()) or step == "0":
            raise BadSchedule(f"Invalid cron field {field!r}: values from {low} to {high}")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: tuple[str, ...]) -> int:
    if text in names:
        return names.index(text) + 1
    if not text.isdigit():
        raise BadSchedule(f"{text!r} in a cron field is not a number here (L, W and # are not supported)")
    return int(text)


def fires(expression: str, after: float, until: float) -> bool:
    """Tell whether the schedule has a moment in (after, until], in epoch seconds; raises BadSchedule."""
    found = schedule(expression).after(datetime.fromtimestamp(after, UTC))
    return found is not None and found.timestamp() <= until


__all__ = ["BadSchedule", "Schedule", "fires", "schedule"]
