"""What Athena refuses because types do not agree. Pure.

The engine is lenient where Athena is not: it would turn text into a number to compare the two. The sentences and
places are those of Trino's analyzer: https://trino.io/docs/current/functions/conversion.html ("Trino will not convert
between character and numeric types").
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from local.athena.catalog import Table
from local.athena.errors import QueryFailed
from local.athena.kinds import Kinds, group, output, results, width
from local.athena.places import Place, beginning, sign, word
from local.athena.types import Type

_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
_JOINED = frozenset({"text", "bytes"})
_CLAUSES: dict[type[exp.Expr], str] = {exp.Where: "WHERE", exp.Having: "HAVING", exp.Join: "JOIN ON"}


def check(tree: exp.Expr, tables: Mapping[str, Table]) -> None:
    """Refuse operands whose types have nothing in common; mark what the dialect, one node at a time, cannot tell.

    `tables` are the query's tables by the name that stands for each in the tree; raises QueryFailed: TYPE_MISMATCH,
    FUNCTION_NOT_FOUND.
    """
    for scope in traverse_scope(tree):
        checker = _Checker(Kinds(scope, tables), tree.meta.get("sql", ""))
        if isinstance(scope.expression, exp.SetOperation):
            checker.branches(scope.expression, scope.set_operation_scopes, tables)
        for node in scope.find_all(*_CHECKS):
            if node.find_ancestor(exp.Lambda) is None or isinstance(node, exp.Bracket):
                _CHECKS[type(node)](checker, node)


class _Checker:
    """The checks of one SELECT, VALUES or set operation."""

    def __init__(self, kinds: Kinds, sql: str) -> None:
        self._kinds = kinds
        self._sql = sql

    def subscript(self, node: exp.Bracket) -> None:
        """Mark of what it is taken."""
        if (kind := self._kinds.of(node.this)) is not None and kind.name in ("array", "map"):
            node.meta["subject"] = kind.name

    def comparison(self, node: exp.Binary) -> None:
        if types := _clash(self._kinds.of(node.left), self._kinds.of(node.right)):
            said = f"Cannot apply operator: {types[0].athena} {_SIGNS[type(node)]} {types[1].athena}"
            _refuse(said, sign(node, self._sql))

    def between(self, node: exp.Between) -> None:
        three = [self._kinds.of(each) for each in (node.this, node.args["low"], node.args["high"])]
        if _clash(three[0], three[1]) or _clash(three[0], three[2]):
            names = [_name(kind) for kind in three]
            _refuse(f"Cannot check if {names[0]} is BETWEEN {names[1]} and {names[2]}", beginning(node.this))

    def membership(self, node: exp.In) -> None:
        self._alike("IN value and list items", [node.this, *node.expressions])
        if (query := node.args.get("query")) is not None:
            said = "value and result of subquery must be of the same type for IN expression"
            self._pair(said, (node.this, query), node)

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
            if any(_clash(one, other) for one in found for other in found):
                _no_such_call(name, found, beginning(node))
        elif name == "concat":
            self._joined(node.expressions, beginning(node))

    def array(self, node: exp.Array) -> None:
        self._alike("All ARRAY elements", node.expressions)

    def pipe(self, node: exp.DPipe) -> None:
        """Mark an array that gets one more element, too."""
        self._joined([node.left, node.right], sign(node, self._sql))
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
        if predicate is not None and (kind := self._no_boolean(predicate)) is not None:
            said = f"{_CLAUSES[type(node)]} clause must evaluate to a boolean: actual type {kind.athena}"
            _refuse(said, beginning(predicate))

    def rows(self, node: exp.Values) -> None:
        before, *others = [[self._kinds.of(cell) for cell in row.expressions] for row in node.expressions]
        for row in others:
            if any(_clash(one, other) for one, other in zip(before, row, strict=False)):
                said = f"Values rows have mismatched types: row({_listed(before)}) vs row({_listed(row)})"
                _refuse(said, beginning(node))
            before = [one or other for one, other in zip(before, row, strict=False)]

    def branches(self, node: exp.SetOperation, scopes: list[Scope], tables: Mapping[str, Table]) -> None:
        """Compare what the two sides of a UNION, an EXCEPT or an INTERSECT give, column by column."""
        left, right = scopes
        for place in range(min(width(left), width(right))):
            if types := _clash(output(left, place, tables), output(right, place, tables)):
                name = type(node).__name__.upper()
                said = f"column {place + 1} in {name} query has incompatible types: {_listed(types)}"
                _refuse(said, word(name, node.left, self._sql))

    def _alike(self, what: str, nodes: list[exp.Expr]) -> None:
        known = [(node, kind) for node in nodes if (kind := self._kinds.of(node)) is not None and group(kind)]
        for node, kind in known[1:]:
            if _clash(first := known[0][1], kind):
                every = ", ".join(dict.fromkeys(each.athena for _, each in known))
                said = (
                    f"{what} must be the same type or coercible to a common type. Cannot find common type between"
                    f" {first.athena} and {kind.athena}, all types (without duplicates): [{every}]"
                )
                _refuse(said, beginning(node))

    def _pair(self, said: str, both: Sequence[exp.Expr], at: exp.Expr) -> None:
        if types := _clash(self._kinds.of(both[0]), self._kinds.of(both[1])):
            _refuse(f"{said}: {types[0].athena} vs {types[1].athena}", beginning(at))

    def _true_or_false(self, what: str, node: exp.Expr) -> None:
        if (kind := self._no_boolean(node)) is not None:
            _refuse(f"{what} must evaluate to a boolean (actual: {kind.athena})", beginning(node))

    def _no_boolean(self, node: exp.Expr) -> Type | None:
        kind = self._kinds.of(node)
        return None if group(kind) in (None, "boolean") else kind

    def _joined(self, nodes: list[exp.Expr], place: Place) -> None:
        """Texts are joined with texts, bytes with bytes; an array takes anything that may be an element of it."""
        found = [self._kinds.of(node) for node in nodes]
        groups = {group(kind) for kind in found if kind is not None}
        if None in groups or "array" in groups:
            return
        if len(groups) > 1 or (None not in found and not groups <= _JOINED):
            _no_such_call("concat", found, place)


def _no_such_call(name: str, kinds: Iterable[Type | None], place: Place) -> NoReturn:
    raise QueryFailed("FUNCTION_NOT_FOUND", f"Unexpected parameters ({_listed(kinds)}) for function {name}", *place)


def _refuse(said: str, place: Place) -> NoReturn:
    raise QueryFailed("TYPE_MISMATCH", said, *place)


def _clash(one: Type | None, other: Type | None) -> tuple[Type, Type] | None:
    """Return both types if they are known, and known to have nothing in common."""
    if one is None or other is None or None in (groups := {group(one), group(other)}) or len(groups) == 1:
        return None
    return one, other


def _listed(kinds: Iterable[Type | None]) -> str:
    return ", ".join(map(_name, kinds))


def _name(kind: Type | None) -> str:
    return kind.athena if kind is not None else "unknown"


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
