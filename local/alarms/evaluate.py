"""Which state an alarm is in, given what its metric held.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.alarms.series import Frame

ALARM, OK, INSUFFICIENT_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"

FURTHER_PERIODS = 2
"""How far CloudWatch looks back beyond the evaluation periods for data to stand in for what is missing.

It says only that this depends on the period; its examples look at 5 periods for 3. So do we, in proportion N + 2.
"""

MINUTE = 60

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class NotModelled(ValueError):
    """The alarm is of a kind that this runtime does not evaluate; `str()` says which."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What of an alarm decides its state. Periods are in seconds."""

    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    is_m_of_n: bool
    """Whether the alarm says itself how many datapoints it takes; its reasons are then worded otherwise."""
    operator: str
    threshold: float
    treat_missing: str
    statistic: str | None
    """None for an expression."""


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluated period. `age` 0 is the last one that is over; `value` None is missing."""

    start: int
    age: int
    value: float | None
    breaching: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome; `state` is what the alarm should be in now."""

    state: str
    points: tuple[Point, ...]
    """The evaluated periods, the newest first."""
    filled: int
    """How many of them were missing and counted as the alarm says missing data should."""


def definition(alarm: Mapping[str, Any]) -> Definition:
    """Read an alarm as DescribeAlarms gives it; raises NotModelled."""
    if alarm["ComparisonOperator"] not in OPERATORS:
        raise NotModelled(
            f"{alarm['ComparisonOperator']} compares with an anomaly detection band, which is not modelled here"
        )
    periods = int(alarm["EvaluationPeriods"])
    needed = alarm.get("DatapointsToAlarm")
    return Definition(
        period=_period(alarm),
        evaluation_periods=periods,
        datapoints_to_alarm=int(needed or periods),
        is_m_of_n=needed is not None,
        operator=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        treat_missing=alarm.get("TreatMissingData") or "missing",
        statistic=None if alarm.get("Metrics") else alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
    )


def _period(alarm: Mapping[str, Any]) -> int:
    if not (queries := alarm.get("Metrics")):
        return int(alarm["Period"])
    periods = [each["MetricStat"]["Period"] if each.get("MetricStat") else each.get("Period") for each in queries]
    return int(next((period for period in periods if period), MINUTE))


def evaluation_range(alarm: Definition, now: float) -> Frame:
    """Return the periods to look at: they slide with the minute and end with the last minute that is over."""
    grain = min(alarm.period, MINUTE)
    end = int(now // grain) * grain
    return Frame(end - (alarm.evaluation_periods + FURTHER_PERIODS) * alarm.period, end, alarm.period)


def evaluate(alarm: Definition, values: Mapping[int, float], now: float, state: str) -> Evaluation:
    """Evaluate an alarm that is in `state`, over its metric's values by start of period in `evaluation_range`."""
    points = _points(alarm, values, now)
    real = [point for point in points if point.value is not None]
    needed = alarm.evaluation_periods
    if len(real) >= needed:
        return Evaluation(_judged(alarm, real[:needed]), tuple(real[:needed]), 0)
    missing = [point for point in points if point.value is None][: needed - len(real)]
    evaluated = tuple(sorted([*real, *missing], key=lambda point: point.age))
    if alarm.treat_missing in _COUNTED:
        return Evaluation(_judged(alarm, evaluated), evaluated, len(missing))
    return Evaluation(_without_filling(alarm, real, state), evaluated, 0)


_COUNTED = {"breaching", "notBreaching"}


def _points(alarm: Definition, values: Mapping[int, float], now: float) -> list[Point]:
    breaches = OPERATORS[alarm.operator]
    points = []
    for age, start in enumerate(reversed(evaluation_range(alarm, now).moments)):
        value = values.get(start)
        breaching = alarm.treat_missing == "breaching" if value is None else breaches(value, alarm.threshold)
        points.append(Point(start, age, value, breaching))
    return points


def _judged(alarm: Definition, points: list[Point] | tuple[Point, ...]) -> str:
    return ALARM if sum(point.breaching for point in points) >= alarm.datapoints_to_alarm else OK


def _without_filling(alarm: Definition, real: list[Point], state: str) -> str:
    """Judge too few datapoints of an alarm that treats missing data as missing, or ignores it."""
    if any(not point.breaching for point in real) or _judged(alarm, real) == ALARM:
        return _judged(alarm, real)
    if alarm.treat_missing == "ignore":
        return state
    return ALARM if _is_old_enough(alarm, real) else INSUFFICIENT_DATA


def _is_old_enough(alarm: Definition, real: list[Point]) -> bool:
    """Say whether breaching datapoints followed by none are an alarm.

    They are when the oldest is at least as old as Datapoints to Alarm (see "Avoiding premature transitions").
    """
    return bool(real) and real[-1].age + 1 >= alarm.datapoints_to_alarm
