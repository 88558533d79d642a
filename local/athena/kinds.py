"""Which types the operands of a query have, as far as its tables and its text tell. Pure.

The engine is lenient where Athena is not: it would turn text into a number to compare the two.
"""

from collections.abc import Callable, Mapping
from itertools import takewhile

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from local.athena.catalog import Table
from local.athena.errors import QueryFailed
from local.athena.scans import HIDDEN
from local.athena.types import Type, UnknownType
from local.athena.types import parse as parse_type

_BIGINT = frozenset({
    "count", "count_if", "approx_distinct", "length", "strpos", "position", "cardinality", "row_number", "rank",
    "dense_rank", "ntile", "year", "quarter", "month", "week", "day", "day_of_week", "day_of_year", "hour", "minute",
    "second", "millisecond", "date_diff", "json_array_length", "json_size", "array_position", "levenshtein_distance",
    "codepoint", "regexp_count",
})  # fmt: skip
_VARCHAR = frozenset({
    "lower", "upper", "substr", "substring", "concat_ws", "ltrim", "rtrim", "replace", "lpad",
    "rpad", "date_format", "format_datetime", "to_iso8601", "json_extract_scalar", "json_format", "to_hex",
    "regexp_replace", "regexp_extract", "split_part", "translate", "url_extract_host", "url_extract_path", "typeof",
    "array_join", "format", "to_base64", "chr",
})  # fmt: skip
_AS_ARGUMENT = frozenset({
    "max", "min", "any_value", "arbitrary", "lag", "lead", "first_value", "last_value", "nth_value", "coalesce",
    "date_trunc", "date_add", "abs", "nullif",
})  # fmt: skip
_OTHERS = {
    "now": "timestamp with time zone", "from_iso8601_timestamp": "timestamp with time zone", "date": "date",
    "from_iso8601_date": "date", "date_parse": "timestamp", "regexp_like": "boolean", "starts_with": "boolean",
    "contains": "boolean", "is_nan": "boolean", "bool_or": "boolean", "bool_and": "boolean", "pi": "double",
    "sqrt": "double", "power": "double", "ln": "double",
}  # fmt: skip
_TEXTS = Type("array", (Type("varchar"),))
_CALLS = {
    **dict.fromkeys(("split", "regexp_split", "regexp_extract_all"), _TEXTS),
    "sequence": Type("array", (Type("unknown"),)),
    **dict.fromkeys(("map", "map_agg", "histogram"), Type("map", (Type("unknown"), Type("unknown")))),
    **{name: Type("bigint") for name in _BIGINT},
    **{name: Type("varchar") for name in _VARCHAR},
    **{name: Type(kind) for name, kind in _OTHERS.items()},
}
_WHOLE = ("tinyint", "smallint", "integer", "bigint")
_GROUPS = {
    **dict.fromkeys((*_WHOLE, "real", "double", "decimal"), "number"),
    **dict.fromkeys(("varchar", "char"), "text"),
    **dict.fromkeys(("date", "timestamp", "timestamp with time zone"), "moment"),
    "boolean": "boolean",
    "time": "time",
    "varbinary": "bytes",
    "array": "array",
    "map": "map",
    "row": "row",
}
_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip


def check(tree: exp.Expr, tables: Mapping[str, Table]) -> None:
    """Refuse comparisons of types that have nothing in common, and mark subscripts with what they are taken of.

    `tables` are the query's tables by the name that stands for each in the tree; raises QueryFailed TYPE_MISMATCH.
    """
    for scope in traverse_scope(tree):
        kinds = Kinds(scope, tables)
        for node in scope.find_all(*_SIGNS, exp.Between, exp.In, exp.Bracket):
            if isinstance(node, exp.Bracket):
                _mark(kinds, node)
            elif node.find_ancestor(exp.Lambda) is None:
                _CHECKS.get(type(node), _check_signs)(kinds, node, tree)


class Kinds:
    """The types of the expressions of one SELECT."""

    def __init__(self, scope: Scope, tables: Mapping[str, Table]) -> None:
        self._scope = scope
        self._tables = tables

    def of(self, node: exp.Expr) -> Type | None:
        """Return an expression's type, None where it is not known."""
        reader = _READERS.get(type(node))
        return reader(self, node) if reader is not None else None

    def column(self, node: exp.Column) -> Type | None:
        if node.find_ancestor(exp.Lambda) is not None or isinstance(node.parent, exp.Dot):
            return None
        if node.table:
            # `a.b` is a column of a table, or else a field of a row.
            source = self._source(node.table)
            return self._field(node) if source is None else self._in(source, node.name.lower())
        sources = self._scope.selected_sources
        if len(sources) > 1 and not all(self._is_known(source) for _, source in sources.values()):
            return None  # the name may be a column of the one that is not known
        found = [kind for each in sources if (kind := self._in(each, node.name.lower())) is not None]
        return found[0] if len(found) == 1 else None

    def _source(self, name: str) -> str | None:
        return next((each for each in self._scope.sources if each.lower() == name.lower()), None)

    def _is_known(self, source: exp.Expr | Scope) -> bool:
        return isinstance(source, exp.Table) and source.name in self._tables

    def _field(self, node: exp.Column) -> Type | None:
        row = self.column(exp.column(node.table)) if not node.text("db") else None
        if row is None or row.name != "row" or node.name.lower() not in row.labels:
            return None
        return row.inner[row.labels.index(node.name.lower())]

    def _in(self, source: str, name: str) -> Type | None:
        found = self._scope.sources[source]
        if isinstance(found, exp.Table):
            table = self._tables.get(found.name)
            if table is None:
                return None
            return next((each.type for each in (*table.columns, *table.keys) if each.name == name), HIDDEN.get(name))
        return _selected(found, name, self._tables) if isinstance(found, Scope) else None


def _selected(scope: Scope, name: str, tables: Mapping[str, Table]) -> Type | None:
    """Return the type of one of a derived table's columns."""
    if not isinstance(scope.expression, exp.Select) or _renamed(scope):
        return None
    for projection in scope.expression.expressions:
        if projection.alias_or_name.lower() == name and not isinstance(projection, exp.Star):
            return Kinds(scope, tables).of(projection.unalias())
    if scope.expression.is_star and len(scope.selected_sources) == 1:
        return Kinds(scope, tables).of(exp.column(name))
    return None


def _renamed(scope: Scope) -> bool:
    alias = scope.expression.parent.args.get("alias") if scope.expression.parent is not None else None
    return isinstance(alias, exp.TableAlias) and bool(alias.columns)


# --- expressions


def _literal(_: Kinds, node: exp.Literal) -> Type:
    if node.is_string:
        return Type("varchar", sizes=(len(node.name),))
    if not node.is_int:
        return Type("double")
    return Type("integer" if int(node.name) < 1 << 31 else "bigint")


def _cast(_: Kinds, node: exp.Cast) -> Type | None:
    try:
        return parse_type(node.args["to"].sql(dialect="trino"))
    except UnknownType:
        return None


def _call(kinds: Kinds, node: exp.Anonymous) -> Type | None:
    name = node.name.lower()
    if name in _AS_ARGUMENT and node.expressions:
        index = {"date_trunc": 1, "date_add": 2}.get(name, 0)
        listed = name in ("max", "min") and len(node.expressions) > 1
        return None if listed or index >= len(node.expressions) else kinds.of(node.expressions[index])
    return _CALLS.get(name)


def _arithmetic(kinds: Kinds, node: exp.Binary) -> Type | None:
    """Return what numbers make; whatever has a date in it is left alone."""
    both = [kinds.of(node.left), kinds.of(node.right)]
    if any(kind is None or _GROUPS.get(kind.name) != "number" for kind in both):
        return None
    names = [kind.name for kind in both if kind is not None]
    return Type(next((name for name in ("double", "real", "decimal", "bigint") if name in names), "integer"))


def _array(kinds: Kinds, node: exp.Array) -> Type:
    first = kinds.of(node.expressions[0]) if node.expressions else None
    return Type("array", (first or Type("unknown"),))


def _joined(kinds: Kinds, node: exp.DPipe) -> Type | None:
    """`||` joins texts, and arrays and bytes too."""
    both = [kinds.of(node.left), kinds.of(node.right)]
    return Type("varchar") if any(kind is not None and kind.name == "varchar" for kind in both) else None


def _inner(kinds: Kinds, node: exp.Expr) -> Type | None:
    return kinds.of(node.this)


def _constant(kind: str) -> Callable[[Kinds, exp.Expr], Type | None]:
    return lambda *_: Type(kind)


_READERS: dict[type[exp.Expr], Callable[..., Type | None]] = {
    exp.Column: Kinds.column,
    exp.Literal: _literal,
    exp.Boolean: _constant("boolean"),
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Anonymous: _call,
    exp.Array: _array,
    exp.Paren: _inner,
    exp.Alias: _inner,
    exp.Neg: _inner,
    exp.Window: _inner,
    exp.DPipe: _joined,
    exp.Add: _arithmetic,
    exp.Sub: _arithmetic,
    exp.Mul: _arithmetic,
    exp.Div: _arithmetic,
    exp.Mod: _arithmetic,
    exp.CurrentTimestamp: _constant("timestamp with time zone"),
    exp.Localtimestamp: _constant("timestamp"),
    exp.CurrentDate: _constant("date"),
}


# --- checks


def _differ(one: Type | None, other: Type | None) -> bool:
    if one is None or other is None:
        return False
    groups = _GROUPS.get(one.name), _GROUPS.get(other.name)
    return None not in groups and groups[0] != groups[1]


def _check_signs(kinds: Kinds, node: exp.Binary, tree: exp.Expr) -> None:
    left, right = kinds.of(node.left), kinds.of(node.right)
    if left is not None and right is not None and _differ(left, right):
        said = f"Cannot apply operator: {left.athena} {_SIGNS[type(node)]} {right.athena}"
        raise QueryFailed("TYPE_MISMATCH", said, *_sign_place(node, tree))


def _check_between(kinds: Kinds, node: exp.Between, tree: exp.Expr) -> None:
    three = [kinds.of(each) for each in (node.this, node.args["low"], node.args["high"])]
    if _differ(three[0], three[1]) or _differ(three[0], three[2]):
        names = [kind.athena if kind is not None else "unknown" for kind in three]
        said = f"Cannot check if {names[0]} is BETWEEN {names[1]} and {names[2]}"
        raise QueryFailed("TYPE_MISMATCH", said, *_place(node.this, tree))


def _check_in(kinds: Kinds, node: exp.In, tree: exp.Expr) -> None:
    value = kinds.of(node.this)
    for item in node.expressions:
        kind = kinds.of(item)
        if value is not None and kind is not None and _differ(value, kind):
            said = (
                "IN value and list items must be the same type or coercible to a common type. Cannot find common type"
                f" between {value.athena} and {kind.athena}, all types (without duplicates):"
                f" [{value.athena}, {kind.athena}]"
            )
            raise QueryFailed("TYPE_MISMATCH", said, *_place(node.this, tree))


_CHECKS: dict[type[exp.Expr], Callable[..., None]] = {exp.Between: _check_between, exp.In: _check_in}


def _mark(kinds: Kinds, node: exp.Bracket) -> None:
    """Leave word for the dialect, which sees one node at a time."""
    if (kind := kinds.of(node.this)) is not None and kind.name in ("array", "map"):
        node.meta["subject"] = kind.name


def _sign_place(node: exp.Binary, tree: exp.Expr) -> tuple[int | None, int | None]:
    """Return where the operator itself stands, which is what Athena names."""
    sql, operand = tree.meta.get("sql", ""), _last(node.left)
    if operand is None:
        return _place(node.left, tree)
    start = operand.meta["end"] + 1
    blanks = sum(1 for _ in takewhile(lambda character: character in ' \t\r\n)"', sql[start:]))
    return _line_and_column(sql, start + blanks)


def _place(node: exp.Expr, tree: exp.Expr) -> tuple[int | None, int | None]:
    found = next((each for each in node.walk() if "start" in each.meta), None)
    return (None, None) if found is None else _line_and_column(tree.meta.get("sql", ""), found.meta["start"])


def _last(node: exp.Expr) -> exp.Expr | None:
    placed = [each for each in node.walk() if "end" in each.meta]
    return max(placed, key=lambda each: each.meta["end"], default=None)


def _line_and_column(sql: str, offset: int) -> tuple[int | None, int | None]:
    before = sql[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
