"""GetPartitions' `Expression`, as a test of a partition's values. Pure.

Operators and key types: https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

Test = Callable[[Mapping[str, str]], bool]
"""Tells of {key: value} whether a partition is wanted."""
Value = Callable[[Mapping[str, str]], Any]

_COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: eq, exp.NEQ: ne, exp.LT: lt, exp.LTE: le, exp.GT: gt, exp.GTE: ge,
}  # fmt: skip
_NUMBERS = ("int", "integer", "bigint", "long", "smallint", "tinyint", "decimal")


class BadExpression(ValueError):
    """What Glue would refuse; `str()` says what it is."""


def partition_test(expression: str, keys: Sequence[Mapping[str, str]]) -> Test:
    """Return the test that `expression` is, for the partition keys of Glue's table; raises BadExpression."""
    types = {key["Name"].lower(): key.get("Type", "string").lower() for key in keys}
    try:
        return _Reader(types).test(parse_one(expression))
    except SqlglotError as error:
        raise BadExpression(f"Unsupported expression '{expression}': {str(error).splitlines()[0]}") from None


class _Reader:
    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types

    def test(self, node: exp.Expr) -> Test:
        if isinstance(node, exp.Paren):
            return self.test(node.this)
        if isinstance(node, exp.Not):
            inner = self.test(node.this)
            return lambda row: not inner(row)
        if isinstance(node, exp.And | exp.Or):
            both = (self.test(node.left), self.test(node.right))
            join = all if isinstance(node, exp.And) else any
            return lambda row: join(each(row) for each in both)
        return self._predicate(node)

    def _predicate(self, node: exp.Expr) -> Test:
        if node.args.get("negate"):  # x NOT LIKE
            positive = node.copy()
            positive.set("negate", None)
            return self.test(exp.Not(this=positive))
        if (compare := _COMPARISONS.get(type(node))) is not None:
            left, right = self._values(node.this, node.expression)
            return lambda row: compare(left(row), right(row))
        if isinstance(node, exp.Between):
            value, low, high = self._values(node.this, node.args["low"], node.args["high"])
            return lambda row: low(row) <= value(row) <= high(row)
        if isinstance(node, exp.In) and node.expressions:
            value, *choices = self._values(node.this, *node.expressions)
            return lambda row: any(value(row) == choice(row) for choice in choices)
        if isinstance(node, exp.Like):
            value, pattern = self._values(node.this, node.expression)
            return lambda row: _like(str(value(row)), str(pattern(row)))
        raise BadExpression(f"Unsupported expression '{node.sql()}'")

    def _values(self, *nodes: exp.Expr) -> list[Value]:
        """Return what gives each node's value: numbers where a key among them is one, else texts."""
        kinds = {self._type(node) for node in nodes if isinstance(node, exp.Column)}
        numeric = any(kind.startswith(_NUMBERS) for kind in kinds)
        return [_read(node, numeric=numeric) for node in nodes]

    def _type(self, column: exp.Column) -> str:
        try:
            return self._types[column.name.lower()]
        except KeyError:
            raise BadExpression(f"Unsupported expression: '{column.name}' is no partition key") from None


def _read(node: exp.Expr, *, numeric: bool) -> Value:
    if isinstance(node, exp.Column):
        name = node.name.lower()
        return lambda row: _number(row[name]) if numeric else row[name]
    literal = node.this if isinstance(node, exp.Cast) else node  # date '2026-11-23'
    if isinstance(literal, exp.Neg):
        negative = -_number(literal.name)
        return lambda _: negative
    if not isinstance(literal, exp.Literal):
        raise BadExpression(f"Unsupported expression '{node.sql()}'")
    constant = _number(literal.name) if numeric else literal.name
    return lambda _: constant


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadExpression(f"'{text}' is not a number") from None


def _like(text: str, pattern: str) -> bool:
    shape = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(shape, text, re.DOTALL) is not None
