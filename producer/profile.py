"""The week of a real Brazilian site: how busy each hour is."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate

_HOUR = 3600.0
_WEEK_HOURS = 168
_WORKING_DAYS = 5

# Purchases by hour of local time: 9,999 orders of 2016 to 2018, drawn at random from the marketplace Olist's
# ("Brazilian E-Commerce Public Dataset by Olist", https://doi.org/10.34740/KAGGLE/DSV/195341).
_WORKING_DAY = (
    185, 90, 38, 13, 15, 19, 29, 105, 252, 419, 531, 535, 463, 534, 532, 486, 523, 455, 388, 429, 451, 484, 408, 317
)  # fmt: skip
"""Monday to Friday together: their sums lie within 4 per cent of their mean."""
_SATURDAY = (28, 15, 5, 6, 3, 3, 8, 11, 28, 52, 58, 68, 72, 72, 63, 56, 72, 76, 72, 70, 70, 50, 55, 48)
_SUNDAY = (27, 16, 8, 8, 3, 0, 3, 8, 22, 38, 47, 95, 62, 81, 78, 60, 56, 90, 86, 96, 103, 101, 95, 54)
_BRASILIA = timezone(timedelta(hours=-3))
"""Brazil has kept no summer time since 2019 (Decreto 9.772/2019)."""


def _cumulated() -> tuple[float, ...]:
    # One order more in each hour, so that none is silent for want of a larger sample.
    working = [count / _WORKING_DAYS for count in _WORKING_DAY]
    weights = [1 + count for day in (*[working] * _WORKING_DAYS, _SATURDAY, _SUNDAY) for count in day]
    mean = sum(weights) / _WEEK_HOURS
    return tuple(accumulate((weight / mean for weight in weights), initial=0.0))


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
