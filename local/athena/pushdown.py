"""What a query asks of a derived table, said of the tables inside it: partitions are pruned there too. Pure.

Only what holds for every row of the inner query is carried in: a condition on a column that a LIMIT, an aggregate or a
window looks past would change what they see.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from local.athena.joins import about, conjuncts, consequences, made_on, only_column

OWN_NAMES = "own_names"
"""Marks an alias whose columns are those of the query itself, in order: a view's."""


def conditions(scopes: Sequence[Scope]) -> list[list[exp.Expr]]:
    """Return for each scope the conjuncts that every row it reads has to meet, those from around it included.

    `scopes` come as sqlglot walks them, inner ones first.
    """
    found = {
        id(scope): [*conjuncts(scope.expression.args.get("where")), *made_on(scope.expression)] for scope in scopes
    }
    uses = Counter(
        id(source) for scope in scopes for _, source in scope.selected_sources.values() if isinstance(source, Scope)
    )
    for scope in reversed(scopes):
        found[id(scope)] += consequences(scope.expression, found[id(scope)])
        for alias, (_, source) in scope.selected_sources.items():
            if isinstance(source, Scope) and uses[id(source)] == 1:
                alone = len(scope.selected_sources) == 1
                _carry(list(_about(found[id(scope)], alias, alone=alone)), source, found)
    return [found[id(scope)] for scope in scopes]


def _about(found: Sequence[exp.Expr], alias: str, *, alone: bool) -> Iterator[exp.Expr]:
    """Yield the conditions on a single column, which is the derived table's."""
    for condition in found:
        column = only_column(condition)
        if column is not None and (column.table.lower() == alias.lower() or (not column.table and alone)):
            yield condition


def _carry(asked: Sequence[exp.Expr], scope: Scope, found: dict[int, list[exp.Expr]]) -> None:
    holder = scope.expression.parent
    alias = holder.args.get("alias") if isinstance(holder, exp.Subquery | exp.CTE) else None
    for condition in asked:
        column = next(iter(condition.find_all(exp.Column)))
        _into(scope, column.name.lower(), _place(alias, column.name.lower()), condition, found)


def _place(alias: exp.Expr | None, name: str) -> int | None:
    """Return which column of the inner query an alias gives this name to, -1 if it gives none."""
    if not isinstance(alias, exp.TableAlias) or not alias.columns or alias.meta.get(OWN_NAMES):
        return -1
    names = [column.name.lower() for column in alias.columns]
    return names.index(name) if name in names else None


def _into(scope: Scope, name: str, place: int | None, condition: exp.Expr, found: dict[int, list[exp.Expr]]) -> None:
    if place is None or scope.expression.args.get("limit") or scope.expression.args.get("offset"):
        return
    if isinstance(scope.expression, exp.SetOperation):
        if place < 0:
            place = _named_place(scope.expression, name)
        for arm in scope.set_operation_scopes:
            _into(arm, name, place, condition, found)
        return
    inner = _projected(scope, name, place)
    if inner is None or not _passes(scope, inner) or id(scope) not in found:
        return
    found[id(scope)].append(about(condition, inner))


def _named_place(union: exp.SetOperation, name: str) -> int | None:
    """Return the place of a column of a union, which calls its columns as its first query does."""
    names = [each.lower() for each in union.named_selects]
    return names.index(name) if name in names and "*" not in names else None


def _projected(scope: Scope, name: str, place: int) -> exp.Column | None:
    """Return the column that the query gives out at a place, or under a name, if it is one unchanged."""
    if not isinstance(scope.expression, exp.Select):
        return None
    given = scope.expression.expressions
    if place >= 0:
        plain = place < len(given) and not any(each.is_star for each in given)
        inner = given[place].unalias() if plain else None
    else:
        inner = next((each.unalias() for each in given if each.alias_or_name.lower() == name), None)
        if inner is None and len(scope.selected_sources) == 1 and any(isinstance(each, exp.Star) for each in given):
            inner = exp.column(name)
    return inner if isinstance(inner, exp.Column) and not inner.is_star else None


def _passes(scope: Scope, column: exp.Column) -> bool:
    """Tell whether leaving out rows by this column leaves the others as they are."""
    select = scope.expression
    if select.args.get("windows") or select.args.get("offset"):
        return False
    if any(column not in window.args.get("partition_by", []) for window in scope.find_all(exp.Window)):
        return False
    group = select.args.get("group")
    if group is None:
        return True
    if group.args.get("rollup") or group.args.get("cube") or group.args.get("grouping_sets") or group.args.get("all"):
        return False
    places = [int(each.name) - 1 for each in group.expressions if isinstance(each, exp.Literal) and each.is_int]
    keys = [*group.expressions, *(select.expressions[place].unalias() for place in places
                                  if place < len(select.expressions))]  # fmt: skip
    return column in keys
