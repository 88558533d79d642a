"""Athena's SQL said in the engine's: one walk over the tree, leaves first. Pure.

What cannot be said is refused with Trino's code and the place. https://trino.io/docs/current/functions.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from local.athena import formats
from local.athena.errors import QueryFailed, not_supported
from local.athena.functions import AGGREGATES, TEMPLATES, macros
from local.athena.parser import EngineSql, position
from local.athena.types import Type

_ZONED_CALLS = frozenset({"at_timezone", "with_timezone", "from_iso8601_timestamp", "from_unixtime"})
_TEMPORAL_MACROS = frozenset({"_to_date", "_to_timestamp", "_to_timestamptz", "_plus", "_minus", "date", "date_trunc",
                              "date_add", "at_timezone", "from_unixtime", "from_iso8601_timestamp", "from_iso8601_date"})  # fmt: skip
_MAP_CALLS = frozenset(
    {"map", "map_from_entries", "map_concat", "_map_of", "_multimap_of", "histogram", "split_to_map"}
)
_ARRAY_CALLS = frozenset({"split", "sequence", "regexp_extract_all", "regexp_split", "array_distinct", "array_sort",
                          "map_keys", "map_values", "slice", "list_transform", "list_filter", "list"})  # fmt: skip
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_REFUSED: dict[type[exp.Expr], str] = {
    exp.MatchRecognize: "MATCH_RECOGNIZE",
    exp.Qualify: "QUALIFY",
    exp.Version: "time travel",
    exp.Pivot: "PIVOT",
    exp.IntervalSpan: "an interval of several fields",
}


@dataclass
class Translation:
    """One query on its way: the moment it was submitted, and the types of its tables' columns, by name."""

    moment: datetime
    columns: Mapping[str, Type] = field(default_factory=dict)
    zoned: bool = False

    def temporal(self, node: exp.Expr) -> bool:
        """Tell whether a translated operand is known to be a date or a time."""
        if isinstance(node, exp.Paren):
            return self.temporal(node.this)
        if isinstance(node, exp.Cast):
            return node.args["to"].this in (_T.DATE, _T.TIME, *_TIMESTAMPS)
        if isinstance(node, exp.Column):
            kind = self.columns.get(node.name.lower())
            return kind is not None and kind.name.startswith(("date", "time"))
        return isinstance(node, exp.Dot) and node.expression.name in _TEMPORAL_MACROS

    def is_map(self, node: exp.Expr) -> bool:
        """Tell whether an operand is known to be a map."""
        if isinstance(node, exp.Column):
            kind = self.columns.get(node.name.lower())
            return kind is not None and kind.name == "map"
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        name = node.expression.name if isinstance(node, exp.Dot) else name
        return isinstance(node, exp.Map | exp.ToMap) or name in _MAP_CALLS

    def is_array(self, node: exp.Expr) -> bool:
        """Tell whether an operand is known to be an array."""
        if isinstance(node, exp.Column):
            kind = self.columns.get(node.name.lower())
            return kind is not None and kind.name == "array"
        name = node.expression.name if isinstance(node, exp.Dot) else node.name.lower()
        return isinstance(node, exp.Array) or (isinstance(node, exp.Anonymous | exp.Dot) and name in _ARRAY_CALLS)

    def of(self, tree: exp.Expr) -> exp.Expr:
        """Return the tree in the engine's words (the given one is consumed); raises QueryFailed."""
        self.zoned = self.zoned or _has_zones(tree)
        holder = exp.Paren(this=tree)
        for node in reversed(list(tree.dfs())):
            if type(node) in _REFUSED:
                raise not_supported(_REFUSED[type(node)], *position(node))
            if (rewrite := _REWRITES.get(type(node))) is not None and (new := rewrite(self, node)) is not node:
                node.replace(new)
        result = holder.this
        result.pop()
        return result  # type: ignore[no-any-return]  # sqlglot's args are untyped


def translate(tree: exp.Expr, moment: datetime, columns: Mapping[str, Type] | None = None) -> exp.Expr:
    """Return Athena's `tree` (consumed) as the engine's; raises QueryFailed."""
    return Translation(moment, columns or {}).of(tree)


def render(tree: exp.Expr) -> str:
    return tree.sql(dialect=EngineSql)


@cache
def _parsed(template: str) -> exp.Expr:
    return sqlglot.parse_one(template, dialect=EngineSql)


def build(template: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a template with `$1`, `$2`, … (or `$*`, all) in place."""
    names = [f"__{number}" for number in range(1, len(arguments) + 1)]
    text = template.replace("$*", ", ".join(names)).replace("$…", " || ".join(names[1:]))
    for number, name in enumerate(names, 1):
        text = text.replace(f"${number}", name)
    holder = exp.Paren(this=_parsed(text).copy())
    places = [node for node in holder.find_all(exp.Column) if node.name in names and not node.table]
    for place in places:
        place.replace(arguments[names.index(place.name)].copy())
    return holder.this.pop()  # type: ignore[no-any-return]  # sqlglot's args are untyped


def macro(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of one of `functions.sql`'s macros."""
    return exp.Dot(this=exp.to_identifier("trino"), expression=exp.Anonymous(this=name, expressions=list(arguments)))


def _has_zones(tree: exp.Expr) -> bool:
    if tree.find(exp.AtTimeZone) is not None:
        return True
    if any(node.name.lower() in _ZONED_CALLS for node in tree.find_all(exp.Anonymous)):
        return True
    return any(_zone_of(node) for node in tree.find_all(exp.Cast))


def _zone_of(node: exp.Expr) -> str:
    """Return the zone that a TIMESTAMP literal names, if it does."""
    if not (isinstance(node.this, exp.Literal) and node.this.is_string and node.args["to"].this in _TIMESTAMPS):
        return ""
    parts = node.this.name.strip().split(" ")
    if len(parts) > 2:  # noqa: PLR2004 - date, time and a zone
        return parts[2]
    time = parts[1] if len(parts) > 1 else ""
    signs = [time.rfind(sign) for sign in "+-" if sign in time]
    return time[signs[0] :] if signs else ""


_TIMESTAMPS = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPNTZ)


# --- calls


def _call(translation: Translation, node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    arguments = node.expressions
    if (special := _CALLS.get(name)) is not None:
        return special(translation, node)
    _translate_literal(name, node)
    if name in AGGREGATES:
        return _aggregate(name, node)
    if name in TEMPLATES:
        found = TEMPLATES[name].get(len(arguments), TEMPLATES[name].get(-1))
        if found is None:
            raise _wrong_parameters(name, node)
        if name == "concat" and len(arguments) < 2:  # noqa: PLR2004 - it joins
            raise _wrong_parameters(name, node)
        return build(found, *arguments)
    if name in macros():
        return macro(name, *arguments)
    raise QueryFailed("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", *position(node))


def _wrong_parameters(name: str, node: exp.Anonymous) -> QueryFailed:
    given = ", ".join("unknown" for _ in node.expressions)
    return QueryFailed("FUNCTION_NOT_FOUND", f"Unexpected parameters ({given}) for function {name}", *position(node))


def _translate_literal(name: str, node: exp.Anonymous) -> None:
    if name not in formats.LITERALS:
        return
    index, convert = formats.LITERALS[name]
    if index >= len(node.expressions):
        return
    argument = node.expressions[index]
    if not (isinstance(argument, exp.Literal) and argument.is_string):
        if name == "regexp_replace" and isinstance(argument, exp.Lambda):
            raise not_supported("regexp_replace with a function", *position(node))
        raise not_supported(f"{name} with a pattern that is not a literal", *position(node))
    try:
        argument.replace(exp.Literal.string(convert(argument.name)))
    except QueryFailed as failure:
        failure.line, failure.column = position(node)
        raise


def _aggregate(name: str, node: exp.Anonymous) -> exp.Expr:
    arguments = node.expressions
    if name == "count" and len(arguments) == 1 and isinstance(arguments[0], exp.Star):
        arguments = []
    if (forms := AGGREGATES[name].get(len(arguments))) is None:
        raise _wrong_parameters(name, node)
    inner = build(forms[0], *arguments)
    if forms[1] == "$0":
        return inner
    top: exp.Expr = node
    while isinstance(top.parent, exp.Filter | exp.Window | exp.IgnoreNulls) and top.parent.this is top:
        top = top.parent
    outer = build(forms[1].replace("$0", "$1"), exp.column("__0"))
    if top is node:
        return build(forms[1].replace("$0", "$1"), inner)
    node.replace(inner)
    top.replace(outer)
    next(column for column in outer.find_all(exp.Column) if column.name == "__0").replace(top)
    return inner


def _reduce(_: Translation, node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) != 4:  # noqa: PLR2004 - array, start, step, finish
        raise _wrong_parameters("reduce", node)
    array, start, step, finish = node.expressions
    reduced = build("list_reduce($1, $2, $3)", array, step, start)
    return _applied(finish, reduced)


def _applied(function: exp.Expr, *values: exp.Expr) -> exp.Expr:
    """Return a lambda's body with its parameters replaced."""
    assert isinstance(function, exp.Lambda)
    names = [parameter.name for parameter in function.expressions]
    holder = exp.Paren(this=function.this.copy())
    for leaf in list(holder.find_all(exp.Column, exp.Identifier)):
        if leaf.name in names and not (isinstance(leaf, exp.Column) and leaf.table) and leaf.parent is not None:
            if isinstance(leaf, exp.Identifier) and isinstance(leaf.parent, exp.Column | exp.Dot):
                continue
            leaf.replace(values[names.index(leaf.name)].copy())
    return holder


def _over_entries(template: str) -> Callable[[Translation, exp.Anonymous], exp.Expr]:
    """Return the rewriting of a function of maps that takes a lambda of key and value."""

    def rewrite(_: Translation, node: exp.Anonymous) -> exp.Expr:
        if len(node.expressions) != 2 or not isinstance(node.expressions[1], exp.Lambda):  # noqa: PLR2004
            raise _wrong_parameters(node.name.lower(), node)
        subject, function = node.expressions
        entry = exp.to_identifier("_e")
        value = _applied(function, exp.Dot(this=entry, expression=exp.to_identifier("key")),
                         exp.Dot(this=entry.copy(), expression=exp.to_identifier("value")))  # fmt: skip
        return build(template, subject, value)

    return rewrite


def _zip_with(_: Translation, node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) != 3 or not isinstance(node.expressions[2], exp.Lambda):  # noqa: PLR2004
        raise _wrong_parameters("zip_with", node)
    left, right, function = node.expressions
    value = _applied(function, _parsed("_e[1]"), _parsed("_e[2]"))
    return build("list_transform(list_zip($1, $2), lambda _e: $3)", left, right, value)


def _format(_: Translation, node: exp.Anonymous) -> exp.Expr:
    pattern, *arguments = node.expressions
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise not_supported("format with a pattern that is not a literal", *position(node))
    text, kinds = formats.printf_kinds(pattern.name)
    if len(kinds) != len(arguments):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Invalid format string: {pattern.name}", *position(node))
    shaped = {"text": "trino._to_varchar($1)", "whole": "$1", "real": "CAST($1 AS DOUBLE)"}
    values = [build(shaped[kind], argument) for kind, argument in zip(kinds, arguments, strict=True)]
    return build("printf($*)", exp.Literal.string(text), *values)


def _approx_percentile(_: Translation, node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) != 2:  # noqa: PLR2004 - value and percentage: weights are not covered
        raise _wrong_parameters("approx_percentile", node)
    kind = "FLOAT[]" if isinstance(node.expressions[1], exp.Array) else "FLOAT"
    return build(f"approx_quantile($1, CAST($2 AS {kind}))", *node.expressions)


def _now(translation: Translation, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(f"{_milliseconds(translation.moment)}+00"), "TIMESTAMPTZ")


def _local_now(translation: Translation, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(_milliseconds(translation.moment)), "TIMESTAMP")


def _today(translation: Translation, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(f"{translation.moment:%Y-%m-%d}"), "DATE")


def _time_now(translation: Translation, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(_milliseconds(translation.moment)[11:]), "TIME")


def _milliseconds(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def _same(_: Translation, node: exp.Expr) -> exp.Expr:
    return node


_CALLS: dict[str, Callable[[Translation, Any], exp.Expr]] = {
    "reduce": _reduce,
    "zip_with": _zip_with,
    "map_filter": _over_entries("map_from_entries(list_filter(map_entries($1), lambda _e: $2))"),
    "transform_values": _over_entries(
        "map_from_entries(list_transform(map_entries($1), lambda _e: struct_pack(k := _e.key, v := $2)))"
    ),
    "transform_keys": _over_entries(
        "map_from_entries(list_transform(map_entries($1), lambda _e: struct_pack(k := $2, v := _e.value)))"
    ),
    "format": _format,
    "approx_percentile": _approx_percentile,
    "now": _now,
    "current_timestamp": _now,
    "localtimestamp": _local_now,
    "grouping": _same,
}


# --- special syntax


def _cast(translation: Translation, node: exp.Cast) -> exp.Expr:
    value, kind = node.this, node.args["to"]
    if isinstance(value, exp.Literal) and value.is_string and (zone := _zone_of(node)):
        return _zoned_literal(value.name, zone)
    if isinstance(value, exp.Null) or (isinstance(value, exp.Literal) and _plain_literal(value, kind)):
        return _plain(node)
    result = _converted(value, kind)
    if isinstance(node, exp.TryCast):
        return build("try($1)", result)
    return result


def _plain_literal(value: exp.Literal, kind: exp.DataType) -> bool:
    """Tell DATE '2026-11-23' and its like: the engine folds a plain cast before it prunes."""
    if value.is_string:
        return kind.this in (exp.DataType.Type.DATE, exp.DataType.Type.TIME, *_TIMESTAMPS)
    return value.is_int and kind.this in _WHOLE


def _plain(node: exp.Cast) -> exp.Expr:
    kind = node.args["to"]
    if kind.this in _TIMESTAMPS:
        kind.set("expressions", [])
    return node


def _zoned_literal(text: str, zone: str) -> exp.Expr:
    local = exp.cast(exp.Literal.string(text[: text.rindex(zone)].strip()), "TIMESTAMP")
    if zone.upper() in ("UTC", "Z"):
        return build("timezone('UTC', $1)", local)
    return macro("with_timezone", local, exp.Literal.string(zone))


_T = exp.DataType.Type
_WHOLE = (_T.TINYINT, _T.SMALLINT, _T.INT, _T.BIGINT)
_CONVERSIONS: dict[Any, str] = {
    **dict.fromkeys(_WHOLE, "_whole"),
    **dict.fromkeys((_T.DOUBLE, _T.FLOAT, _T.DECIMAL), "_number"),
    **dict.fromkeys((_T.VARCHAR, _T.CHAR, _T.TEXT), "_to_varchar"),
    _T.BOOLEAN: "_logical",
    _T.DATE: "_to_date",
    _T.TIMESTAMP: "_to_timestamp",
    _T.TIMESTAMPTZ: "_to_timestamptz",
    _T.JSON: "_to_json",
    _T.VARBINARY: "_to_varbinary",
}


def _converted(value: exp.Expr, kind: exp.DataType) -> exp.Expr:
    name = _CONVERSIONS.get(kind.this)
    if name is None:
        return exp.Cast(this=value.copy(), to=kind.copy())
    converted = macro(name, value.copy())
    if name in ("_whole", "_number"):
        if kind.this == _T.DECIMAL and not kind.expressions:
            kind = exp.DataType.build("DECIMAL(38, 0)")
        return exp.Cast(this=converted, to=kind.copy())
    if name == "_to_varchar" and kind.expressions:
        return build("left($1, $2)", converted, kind.expressions[0].this)
    return converted


def _literal(_: Translation, node: exp.Literal) -> exp.Expr:
    """Athena reads 1.5 as a double, not as a decimal (aoyagikouhei/athena-local, 2026-09-17)."""
    if node.is_string or "." not in node.name or "e" in node.name.lower() or isinstance(node.parent, exp.Interval):
        return node
    return exp.Literal.number(f"{node.name}e0")


def _extract(translation: Translation, node: exp.Extract) -> exp.Expr:
    call = exp.Anonymous(this=node.name.lower(), expressions=[node.expression.copy()])
    call.update_positions(node)
    return _call(translation, call)


def _at_time_zone(_: Translation, node: exp.AtTimeZone) -> exp.Expr:
    return macro("at_timezone", node.this.copy(), node.args["zone"].copy())


def _subscript(translation: Translation, node: exp.Bracket) -> exp.Expr:
    """Fail where there is no such item, if it is known whether a map or an array is asked."""
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        return node
    key = node.expressions[0]
    if translation.is_map(node.this):
        return macro("_map_item", node.this.copy(), key.copy())
    if not translation.is_array(node.this):
        return node
    # The parser counts literals from 0.
    index = exp.Literal.number(int(key.name) + 1) if isinstance(key, exp.Literal) and key.is_int else key.copy()
    return macro("_array_item", node.this.copy(), index)


def _normalize(_: Translation, node: exp.Normalize) -> exp.Expr:
    form = node.args.get("form")
    if isinstance(form, exp.Expr) and form.name.upper() != "NFC":
        raise not_supported(f"normalize to {form.name}", *position(node))
    return build("nfc_normalize($1)", node.this)


def _is_interval(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg):
        return _is_interval(node.this)
    if isinstance(node, exp.Mul):
        return _is_interval(node.this) or _is_interval(node.expression)
    return isinstance(node, exp.Interval)


def _add(_: Translation, node: exp.Add) -> exp.Expr:
    if _is_interval(node.this) or _is_interval(node.expression):
        return macro("_plus", node.this.copy(), node.expression.copy())
    return node


def _subtract(translation: Translation, node: exp.Sub) -> exp.Expr:
    if _is_interval(node.expression):
        return macro("_minus", node.this.copy(), node.expression.copy())
    if translation.temporal(node.this) and translation.temporal(node.expression):
        return macro("_difference", node.this.copy(), node.expression.copy())
    return node


def _compare(translation: Translation, node: exp.Expr) -> exp.Expr:
    if translation.zoned:
        for argument in list(node.iter_expressions()):
            if not isinstance(argument, exp.Literal | exp.Query | exp.Null | exp.Tuple | exp.Any | exp.All):
                argument.replace(macro("_instant", argument.copy()))
    return node


def _unnest(translation: Translation, node: exp.Unnest) -> exp.Expr:
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if alias is not None else []
    numbered = node.args.get("offset")
    wide = len(names) > len(node.expressions)
    parts = [
        _unnested(argument.copy(), wide=wide, is_map=translation.is_map(argument)) for argument in node.expressions
    ]
    query = exp.select(*parts)
    if numbered:
        query = exp.select("*", "row_number() OVER ()").from_(query.subquery("_rows"))
    if alias is not None:
        alias = alias.copy()
        if isinstance(numbered, exp.Identifier):  # the parser took the last name for the number
            alias.append("columns", numbered.copy())
    return exp.Subquery(this=query, alias=alias)


def _unnested(argument: exp.Expr, *, wide: bool, is_map: bool) -> exp.Expr:
    """Return the rows of an array; `wide` is one column a field: of rows, or of a map's entries."""
    subject = build("map_entries($1)", argument) if is_map else argument
    return build("unnest($1, max_depth := 2)" if wide or is_map else "unnest($1)", subject)


_REWRITES: dict[type[exp.Expr], Callable[[Translation, Any], exp.Expr]] = {
    exp.Anonymous: _call,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Literal: _literal,
    exp.Extract: _extract,
    exp.AtTimeZone: _at_time_zone,
    exp.Add: _add,
    exp.Sub: _subtract,
    exp.CurrentTimestamp: _now,
    exp.Localtimestamp: _local_now,
    exp.CurrentDate: _today,
    exp.CurrentTime: _time_now,
    exp.Localtime: _time_now,
    exp.Unnest: _unnest,
    exp.Bracket: _subscript,
    exp.Normalize: _normalize,
    exp.Between: _compare,
    exp.In: _compare,
    **dict.fromkeys(_COMPARISONS, _compare),
}
