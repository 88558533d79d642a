"""When sign-ups are due: curves over the seconds since the start."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

_HOUR = 3600.0
_WEEK_HOURS = 168


class Schedule(Protocol):
    def due(self, elapsed: float) -> float:
        """Return how many sign-ups should have been made `elapsed` seconds after the start; never falls."""


@dataclass(frozen=True, slots=True)
class Constant:
    """`rate` sign-ups a second; infinity means as fast as can be."""

    rate: float

    def due(self, elapsed: float) -> float:
        return self.rate * elapsed if elapsed > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Ramp:
    """From `start` to `stop` sign-ups a second within `seconds`, and `stop` ever after."""

    start: float
    stop: float
    seconds: float

    def due(self, elapsed: float) -> float:
        climbing = min(elapsed, self.seconds)
        slope = (self.stop - self.start) / self.seconds
        return self.start * climbing + slope * climbing * climbing / 2 + self.stop * (elapsed - climbing)


@dataclass(frozen=True, slots=True)
class Bursts:
    """`count` sign-ups at once every `seconds`, beside what `base` makes due."""

    base: Schedule
    count: int
    seconds: float

    def due(self, elapsed: float) -> float:
        return self.base.due(elapsed) + self.count * (elapsed // self.seconds)


# A consumer web site's day in Brazil, by hour of local time, in per mille: the trough before dawn, a working-day
# plateau, the evening peak with 6.5 to 7 % of the day from 20:00 to 22:00, as in 12.4 million posts of 2012 (Scup, "Os
# horários nobres do Facebook", https://leonardomattosblog.blogspot.com/2012/09/audiencia-do-facebook-como-na-tv.html).
# Between those points, and over the week, it is drawn by hand.
_HOURS = (24, 14, 9, 7, 6, 9, 17, 29, 41, 50, 55, 56, 52, 54, 56, 56, 55, 53, 53, 58, 66, 71, 63, 46)
_DAYS = (1.06, 1.08, 1.08, 1.06, 1.00, 0.84, 0.88)
"""Monday to Sunday, 1 on average."""
_BRASILIA = timezone(timedelta(hours=-3))
"""Brazil has kept no summer time since 2019 (Decreto 9.772/2019)."""


def _cumulated() -> tuple[float, ...]:
    weights = [day * hour for day in _DAYS for hour in _HOURS]
    mean = sum(weights) / _WEEK_HOURS
    total, sums = 0.0, [0.0]
    for weight in weights:
        total += weight / mean
        sums.append(total)
    return tuple(sums)


_SUMS = _cumulated()
"""Hours' worth of mean traffic between Monday 00:00 and each hour of the week."""


@dataclass(frozen=True, slots=True)
class DayProfile:
    """`rate` sign-ups a second on the week's average, spread over hour and weekday of Brasília time."""

    rate: float
    started: datetime

    def due(self, elapsed: float) -> float:
        local = self.started.astimezone(_BRASILIA)
        monday = timedelta(days=local.weekday(), hours=local.hour, minutes=local.minute, seconds=local.second)
        start = monday.total_seconds() / _HOUR
        return self.rate * _HOUR * (_traffic(start + elapsed / _HOUR) - _traffic(start))


def _traffic(hours: float) -> float:
    """Return the hours' worth of mean traffic in the `hours` since a Monday 00:00."""
    weeks, rest = divmod(hours, _WEEK_HOURS)
    whole = int(rest)
    return weeks * _WEEK_HOURS + _SUMS[whole] + (rest - whole) * (_SUMS[min(whole + 1, _WEEK_HOURS)] - _SUMS[whole])
