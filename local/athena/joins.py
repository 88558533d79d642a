"""What a query's joins say of single tables: conditions they are made on, and columns they hold equal. Pure.

A condition is said of a table where rows that do not meet it may be left out of that table: the answer stays the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlglot import exp

Equal = dict[exp.Column, list[exp.Column]]
"""Each column's rows matter only where they find the same value in one of these: it may be known less of those."""


def conjuncts(clause: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield what has to hold, all of it, for a WHERE or an ON to hold."""
    if clause is None:
        return
    pending = [clause.this if isinstance(clause, exp.Where) else clause]
    while pending:
        node = pending.pop().unnest()
        if isinstance(node, exp.And):
            pending += [node.left, node.right]
        else:
            yield node


def only_column(condition: exp.Expr) -> exp.Column | None:
    """Return the column that a condition is about, if it is a single one that stands in it once."""
    columns = list(condition.find_all(exp.Column))
    return columns[0] if len(columns) == 1 and condition.find(exp.Query) is None else None


def about(condition: exp.Expr, column: exp.Column) -> exp.Expr:
    """Return a condition on a single column, said of another one."""
    said = condition.copy()
    next(iter(said.find_all(exp.Column))).replace(column.copy())
    return said


def made_on(select: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the conditions of joins that are about a side whose rows are not kept whatever they are joined with."""
    for join in select.args.get("joins") or []:
        yield from (condition for condition in conjuncts(join.args.get("on")) if _restricts(join, condition))


def _restricts(join: exp.Join, condition: exp.Expr) -> bool:
    joined = join.alias_or_name.lower()
    tables = {column.table.lower() for column in condition.find_all(exp.Column)}
    if join.side == "LEFT":
        return tables == {joined}
    if join.side == "RIGHT":
        return not tables & {joined, ""}
    return not join.side


def consequences(select: exp.Expr, known: Sequence[exp.Expr]) -> list[exp.Expr]:
    """Return what is `known` of single columns, said of those that must be equal to them."""
    equal = _equal(select, known)
    found = list(known)
    for condition in found:  # grows meanwhile
        column = only_column(condition)
        for other in equal.get(_lowered(column), ()) if column is not None else ():
            said = about(condition, other)
            if said not in found:
                found.append(said)
    return found[len(known) :]


def _equal(select: exp.Expr, known: Sequence[exp.Expr]) -> Equal:
    equal: Equal = defaultdict(list)
    for one, other in _pairs(known):
        equal[one].append(other)
        equal[other].append(one)
    source = select.args.get("from_")
    left = source.this.alias_or_name.lower() if source is not None else ""
    for join in select.args.get("joins") or []:
        joined = join.alias_or_name.lower()
        for one, other in _pairs(conjuncts(join.args.get("on"))):
            for near, far in ((one, other), (other, one)):
                if (join.side, far.table == joined) in {("LEFT", True), ("RIGHT", False)} and near.table != far.table:
                    equal[near].append(far)
        for name in join.args.get("using") or []:
            # A row that the bare name's condition refuses is refused with whatever it is joined, on every side.
            bare = exp.column(name.name.lower())
            equal[bare] += [exp.column(name.name.lower(), table=table) for table in (left, joined)]
    return equal


def _pairs(conditions: Sequence[exp.Expr] | Iterator[exp.Expr]) -> Iterator[tuple[exp.Column, exp.Column]]:
    """Yield the columns that are compared with each other, if it is said which tables they are of."""
    for condition in conditions:
        if isinstance(condition, exp.EQ):
            one, other = condition.this, condition.expression
            if isinstance(one, exp.Column) and isinstance(other, exp.Column) and one.table and other.table:
                yield _lowered(one), _lowered(other)


def _lowered(column: exp.Column) -> exp.Column:
    return exp.column(column.name.lower(), table=column.table.lower() or None)
