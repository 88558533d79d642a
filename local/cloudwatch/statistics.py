"""What a metric's samples amount to in a period.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was published for one moment: a value seen `count` times, or a set of statistics."""

    at: float
    unit: str
    count: float
    total: float
    low: float
    high: float

    @property
    def is_one_value(self) -> bool:
        return self.low == self.high and self.total == self.low * self.count


def known(statistic: str) -> bool:
    """Say whether `statistic` is one that `compute` can give (trimmed means and the like are not modelled)."""
    return statistic in _SIMPLE or _PERCENTILE.fullmatch(statistic) is not None


def compute(statistic: str, samples: Sequence[Sample]) -> float | None:
    """Return `Sum`, `p99.9`, …; None where there is no data, or none that a percentile can be had from.

    A percentile needs values: from statistic sets there is none, unless all of a set's values are the same.
    """
    counted = [sample for sample in samples if sample.count > 0]
    if not counted:
        return None
    if (simple := _SIMPLE.get(statistic)) is not None:
        return simple(counted)
    if not all(sample.is_one_value and sample.low >= 0 for sample in counted):
        return None
    return _percentile(counted, float(statistic[1:]))


def _average(samples: Sequence[Sample]) -> float:
    return sum(sample.total for sample in samples) / sum(sample.count for sample in samples)


_SIMPLE: dict[str, Callable[[Sequence[Sample]], float]] = {
    "SampleCount": lambda samples: sum(sample.count for sample in samples),
    "Sum": lambda samples: sum(sample.total for sample in samples),
    "Average": _average,
    "Minimum": lambda samples: min(sample.low for sample in samples),
    "Maximum": lambda samples: max(sample.high for sample in samples),
}


def _percentile(samples: Sequence[Sample], percent: float) -> float:
    """Interpolate between the two nearest ranks."""
    ordered = sorted((sample.low, sample.count) for sample in samples)
    rank = percent / 100 * max(sum(count for _, count in ordered) - 1, 0)
    low, high = _at(ordered, int(rank)), _at(ordered, int(rank) + 1)
    return low + (rank - int(rank)) * (high - low)


def _at(ordered: Sequence[tuple[float, float]], index: int) -> float:
    seen = 0.0
    for value, count in ordered:
        seen += count
        if index < seen:
            return value
    return ordered[-1][0]


def by_period(samples: Iterable[Sample], moments: range) -> Mapping[int, list[Sample]]:
    """Sort samples into periods, which are counted from the start of the range asked for, not from the epoch."""
    periods: dict[int, list[Sample]] = {}
    for sample in samples:
        index = int((sample.at - moments.start) // moments.step)
        if 0 <= index < len(moments) and sample.at < moments.stop:
            periods.setdefault(moments[index], []).append(sample)
    return dict(sorted(periods.items()))
