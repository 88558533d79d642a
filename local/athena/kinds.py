"""Which types the expressions of a query have, as far as its tables and its text tell. Pure."""

from collections.abc import Callable, Iterable, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from local.athena.catalog import Table
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


def group(kind: Type | None) -> str | None:
    """Return the name of the types that `kind` is turned into without being asked; None where that is not known."""
    return _GROUPS.get(kind.name) if kind is not None else None


class Kinds:
    """The types of the expressions of one SELECT."""

    def __init__(self, scope: Scope, tables: Mapping[str, Table]) -> None:
        self._scope = scope
        self._tables = tables

    def of(self, node: exp.Expr) -> Type | None:
        """Return an expression's type, None where it is not known."""
        reader = _READERS.get(type(node))
        return reader(self, node) if reader is not None else None

    def first(self, nodes: Iterable[exp.Expr]) -> Type | None:
        """Return the first type that is known."""
        return next((kind for node in nodes if (kind := self.of(node)) is not None), None)

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

    def scalar(self, node: exp.Subquery) -> Type | None:
        """Return the type of the first column of a query within an expression."""
        found = next((each for each in self._scope.subquery_scopes if each.expression is node.unnest()), None)
        return output(found, 0, self._tables) if found is not None else None

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
    if (names := _given_names(scope)) is not None:
        return output(scope, names.index(name), tables) if name in names else None
    inner = scope.expression
    if isinstance(inner, exp.SetOperation):
        return _selected(scope.set_operation_scopes[0], name, tables)
    if not isinstance(inner, exp.Select):
        return None
    for projection in inner.expressions:
        if projection.alias_or_name.lower() == name and not isinstance(projection, exp.Star):
            return Kinds(scope, tables).of(projection.unalias())
    if inner.is_star and len(scope.selected_sources) == 1:
        return Kinds(scope, tables).of(exp.column(name))
    return None


def output(scope: Scope, place: int, tables: Mapping[str, Table]) -> Type | None:
    """Return the type of the column at a place, from 0, of what a query gives."""
    inner = scope.expression
    if isinstance(inner, exp.SetOperation):
        left, right = scope.set_operation_scopes
        return output(left, place, tables) or output(right, place, tables)
    kinds = Kinds(scope, tables)
    if isinstance(inner, exp.Values):
        return kinds.first(row.expressions[place] for row in inner.expressions if place < len(row.expressions))
    if not isinstance(inner, exp.Select) or inner.is_star or place >= len(inner.expressions):
        return None
    return kinds.of(inner.expressions[place].unalias())


def width(scope: Scope) -> int:
    """Return how many columns a query gives, 0 where only its tables tell."""
    inner = scope.expression
    if isinstance(inner, exp.SetOperation):
        return width(scope.set_operation_scopes[0])
    return 0 if inner.is_star else len(inner.expressions)


def _given_names(scope: Scope) -> list[str] | None:
    """Return the names that an alias gives the columns: `AS t (a, b)`."""
    holder = scope.expression if isinstance(scope.expression, exp.Values) else scope.expression.parent
    alias = holder.args.get("alias") if holder is not None else None
    if not isinstance(alias, exp.TableAlias) or not alias.columns:
        return None
    return [column.name.lower() for column in alias.columns]


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


def _case(kinds: Kinds, node: exp.Case) -> Type | None:
    return kinds.first(results(node))


def results(node: exp.Case | exp.If) -> list[exp.Expr]:
    """Return what a CASE or an if() may come out as."""
    branches = (
        [branch.args["true"] for branch in node.args["ifs"]] if isinstance(node, exp.Case) else [node.args["true"]]
    )
    otherwise = node.args.get("default") or node.args.get("false")
    return [*branches, otherwise] if otherwise is not None else branches


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


_PREDICATES = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In, exp.Like,
    exp.Is, exp.Not, exp.And, exp.Or, exp.Exists,
)  # fmt: skip
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
    exp.Subquery: Kinds.scalar,
    exp.Case: _case,
    exp.If: _case,
    **dict.fromkeys(_PREDICATES, _constant("boolean")),
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
