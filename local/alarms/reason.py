"""Why an alarm is in its state, in CloudWatch's words, and as JSON.

No page lists these texts; they are those seen in histories and notifications of real alarms.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from local.alarms.evaluate import ALARM, INSUFFICIENT_DATA, Definition, Evaluation, Point

_COMPARISONS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}
_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7


def text(alarm: Definition, outcome: Evaluation) -> str:
    """Return the StateReason."""
    received = [point for point in outcome.points if point.value is not None]
    if outcome.state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {_count(alarm.evaluation_periods, 'datapoint')} unknown."
    deciding = [point for point in received if point.breaching == (outcome.state == ALARM)]
    if not deciding:
        number = "no datapoints were" if not received else _count(len(received), "datapoint")
        periods = _plural(alarm.evaluation_periods, "period")
        return f"Threshold Crossed: {number} received for {periods}{_missing(alarm, outcome)}."
    return (
        f"Threshold Crossed: {_crossing(alarm, outcome, deciding)}{_missing(alarm, outcome)}{_least(alarm, outcome)}."
    )


def _crossing(alarm: Definition, outcome: Evaluation, deciding: Sequence[Point]) -> str:
    number = len(deciding)
    whole = f"{number} out of the last {alarm.evaluation_periods} datapoints"
    counted = whole if alarm.is_m_of_n else _plural(number, "datapoint")
    shown = ", ".join(f"{double(point.value or 0.0)} ({_moment(point.start):%d/%m/%y %H:%M:%S})" for point in deciding)
    negation = "" if outcome.state == ALARM else " not"
    verb = "was" if number == 1 else "were"
    comparison = _COMPARISONS[alarm.operator]
    return f"{counted} [{shown}] {verb}{negation} {comparison} the threshold ({double(alarm.threshold)})"


def _missing(alarm: Definition, outcome: Evaluation) -> str:
    if not outcome.filled:
        return ""
    return f" and {_count(outcome.filled, 'missing datapoint')} treated as [{_TREATED[alarm.treat_missing]}]"


def _least(alarm: Definition, outcome: Evaluation) -> str:
    if not alarm.is_m_of_n:
        return ""
    if outcome.state == ALARM:
        return f" (minimum {_plural(alarm.datapoints_to_alarm, 'datapoint')} for OK -> ALARM transition)"
    least = alarm.evaluation_periods - alarm.datapoints_to_alarm + 1
    return f" (minimum {_plural(least, 'datapoint')} for ALARM -> OK transition)"


def data(alarm: Definition, outcome: Evaluation, now: float) -> str:
    """Return the StateReasonData."""
    received = [point for point in outcome.points if point.value is not None]
    document = {
        "version": "1.0",
        "queryDate": iso(now),
        **({"startDate": iso(received[-1].start)} if received else {}),
        **({"statistic": alarm.statistic} if alarm.statistic else {}),
        "period": alarm.period,
        "recentDatapoints": [point.value for point in reversed(received)],
        "threshold": alarm.threshold,
        "evaluatedDatapoints": [
            {"timestamp": iso(point.start)} | ({} if point.value is None else {"value": point.value})
            for point in outcome.points
        ],
    }
    return json.dumps(document, separators=(",", ":"))


def iso(moment: float) -> str:
    """Write a moment (epoch seconds) as alarms do: `2026-11-23T19:06:10.000+0000`."""
    return f"{_moment(moment):%Y-%m-%dT%H:%M:%S}.{int(moment * 1000) % 1000:03d}+0000"


def double(value: float) -> str:
    """Write a number as Java does: `5.0`, `1.0E7`, `2.5E-4`."""
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return repr(float(value))
    sign, digits, _ = (number := Decimal(repr(value)).normalize()).as_tuple()
    fraction = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{fraction}E{number.adjusted()}"


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _count(number: int, noun: str) -> str:
    return f"{_plural(number, noun)} {'was' if number == 1 else 'were'}"
