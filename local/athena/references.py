"""Which tables a query reads, and what it asks of their partition columns. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from local.athena.projection import Bounds
from local.athena.pushdown import conditions

_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
}


@dataclass
class Reference:
    """One mention of a table in a FROM clause."""

    node: exp.Table
    database: str
    name: str
    alias: str
    conditions: list[exp.Expr] = field(default_factory=list)
    """Conjuncts of the WHERE clauses around it, in its own columns."""
    beside: Sequence[exp.Expr | Scope] = ()
    """The other relations of its FROM clause, of which a bare column may be, too."""


def references(tree: exp.Expr, database: str) -> list[Reference]:
    """Return the tables that the query names, common table expressions aside."""
    scopes = traverse_scope(tree)
    return [
        _reference(source, database, alias, asked, scope)
        for scope, asked in zip(scopes, conditions(scopes), strict=True)
        for alias, source in scope.sources.items()
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)
    ]


def _reference(node: exp.Table, database: str, alias: str, asked: list[exp.Expr], scope: Scope) -> Reference:
    named = node.text("db").lower() or database
    beside = [source for _, source in scope.selected_sources.values() if source is not node]
    return Reference(node, named, node.name.lower(), alias.lower(), asked, beside)


def columns_of(source: exp.Expr | Scope) -> frozenset[str] | None:
    """Return the names of a derived table's columns, None where they are not all written in the query."""
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Query):
        return None
    holder = source.expression.parent
    alias = holder.args.get("alias") if isinstance(holder, exp.Subquery | exp.CTE) else None
    given = alias.columns if isinstance(alias, exp.TableAlias) else []
    names = [column.name for column in given] or source.expression.named_selects
    return None if "*" in names else frozenset(name.lower() for name in names)


@dataclass
class Comparison:
    """`column` stands in one of the relations of `kind` to constants, which are still to be evaluated."""

    column: str
    kind: type[exp.Expr]
    constants: list[exp.Expr]


def comparisons(reference: Reference, keys: Iterable[str], own: Iterable[str]) -> Iterator[Comparison]:
    """Yield what the conditions say of the partition columns `keys` and constants.

    `own` are those that can only be this table's where none is named.
    """
    wanted, bare = frozenset(keys), frozenset(own)

    def key(node: exp.Expr) -> str | None:
        if not isinstance(node, exp.Column) or node.name.lower() not in wanted:
            return None
        name = node.name.lower()
        ours = node.table.lower() == reference.alias or (not node.table and name in bare)
        return name if ours else None

    for condition in reference.conditions:
        yield from _comparison(condition, key)


def _comparison(node: exp.Expr, key: Callable[[exp.Expr], str | None]) -> Iterator[Comparison]:
    if isinstance(node, exp.Between) and (column := key(node.this)):
        bounds = [node.args["low"], node.args["high"]]
        if all(map(_is_constant, bounds)):
            yield Comparison(column, exp.Between, bounds)
    elif isinstance(node, exp.In) and (column := key(node.this)) and node.expressions:
        if all(map(_is_constant, node.expressions)):
            yield Comparison(column, exp.In, list(node.expressions))
    elif type(node) in _FLIPPED:
        left, right = node.this, node.expression
        if (column := key(left)) and _is_constant(right):
            yield Comparison(column, type(node), [right])
        elif (column := key(right)) and _is_constant(left):
            yield Comparison(column, _FLIPPED[type(node)], [left])


def _is_constant(node: exp.Expr) -> bool:
    return node.find(exp.Column, exp.Query, exp.Star) is None


def bounds(found: Iterable[tuple[Comparison, list[str | None]]]) -> Mapping[str, Bounds]:
    """Return each column's bounds from comparisons and the values of their constants."""
    result: dict[str, Bounds] = {}
    for comparison, values in found:
        narrowed = _narrowed(comparison.kind, [value for value in values if value is not None])
        result[comparison.column] = _both(result.get(comparison.column, Bounds()), narrowed)
    return result


def _narrowed(kind: type[exp.Expr], values: list[str]) -> Bounds:
    if kind in (exp.EQ, exp.In):
        return Bounds(only=frozenset(values))
    if not values:
        return Bounds(only=frozenset())
    if kind is exp.Between:
        return Bounds(low=values[0], high=values[-1]) if len(values) > 1 else Bounds(only=frozenset())
    return Bounds(low=values[0]) if kind in (exp.GT, exp.GTE) else Bounds(high=values[0])


def _both(one: Bounds, other: Bounds) -> Bounds:
    # Of two limits on one side either is right; numbers as text have no order that this could use.
    only = one.only if other.only is None else other.only if one.only is None else one.only & other.only
    return Bounds(
        low=other.low if one.low is None else one.low, high=other.high if one.high is None else one.high, only=only
    )
