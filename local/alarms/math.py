"""Metric math: an expression over metrics, and its value.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from collections.abc import Callable, Mapping
from math import isfinite

from local.alarms import functions
from local.alarms.operators import combine
from local.alarms.series import Frame, Series, Value, of
from local.alarms.syntax import Array, Call, MathError, Name, Negation, Node, Number, Operation, Text, Word, parse

SORT_KEYS = frozenset({"AVG", "MIN", "MAX", "SUM"})


def evaluate(expression: str, frame: Frame, metrics: Mapping[str, Series], results: Mapping[str, Value]) -> Value:
    """Return the value of an expression: a series or an array of series; raises MathError.

    `metrics` are the request's metrics by Id (METRICS() gives these), `results` those of its other expressions.
    """
    value = Evaluation(frame, metrics, results).value(parse(expression))
    if isinstance(value, float):
        raise MathError("the result is a single number; it must be a time series or an array of time series")
    return value


class Evaluation:
    """Walks a tree."""

    def __init__(self, frame: Frame, metrics: Mapping[str, Series], results: Mapping[str, Value]) -> None:
        self._frame = frame
        self._metrics = metrics
        self._results = results
        self._special: dict[str, Callable[[Call], Value]] = {
            "FILL": self._fill,
            "FIRST": self._first,
            "IF": self._if,
            "LAST": self._last,
            "METRICS": self._containing,
            "METRIC_COUNT": self._count,
            "PERIOD": self._period,
            "REMOVE_EMPTY": self._remove_empty,
            "SLICE": self._slice,
            "SORT": self._sort,
            "TIME_SERIES": self._constant,
        }

    def value(self, node: Node) -> Value:
        match node:
            case Number(number):
                return number
            case Name():
                return self._named(node)
            case Array(items):
                return [member for item in items for member in self._members(item)]
            case Negation(operand, at):
                return combine("*", -1.0, self.value(operand), at)
            case Operation(operator, left, right, at):
                return combine(operator, self.value(left), self.value(right), at)
            case Call():
                return self._call(node)
            case Word(word, at):
                raise MathError(
                    f"Unsupported token '{word}' at char {at}: functions need brackets, Ids a lower-case letter"
                )
            case Text(text):
                raise MathError(f"the text '{text}' stands where a value is needed")

    def _named(self, node: Name) -> Value:
        if node.name in self._metrics:
            return self._metrics[node.name]
        if node.name in self._results:
            return self._results[node.name]
        raise MathError(f"'{node.name}' at char {node.at} is the Id of no metric and no expression")

    def _members(self, node: Node) -> list[Series]:
        value = self.value(node)
        if isinstance(value, float):
            raise MathError("an array holds time series, not numbers")
        return value if isinstance(value, list) else [value]

    def _call(self, call: Call) -> Value:
        if (special := self._special.get(call.function)) is not None:
            return special(call)
        if call.function in functions.TRANSFORMS:
            return functions.transform(call.function, self.value(self._only(call)), call.at)
        if call.function in functions.REDUCTIONS:
            return functions.reduce(call.function, self.value(self._only(call)), call.at)
        if call.function in functions.CALENDAR:
            self._only(call)
            return functions.calendar(call.function, self._frame.moments)
        if call.function in functions.NOT_MODELLED:
            raise MathError(f"{call.function} at char {call.at} exists on AWS and is not modelled here")
        raise MathError(f"Unsupported function '{call.function}' at char {call.at}")

    def _only(self, call: Call) -> Node:
        return self._arguments(call, 1, 1)[0]

    def _arguments(self, call: Call, least: int, most: int) -> tuple[Node, ...]:
        if not least <= len(call.arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise MathError(f"{call.function} at char {call.at} takes {wanted} arguments, not {len(call.arguments)}")
        return call.arguments

    def _array(self, node: Node, call: Call) -> list[Series]:
        value = self.value(node)
        if not isinstance(value, list):
            raise MathError(f"{call.function} at char {call.at} takes an array of time series")
        return value

    def _number(self, node: Node, call: Call) -> float:
        value = self.value(node)
        if not isinstance(value, float):
            raise MathError(f"{call.function} at char {call.at} takes a number there, not a time series")
        if not isfinite(value):
            raise MathError(f"{call.function} at char {call.at} was given the result of no data")
        return value

    def _containing(self, call: Call) -> Value:
        texts = self._arguments(call, 0, 1)
        if not texts:
            return list(self._metrics.values())
        if not isinstance(texts[0], Text):
            raise MathError(f'METRICS at char {call.at} takes a part of an Id in quotes: METRICS("errors")')
        wanted = texts[0].value
        return [series for name, series in self._metrics.items() if wanted in name]

    def _period(self, call: Call) -> Value:
        argument = self._only(call)
        if not isinstance(argument, Name) or (series := self._metrics.get(argument.name)) is None:
            raise MathError(f"PERIOD at char {call.at} takes the Id of a metric, not the result of an expression")
        return float(series.period or self._frame.period)

    def _fill(self, call: Call) -> Value:
        subject, filler = self._arguments(call, 2, 2)
        filling = filler.word if isinstance(filler, Word) else self.value(filler)
        match self.value(subject):
            case float():
                raise MathError(f"FILL at char {call.at} takes TS or Array[TS], not a number")
            case list(members):
                return [functions.fill(member, filling, self._frame.moments) for member in members]
            case series:
                return functions.fill(series, filling, self._frame.moments)

    def _if(self, call: Call) -> Value:
        parts = [self.value(each) for each in self._arguments(call, 2, 3)]
        if any(isinstance(part, list) for part in parts):
            raise MathError(f"IF at char {call.at} takes time series and numbers, not arrays")
        condition, true = parts[0], parts[1]
        false = parts[2] if len(parts) > 2 else None  # noqa: PLR2004 - the third may be left out
        if isinstance(condition, float):
            chosen = true if condition else false
            return Series({}) if chosen is None else chosen
        assert isinstance(condition, Series)
        return Series(_chosen(condition, true, false))

    def _count(self, call: Call) -> Value:
        return float(len(self._array(self._only(call), call)))

    def _first(self, call: Call) -> Value:
        return self._one(call, 0)

    def _last(self, call: Call) -> Value:
        return self._one(call, -1)

    def _one(self, call: Call, index: int) -> Value:
        members = self._array(self._only(call), call)
        return members[index] if members else Series({})

    def _remove_empty(self, call: Call) -> Value:
        return [member for member in self._array(self._only(call), call) if member.values]

    def _slice(self, call: Call) -> Value:
        arguments = self._arguments(call, 2, 3)
        bounds = [int(self._number(each, call)) for each in arguments[1:]]
        return self._array(arguments[0], call)[slice(*bounds) if len(bounds) > 1 else slice(bounds[0], None)]

    def _sort(self, call: Call) -> Value:
        subject, key, order, *limit = self._arguments(call, 3, 4)
        if not (
            isinstance(key, Word)
            and key.word in SORT_KEYS
            and isinstance(order, Word)
            and order.word in {"ASC", "DESC"}
        ):
            raise MathError(f"SORT at char {call.at} takes an array, AVG, MIN, MAX or SUM, and ASC or DESC")
        members = self._array(subject, call)
        ordered = sorted(
            (member for member in members if member.values),
            key=lambda member: functions.reduced(key.word, member.values.values()),
            reverse=order.word == "DESC",
        )
        ordered += [member for member in members if not member.values]
        return ordered[: int(self._number(limit[0], call))] if limit else ordered

    def _constant(self, call: Call) -> Value:
        value = self.value(self._only(call))
        if not isinstance(value, float):
            raise MathError(f"TIME_SERIES at char {call.at} takes a number, not a time series")
        return of((moment, value) for moment in self._frame.moments)


def _chosen(condition: Series, true: Value, false: Value | None) -> dict[int, float]:
    """Choose moment by moment: a true one without a value gives 0, a false one nothing ("Using IF expressions")."""
    chosen: dict[int, float] = {}
    for at, truth in condition.values.items():
        if truth:
            chosen[at] = true.values.get(at, 0.0) if isinstance(true, Series) else _as_number(true)
        elif isinstance(false, Series):
            if at in false.values:
                chosen[at] = false.values[at]
        elif false is not None:
            chosen[at] = _as_number(false)
    return chosen


def _as_number(value: Value) -> float:
    assert isinstance(value, float)
    return value
