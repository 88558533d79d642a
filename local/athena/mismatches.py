"""What Athena refuses because types do not agree. Pure.

The engine is lenient where Athena is not: it would turn text into a number to compare the two. The sentences and
places are those of Trino's analyzer: https://trino.io/docs/current/functions/conversion.html ("Trino will not convert
between character and numeric types").
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NoReturn

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from local.athena.catalog import Table
from local.athena.errors import QueryFailed
from local.athena.kinds import Kinds, group, output, results, width
from local.athena.types import Type

_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
_JOINED = frozenset({"text", "bytes"})
_CLAUSES: dict[type[exp.Expr], str] = {exp.Where: "WHERE", exp.Having: "HAVING", exp.Join: "JOIN ON"}


def check(tree: exp.Expr, tables: Mapping[str, Table]) -> None:
    """Refuse operands whose types have nothing in common, and mark subscripts with what they are taken of.

    `tables` are the query's tables by the name that stands for each in the tree; raises QueryFailed: TYPE_MISMATCH,
    FUNCTION_NOT_FOUND.
    """
    for scope in traverse_scope(tree):
        checker = _Checker(Kinds(scope, tables), tree)
        if isinstance(scope.expression, exp.SetOperation):
            checker.branches(scope.expression, scope.set_operation_scopes, tables)
        for node in scope.find_all(*_CHECKS):
            if node.find_ancestor(exp.Lambda) is None or isinstance(node, exp.Bracket):
                _CHECKS[type(node)](checker, node)


class _Checker:
    """The checks of one SELECT, VALUES or set operation."""

    def __init__(self, kinds: Kinds, tree: exp.Expr) -> None:
        self._kinds = kinds
        self._tree = tree

    def subscript(self, node: exp.Bracket) -> None:
        """Leave word for the dialect, which sees one node at a time."""
        if (kind := self._kinds.of(node.this)) is not None and kind.name in ("array", "map"):
            node.meta["subject"] = kind.name

    def comparison(self, node: exp.Binary) -> None:
        left, right = self._kinds.of(node.left), self._kinds.of(node.right)
        if left is not None and right is not None and _differ(left, right):
            said = f"Cannot apply operator: {left.athena} {_SIGNS[type(node)]} {right.athena}"
            raise QueryFailed("TYPE_MISMATCH", said, *self._sign(node))

    def between(self, node: exp.Between) -> None:
        three = [self._kinds.of(each) for each in (node.this, node.args["low"], node.args["high"])]
        if _differ(three[0], three[1]) or _differ(three[0], three[2]):
            names = [kind.athena if kind is not None else "unknown" for kind in three]
            self._refuse(f"Cannot check if {names[0]} is BETWEEN {names[1]} and {names[2]}", node.this)

    def membership(self, node: exp.In) -> None:
        self._alike("IN value and list items", [node.this, *node.expressions])
        if (query := node.args.get("query")) is not None:
            self._pair(
                "value and result of subquery must be of the same type for IN expression", (node.this, query), node
            )

    def case(self, node: exp.Case) -> None:
        for branch in node.args["ifs"]:
            if node.this is None:
                self._true_or_false("CASE WHEN clause", branch.this)
            else:
                said = "CASE operand type does not match WHEN clause operand type"
                self._pair(said, (node.this, branch.this), branch.this)
        self._alike("All CASE results", results(node))

    def choice(self, node: exp.If) -> None:
        if isinstance(node.parent, exp.Case):
            return
        self._true_or_false("IF condition", node.this)
        if len(both := results(node)) > 1:
            self._pair("Result types for IF must be the same", both, node)

    def call(self, node: exp.Anonymous) -> None:
        name = node.name.lower()
        if name == "coalesce":
            self._alike("All COALESCE operands", node.expressions)
        elif name == "nullif" and len(node.expressions) > 1:
            self._pair("Types are not comparable with NULLIF", node.expressions, node)
        elif name in ("greatest", "least"):
            found = [self._kinds.of(each) for each in node.expressions]
            if any(_differ(one, other) for one in found for other in found):
                self._no_such_call(name, found, *self._place(node))
        elif name == "concat":
            self._joined(node.expressions, self._place(node))

    def array(self, node: exp.Array) -> None:
        self._alike("All ARRAY elements", node.expressions)

    def pipe(self, node: exp.DPipe) -> None:
        """Leave word of an array that gets one more element, too."""
        self._joined([node.left, node.right], self._sign(node))
        groups = [group(self._kinds.of(each)) for each in (node.left, node.right)]
        if groups.count("array") == 1 and None not in groups:
            node.meta["element"] = "last" if groups[0] == "array" else "first"

    def logical(self, node: exp.Not | exp.Connector) -> None:
        if isinstance(node, exp.Not):
            self._true_or_false("Value of logical NOT expression", node.this)
        else:
            for term in (node.left, node.right):
                self._true_or_false("Logical expression term", term)

    def clause(self, node: exp.Expr) -> None:
        predicate = node.args.get("on") if isinstance(node, exp.Join) else node.this
        if predicate is None:
            return
        if (kind := self._kinds.of(predicate)) is not None and group(kind) not in (None, "boolean"):
            said = f"{_CLAUSES[type(node)]} clause must evaluate to a boolean: actual type {kind.athena}"
            self._refuse(said, predicate)

    def rows(self, node: exp.Values) -> None:
        before, *others = [[self._kinds.of(cell) for cell in row.expressions] for row in node.expressions]
        for row in others:
            if any(_differ(one, other) for one, other in zip(before, row, strict=False)):
                said = " vs ".join(f"row({_listed(each)})" for each in (before, row))
                self._refuse(f"Values rows have mismatched types: {said}", node)
            before = [one or other for one, other in zip(before, row, strict=False)]

    def branches(self, node: exp.SetOperation, scopes: list[Scope], tables: Mapping[str, Table]) -> None:
        """Compare what the two sides of a UNION, an EXCEPT or an INTERSECT give, column by column."""
        left, right = scopes
        for place in range(min(width(left), width(right))):
            one, other = output(left, place, tables), output(right, place, tables)
            if one is not None and other is not None and _differ(one, other):
                name = type(node).__name__.upper()
                said = f"column {place + 1} in {name} query has incompatible types: {one.athena}, {other.athena}"
                raise QueryFailed("TYPE_MISMATCH", said, *self._word(name, node.left))

    def _alike(self, what: str, nodes: list[exp.Expr]) -> None:
        known = [(node, kind) for node in nodes if (kind := self._kinds.of(node)) is not None and group(kind)]
        for node, kind in known[1:]:
            if _differ(first := known[0][1], kind):
                every = ", ".join(dict.fromkeys(each.athena for _, each in known))
                said = (
                    f"{what} must be the same type or coercible to a common type. Cannot find common type between"
                    f" {first.athena} and {kind.athena}, all types (without duplicates): [{every}]"
                )
                self._refuse(said, node)

    def _pair(self, said: str, both: Sequence[exp.Expr], at: exp.Expr) -> None:
        first, second = (self._kinds.of(each) for each in both[:2])
        if first is not None and second is not None and _differ(first, second):
            self._refuse(f"{said}: {first.athena} vs {second.athena}", at)

    def _true_or_false(self, what: str, node: exp.Expr) -> None:
        if (kind := self._kinds.of(node)) is not None and group(kind) not in (None, "boolean"):
            self._refuse(f"{what} must evaluate to a boolean (actual: {kind.athena})", node)

    def _joined(self, nodes: list[exp.Expr], place: tuple[int | None, int | None]) -> None:
        """Texts are joined with texts, bytes with bytes; an array takes anything that may be an element of it."""
        found = [self._kinds.of(node) for node in nodes]
        groups = {group(kind) for kind in found if kind is not None}
        if None in groups or "array" in groups:
            return
        if len(groups) > 1 or (None not in found and not groups <= _JOINED):
            self._no_such_call("concat", found, *place)

    def _no_such_call(self, name: str, kinds: Iterable[Type | None], line: int | None, column: int | None) -> NoReturn:
        said = f"Unexpected parameters ({_listed(kinds)}) for function {name}"
        raise QueryFailed("FUNCTION_NOT_FOUND", said, line, column)

    def _refuse(self, said: str, at: exp.Expr) -> NoReturn:
        raise QueryFailed("TYPE_MISMATCH", said, *self._place(at))

    def _sign(self, node: exp.Binary) -> tuple[int | None, int | None]:
        """Return where the operator itself stands, which is what Athena names."""
        sql, operand = self._tree.meta.get("sql", ""), _last(node.left)
        if operand is None:
            return self._place(node.left)
        start = operand.meta["end"] + 1
        blanks = sum(1 for _ in takewhile(lambda character: character in ' \t\r\n)"', sql[start:]))
        return _line_and_column(sql, start + blanks)

    def _word(self, name: str, before: exp.Expr) -> tuple[int | None, int | None]:
        """Return where a word stands that comes after what is `before`."""
        sql, operand = self._tree.meta.get("sql", ""), _last(before)
        start = operand.meta["end"] + 1 if operand is not None else 0
        found = re.compile(rf"\b{name}\b", re.IGNORECASE).search(sql, start)
        return (None, None) if found is None else _line_and_column(sql, found.start())

    def _place(self, node: exp.Expr) -> tuple[int | None, int | None]:
        found = next((each for each in node.walk() if "start" in each.meta), None)
        return (None, None) if found is None else _line_and_column(self._tree.meta.get("sql", ""), found.meta["start"])


_CHECKS: dict[type[exp.Expr], Callable[..., None]] = {
    exp.Bracket: _Checker.subscript,
    **dict.fromkeys(_SIGNS, _Checker.comparison),
    exp.Between: _Checker.between,
    exp.In: _Checker.membership,
    exp.Case: _Checker.case,
    exp.If: _Checker.choice,
    exp.Anonymous: _Checker.call,
    exp.Array: _Checker.array,
    exp.DPipe: _Checker.pipe,
    **dict.fromkeys((exp.Not, exp.And, exp.Or), _Checker.logical),
    **dict.fromkeys(_CLAUSES, _Checker.clause),
    exp.Values: _Checker.rows,
}


def _differ(one: Type | None, other: Type | None) -> bool:
    groups = group(one), group(other)
    return None not in groups and groups[0] != groups[1]


def _listed(kinds: Iterable[Type | None]) -> str:
    return ", ".join(kind.athena if kind is not None else "unknown" for kind in kinds)


def _last(node: exp.Expr) -> exp.Expr | None:
    placed = [each for each in node.walk() if "end" in each.meta]
    return max(placed, key=lambda each: each.meta["end"], default=None)


def _line_and_column(sql: str, offset: int) -> tuple[int | None, int | None]:
    before = sql[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
