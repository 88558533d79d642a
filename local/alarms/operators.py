"""What the operators of metric math do to numbers, series and arrays.

"Missing values in a time series are treated as 0. If the value of a data point causes a function to attempt to divide
by zero, the data point is dropped" (User Guide, using-metric-math, "Basic arithmetic functions").
"""

import math
import operator
from collections.abc import Callable

from local.alarms.series import Series, Value, each, merged
from local.alarms.syntax import MathError


def _quotient(left: float, right: float) -> float:
    return left / right if right else math.nan


def _power(base: float, exponent: float) -> float:
    try:
        result = base**exponent
    except (ZeroDivisionError, OverflowError):
        return math.nan
    return math.nan if isinstance(result, complex) else float(result)


OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "^": _power,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    ">": lambda left, right: float(left > right),
    "<=": lambda left, right: float(left <= right),
    ">=": lambda left, right: float(left >= right),
    "&&": lambda left, right: float(bool(left) and bool(right)),
    "||": lambda left, right: float(bool(left) or bool(right)),
}


def combine(sign: str, left: Value, right: Value, at: int) -> Value:
    """Apply a binary operator; raises MathError for two arrays, which CloudWatch does not combine."""
    function = OPERATORS[sign]
    match left, right:
        case list(), list():
            raise MathError(f"Unsupported operand types for {sign} at char {at}: [Array[TS], Array[TS]]")
        case list(), _:
            return [_pair(function, series, right) for series in left]
        case _, list():
            return [_pair(function, left, series, series.id) for series in right]
        case Series(), _:
            return _pair(function, left, right)
        case float(), Series():
            return _pair(function, left, right, right.id)
        case float(), float():
            return function(left, right)
    raise AssertionError((left, right))


def _pair(function: Callable[[float, float], float], left: Value, right: Value, name: str = "") -> Series:
    match left, right:
        case Series(), Series():
            joined = merged(function, left, right)
            return Series(joined.values, name or left.id)
        case Series(), float():
            return each(lambda value: function(value, right), left)
        case float(), Series():
            return each(lambda value: function(left, value), right)
    raise AssertionError((left, right))
