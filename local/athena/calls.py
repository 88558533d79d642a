"""Calls of functions, said in the engine's words: by macro, by template, or by hand. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlglot import exp

from local.athena import formats
from local.athena.building import build, macro
from local.athena.errors import QueryFailed, not_supported
from local.athena.functions import AGGREGATES, TEMPLATES, macros
from local.athena.knowledge import Knowledge
from local.athena.parser import position


def call(knowledge: Knowledge, node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    arguments = node.expressions
    if (special := _CALLS.get(name)) is not None:
        return special(knowledge, node)
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


def _reduce(_: Knowledge, node: exp.Anonymous) -> exp.Expr:
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


def _over_entries(template: str) -> Callable[[Knowledge, exp.Anonymous], exp.Expr]:
    """Return the rewriting of a function of maps that takes a lambda of key and value."""

    def rewrite(_: Knowledge, node: exp.Anonymous) -> exp.Expr:
        if len(node.expressions) != 2 or not isinstance(node.expressions[1], exp.Lambda):  # noqa: PLR2004
            raise _wrong_parameters(node.name.lower(), node)
        subject, function = node.expressions
        entry = exp.to_identifier("_e")
        value = _applied(function, exp.Dot(this=entry, expression=exp.to_identifier("key")),
                         exp.Dot(this=entry.copy(), expression=exp.to_identifier("value")))  # fmt: skip
        return build(template, subject, value)

    return rewrite


def _zip_with(_: Knowledge, node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) != 3 or not isinstance(node.expressions[2], exp.Lambda):  # noqa: PLR2004
        raise _wrong_parameters("zip_with", node)
    left, right, function = node.expressions
    value = _applied(function, build("_e[1]"), build("_e[2]"))
    return build("list_transform(list_zip($1, $2), lambda _e: $3)", left, right, value)


def _map_zip_with(_: Knowledge, node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) != 3 or not isinstance(node.expressions[2], exp.Lambda):  # noqa: PLR2004
        raise _wrong_parameters("map_zip_with", node)
    left, right, function = node.expressions
    value = _applied(function, exp.column("_k"), build("$1[_k]", left), build("$1[_k]", right))
    keys = build("list_distinct(list_concat(map_keys($1), map_keys($2)))", left, right)
    return build("map_from_entries(list_transform($1, lambda _k: struct_pack(k := _k, v := $2)))", keys, value)


def _format(_: Knowledge, node: exp.Anonymous) -> exp.Expr:
    pattern, *arguments = node.expressions
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise not_supported("format with a pattern that is not a literal", *position(node))
    text, kinds = formats.printf_kinds(pattern.name)
    if len(kinds) != len(arguments):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Invalid format string: {pattern.name}", *position(node))
    shaped = {"text": "trino._to_varchar($1)", "whole": "$1", "real": "CAST($1 AS DOUBLE)"}
    values = [build(shaped[kind], argument) for kind, argument in zip(kinds, arguments, strict=True)]
    return build("printf($*)", exp.Literal.string(text), *values)


def _approx_percentile(_: Knowledge, node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) != 2:  # noqa: PLR2004 - value and percentage: weights are not covered
        raise _wrong_parameters("approx_percentile", node)
    kind = "FLOAT[]" if isinstance(node.expressions[1], exp.Array) else "FLOAT"
    return build(f"approx_quantile($1, CAST($2 AS {kind}))", *node.expressions)


def now(knowledge: Knowledge, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(f"{_milliseconds(knowledge.moment)}+00"), "TIMESTAMPTZ")


def local_now(knowledge: Knowledge, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(_milliseconds(knowledge.moment)), "TIMESTAMP")


def today(knowledge: Knowledge, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(f"{knowledge.moment:%Y-%m-%d}"), "DATE")


def time_now(knowledge: Knowledge, _: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Literal.string(_milliseconds(knowledge.moment)[11:]), "TIME")


def _milliseconds(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def _same(_: Knowledge, node: exp.Expr) -> exp.Expr:
    return node


_CALLS: dict[str, Callable[[Knowledge, Any], exp.Expr]] = {
    "reduce": _reduce,
    "zip_with": _zip_with,
    "map_zip_with": _map_zip_with,
    "map_filter": _over_entries("map_from_entries(list_filter(map_entries($1), lambda _e: $2))"),
    "transform_values": _over_entries(
        "map_from_entries(list_transform(map_entries($1), lambda _e: struct_pack(k := _e.key, v := $2)))"
    ),
    "transform_keys": _over_entries(
        "map_from_entries(list_transform(map_entries($1), lambda _e: struct_pack(k := $2, v := _e.value)))"
    ),
    "format": _format,
    "approx_percentile": _approx_percentile,
    "now": now,
    "current_timestamp": now,
    "localtimestamp": local_now,
    "grouping": _same,
}
