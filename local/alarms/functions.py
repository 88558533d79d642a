"""The functions of metric math that take values and give values.

Which exist, what they take and give: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html,
"Functions supported for metric math". Those that look at more than their arguments (METRICS, IF, FILL, …) are in
`local.alarms.math`.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from local.alarms.series import Series, Value, each, of
from local.alarms.syntax import MathError

NOT_MODELLED = frozenset({
    "ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH", "SERVICE_QUOTA",
})  # fmt: skip
"""Functions that CloudWatch has and this runtime does not."""


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: function(value) if value > 0 else math.nan


def _differences(series: Series) -> Series:
    return of(((later[0], later[1] - earlier[1]) for earlier, later in pairwise(sorted(series.values.items()))))


def _intervals(series: Series) -> Series:
    return of(((later, float(later - earlier)) for earlier, later in pairwise(sorted(series.values))))


def _rate(series: Series) -> Series:
    steps = pairwise(sorted(series.values.items()))
    return of(((later[0], (later[1] - earlier[1]) / (later[0] - earlier[0])) for earlier, later in steps))


def _running_sum(series: Series) -> Series:
    moments = sorted(series.values)
    return of(zip(moments, accumulate(series.values[moment] for moment in moments), strict=True))


TRANSFORMS: dict[str, Callable[[Series], Series]] = {
    "ABS": lambda series: each(abs, series),
    "CEIL": lambda series: each(lambda value: float(math.ceil(value)), series),
    "FLOOR": lambda series: each(lambda value: float(math.floor(value)), series),
    "LOG": lambda series: each(_logarithm(math.log), series),
    "LOG10": lambda series: each(_logarithm(math.log10), series),
    "DIFF": _differences,
    "DIFF_TIME": _intervals,
    "RATE": _rate,
    "RUNNING_SUM": _running_sum,
}
"""A series gives a series; an array gives an array of them."""


def _average(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else math.nan


REDUCTIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "AVG": _average,
    "DATAPOINT_COUNT": lambda values: float(len(values)),
    "MAX": lambda values: max(values, default=math.nan),
    "MIN": lambda values: min(values, default=math.nan),
    "STDDEV": lambda values: statistics.pstdev(values) if values else math.nan,
    "SUM": lambda values: float(sum(values)),
}
"""A series gives a number; an array gives a series of what its members hold at each moment."""

_MISSING_IS_ZERO = frozenset({"AVG", "SUM"})


def transform(function: str, value: Value, at: int) -> Value:
    match value:
        case Series():
            return Series(TRANSFORMS[function](value).values, value.id)
        case list():
            return [Series(TRANSFORMS[function](member).values, member.id) for member in value]
    if function == "ABS":
        return abs(value)
    raise MathError(f"{function} at char {at} takes TS or Array[TS], not a number")


def reduce(function: str, value: Value, at: int) -> Value:
    match value:
        case Series():
            return reduced(function, value.values.values())
        case list():
            return _across(function, value)
    raise MathError(f"{function} at char {at} takes TS or Array[TS], not a number")


def reduced(function: str, values: Iterable[float]) -> float:
    """Return the one number that the values make; not a number where there are none."""
    try:
        return REDUCTIONS[function](list(values))
    except OverflowError:
        return math.nan


def _across(function: str, members: Sequence[Series]) -> Series:
    moments = sorted({moment for member in members for moment in member.values})
    if function in _MISSING_IS_ZERO:
        columns = ((at, [member.values.get(at, 0.0) for member in members]) for at in moments)
    else:
        columns = ((at, [member.values[at] for member in members if at in member.values]) for at in moments)
    return of((at, reduced(function, values)) for at, values in columns)


CALENDAR: dict[str, Callable[[datetime], int]] = {
    "MINUTE": lambda moment: moment.minute,
    "HOUR": lambda moment: moment.hour,
    "DAY": datetime.isoweekday,
    "DATE": lambda moment: moment.day,
    "MONTH": lambda moment: moment.month,
    "YEAR": lambda moment: moment.year,
    "EPOCH": lambda moment: int(moment.timestamp()),
}
"""What of a moment (UTC) each function gives; DAY is 1 on Monday."""


def calendar(function: str, moments: Sequence[int]) -> Series:
    return of((moment, float(CALENDAR[function](datetime.fromtimestamp(moment, UTC)))) for moment in moments)


def fill(series: Series, filler: Value | str, moments: Sequence[int]) -> Series:
    """Give every moment a value: a number, that of another series, or (REPEAT, LINEAR) one made of its neighbours.

    Before the first value REPEAT leaves a gap, before the first and after the last one LINEAR does.
    """
    known = series.values
    if filler == "REPEAT":
        return _repeated(series, moments)
    if filler == "LINEAR":
        return _interpolated(series, moments)
    if isinstance(filler, Series):
        return Series({**{at: filler.values[at] for at in moments if at in filler.values}, **known}, series.id)
    if not isinstance(filler, float):
        raise MathError("FILL takes a number, a time series, REPEAT or LINEAR as its second argument")
    return Series({**dict.fromkeys(moments, filler), **known}, series.id)


def _repeated(series: Series, moments: Sequence[int]) -> Series:
    last, filled = None, {}
    for at in sorted({*moments, *series.values}):
        last = series.values.get(at, last)
        if last is not None:
            filled[at] = last
    return Series(filled, series.id)


def _interpolated(series: Series, moments: Sequence[int]) -> Series:
    filled = dict(series.values)
    for (begin, low), (end, high) in pairwise(sorted(series.values.items())):
        for at in moments:
            if begin < at < end:
                filled[at] = low + (high - low) * (at - begin) / (end - begin)
    return Series(filled, series.id)
