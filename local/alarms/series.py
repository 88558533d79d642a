"""The values of metric math: a number, a time series, or an array of time series."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """Values by the start of their period (epoch seconds). A period without a value is missing.

    `id` is that of the metric it stems from; `period` (seconds) is known of metrics only, not of results.
    """

    values: Mapping[int, float]
    id: str = ""
    period: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The range asked for: `start` inclusive, `end` exclusive (epoch seconds), in steps of `period` seconds."""

    start: int
    end: int
    period: int

    @property
    def moments(self) -> range:
        return range(self.start, self.end, self.period)


Value = float | Series | list[Series]


def each(function: Callable[[float], float], series: Series) -> Series:
    """Apply a function to every value; where it has no finite result, the value goes missing."""
    return of(((moment, function(value)) for moment, value in series.values.items()), series.id)


def of(points: Iterable[tuple[int, float]], name: str = "") -> Series:
    """Make a series of points, leaving out what is no finite number."""
    return Series({moment: value for moment, value in points if math.isfinite(value)}, name)


def merged(function: Callable[[float, float], float], left: Series, right: Series) -> Series:
    """Combine two series at every moment that either knows; what the other misses counts as 0."""
    moments = sorted({*left.values, *right.values})
    return of(((at, function(left.values.get(at, 0.0), right.values.get(at, 0.0))) for at in moments), left.id)
