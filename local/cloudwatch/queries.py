"""What GetMetricData and metric-math alarms ask: metrics and expressions over them, and their answers.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.alarms import math, syntax
from local.alarms.series import Frame, Series, Value
from local.cloudwatch import statistics
from local.cloudwatch.statistics import Sample

ID = re.compile(r"[a-z][A-Za-z0-9_]*")
SHORT_PERIODS = frozenset({1, 5, 10, 20, 30})
METRICS_OF_AN_ALARM = 10
MINUTE = 60
DATAPOINTS = 100_800
"""Of one answer: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""


class InvalidQuery(ValueError):
    """The request breaks a rule of the API; `str()` is the message for the caller."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: each combination of dimensions is another."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A metric's statistic, or (with `expression`) a computation."""

    id: str
    label: str
    returns_data: bool
    period: int | None
    expression: str = ""
    metric: Metric | None = None
    statistic: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    id: str
    label: str
    values: Mapping[int, float]


Read = Callable[[Metric], Sequence[Sample]]


def parse(members: Sequence[Mapping[str, Any]]) -> list[Query]:
    """Return the queries of a request (`MetricDataQueries`, or `Metrics` of an alarm); raises InvalidQuery."""
    queries = [_query(each) for each in members]
    seen: set[str] = set()
    for query in queries:
        if query.id in seen:
            raise InvalidQuery(f"The values for parameter id in MetricDataQueries are not unique: '{query.id}'")
        seen.add(query.id)
        if query.expression:
            _parsed(query)
    return queries


def check_alarm(queries: Sequence[Query]) -> None:
    """Raise InvalidQuery for what an alarm may not watch, though GetMetricData would answer it."""
    if sum(query.returns_data for query in queries) != 1:
        raise InvalidQuery("Exactly one element of the Metrics list should return data (ReturnData: true).")
    metrics = [query for query in queries if query.metric]
    if len(metrics) > METRICS_OF_AN_ALARM:
        raise InvalidQuery(f"An alarm on an expression can have {METRICS_OF_AN_ALARM} metrics, not {len(metrics)}.")
    if len({query.period for query in metrics}) > 1:
        raise InvalidQuery("All metrics of an alarm on an expression must have the same Period.")
    known = {query.id for query in queries}
    for query in queries:
        if query.expression and (unknown := [name for name in syntax.names(_parsed(query)) if name not in known]):
            raise InvalidQuery(f"Error in expression '{query.id}' [there is no metric or expression '{unknown[0]}']")


def answer(queries: Sequence[Query], start: float, end: float, read: Read) -> list[Result]:
    """Evaluate the queries between `start` and `end` (epoch seconds); raises InvalidQuery."""
    request = _Request(queries, start, end, read)
    return [result for query in queries if query.returns_data for result in _results(query, request.value(query))]


def _results(query: Query, value: Value) -> list[Result]:
    if isinstance(value, list):
        return [Result(query.id, f"{query.label} {series.id}".strip(), series.values) for series in value]
    assert isinstance(value, Series)
    return [Result(query.id, query.label, value.values)]


class _Request:
    """Evaluates the queries of one request, each once, in the order in which they need each other."""

    def __init__(self, queries: Sequence[Query], start: float, end: float, read: Read) -> None:
        self._by_id = {query.id: query for query in queries}
        self._start, self._end = start, end
        self._read = read
        self._period = min((query.period for query in queries if query.period), default=MINUTE)
        self._metrics = {query.id: self._metric(query) for query in queries if query.metric}
        self._results: dict[str, Value] = {}
        self._underway: set[str] = set()

    def value(self, query: Query) -> Value:
        if query.metric:
            return self._metrics[query.id]
        if query.id not in self._results:
            self._results[query.id] = self._evaluated(query)
        return self._results[query.id]

    def _evaluated(self, query: Query) -> Value:
        if query.id in self._underway:
            raise InvalidQuery(f"Error in expression '{query.id}' [it refers to itself]")
        self._underway.add(query.id)
        try:
            for name in syntax.names(_parsed(query)):
                if name in self._by_id:
                    self.value(self._by_id[name])
            return math.evaluate(query.expression, self._frame(query), self._metrics, self._results)
        except syntax.MathError as reason:
            raise InvalidQuery(f"Error in expression '{query.id}' [{reason}]") from None
        finally:
            self._underway.discard(query.id)

    def _metric(self, query: Query) -> Series:
        assert query.metric
        frame = self._frame(query)
        samples = [sample for sample in self._read(query.metric) if not query.unit or sample.unit == query.unit]
        values = {
            at: value
            for at, group in statistics.by_period(samples, frame.moments).items()
            if (value := statistics.compute(query.statistic, group)) is not None
        }
        return Series(values, query.id, frame.period)

    def _frame(self, query: Query) -> Frame:
        """Round the start down to the minute and count periods from there, as CloudWatch does."""
        period = query.period or self._period
        grain = min(period, MINUTE)
        if (self._end - self._start) / period > DATAPOINTS:
            raise InvalidQuery(f"The range has more than {DATAPOINTS} periods of {period} s; ask for a shorter one")
        return Frame(int(self._start // grain) * grain, int(-(-self._end // 1)), period)


def _parsed(query: Query) -> syntax.Node:
    try:
        return syntax.parse(query.expression)
    except syntax.MathError as reason:
        raise InvalidQuery(f"Error in expression '{query.id}' [{reason}]") from None


def _query(members: Mapping[str, Any]) -> Query:
    name = str(members.get("Id", ""))
    if not ID.fullmatch(name):
        raise InvalidQuery(f"'{name}' is no Id: it begins with a lower-case letter; letters, digits and '_' follow")
    stat, expression = members.get("MetricStat"), members.get("Expression")
    if bool(stat) == bool(expression):
        raise InvalidQuery(f"'{name}' must have either an Expression or a MetricStat")
    returns_data = _flag(members.get("ReturnData", True))
    if expression:
        period = _period(members["Period"], name) if "Period" in members else None
        return Query(name, members.get("Label") or name, returns_data, period, expression=str(expression))
    return _metric_query(name, members.get("Label"), returns_data, stat or {})


def _metric_query(name: str, label: str | None, returns_data: bool, stat: Mapping[str, Any]) -> Query:  # noqa: FBT001 - a member
    metric, statistic = metric_of(stat.get("Metric") or {}), str(stat.get("Stat", ""))
    if not statistics.known(statistic):
        raise InvalidQuery(
            f"'{name}' has the Stat '{statistic}'; there are Sum, Average, Minimum, Maximum, SampleCount, p0 to p100"
        )
    return Query(
        name,
        label or metric.name,
        returns_data,
        _period(stat.get("Period"), name),
        metric=metric,
        statistic=statistic,
        unit=str(stat.get("Unit") or ""),
    )


def metric_of(members: Mapping[str, Any]) -> Metric:
    """Return the metric that the members Namespace, MetricName and Dimensions name; raises InvalidQuery."""
    try:
        dimensions = tuple(sorted((each["Name"], each["Value"]) for each in members.get("Dimensions") or []))
        return Metric(members["Namespace"], members["MetricName"], dimensions)
    except (KeyError, TypeError) as reason:
        raise InvalidQuery(
            f"A metric has Namespace, MetricName and Dimensions of Name and Value; lacking: {reason}"
        ) from None


def _period(value: Any, name: str) -> int:
    try:
        period = int(value)
    except (TypeError, ValueError):
        raise InvalidQuery(f"'{name}' has the Period '{value}', which is no number of seconds") from None
    if period not in SHORT_PERIODS and (period < MINUTE or period % MINUTE):
        raise InvalidQuery(f"'{name}' has the Period {period}; it must be 1, 5, 10, 20, 30 or a multiple of 60")
    return period


def _flag(value: Any) -> bool:
    """CloudFormation passes booleans on as text."""
    return value.lower() != "false" if isinstance(value, str) else bool(value)
