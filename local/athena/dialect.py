"""Athena's SQL said in the engine's: one walk over the tree, leaves first. Pure.

What cannot be said is refused with Trino's code and the place. https://trino.io/docs/current/functions.html
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlglot import exp

from local.athena import calls
from local.athena.building import build, macro
from local.athena.casts import cast
from local.athena.errors import not_supported
from local.athena.knowledge import Knowledge, has_zones
from local.athena.parser import position
from local.athena.types import Type

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_REFUSED: dict[type[exp.Expr], str] = {
    exp.MatchRecognize: "MATCH_RECOGNIZE",
    exp.Qualify: "QUALIFY",
    exp.Version: "time travel",
    exp.Pivot: "PIVOT",
    exp.IntervalSpan: "an interval of several fields",
}


def translate(tree: exp.Expr, moment: datetime, columns: Mapping[str, Type] | None = None) -> exp.Expr:
    """Return Athena's `tree` (consumed) as the engine's; raises QueryFailed.

    `moment` is what current_timestamp says; `columns` are the types of the columns in the query's tables, by name.
    """
    knowledge = Knowledge(moment, columns or {}, zoned=has_zones(tree))
    holder = exp.Paren(this=tree)
    for node in reversed(list(tree.dfs())):
        if type(node) in _REFUSED:
            raise not_supported(_REFUSED[type(node)], *position(node))
        if (rewrite := _REWRITES.get(type(node))) is not None and (new := rewrite(knowledge, node)) is not node:
            node.replace(new)
    result = holder.this
    result.pop()
    return result  # type: ignore[no-any-return]  # sqlglot's args are untyped


def _literal(_: Knowledge, node: exp.Literal) -> exp.Expr:
    """Athena reads 1.5 as a double, not as a decimal (aoyagikouhei/athena-local, 2026-09-17)."""
    if node.is_string or "." not in node.name or "e" in node.name.lower() or isinstance(node.parent, exp.Interval):
        return node
    return exp.Literal.number(f"{node.name}e0")


def _extract(knowledge: Knowledge, node: exp.Extract) -> exp.Expr:
    call = exp.Anonymous(this=node.name.lower(), expressions=[node.expression.copy()])
    call.update_positions(node)
    return calls.call(knowledge, call)


def _at_time_zone(_: Knowledge, node: exp.AtTimeZone) -> exp.Expr:
    return macro("at_timezone", node.this.copy(), node.args["zone"].copy())


def _subscript(knowledge: Knowledge, node: exp.Bracket) -> exp.Expr:
    """Fail where there is no such item, if it is known whether a map or an array is asked."""
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        return node
    key = node.expressions[0]
    subject = node.meta.get("subject")
    if subject == "map" or knowledge.is_map(node.this):
        return macro("_map_item", node.this.copy(), key.copy())
    if subject != "array" and not knowledge.is_array(node.this):
        return node
    # The parser counts literals from 0.
    index = exp.Literal.number(int(key.name) + 1) if isinstance(key, exp.Literal) and key.is_int else key.copy()
    return macro("_array_item", node.this.copy(), index)


def _pipe(_: Knowledge, node: exp.DPipe) -> exp.Expr:
    forms = {"last": "list_append($1, $2)", "first": "list_prepend($1, $2)"}
    form = forms.get(node.meta.get("element", ""))
    return node if form is None else build(form, node.left, node.right)


def _normalize(_: Knowledge, node: exp.Normalize) -> exp.Expr:
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


def _add(_: Knowledge, node: exp.Add) -> exp.Expr:
    if _is_interval(node.this) or _is_interval(node.expression):
        return macro("_plus", node.this.copy(), node.expression.copy())
    return node


def _subtract(knowledge: Knowledge, node: exp.Sub) -> exp.Expr:
    if _is_interval(node.expression):
        return macro("_minus", node.this.copy(), node.expression.copy())
    if knowledge.temporal(node.this) and knowledge.temporal(node.expression):
        return macro("_difference", node.this.copy(), node.expression.copy())
    return node


def _compare(knowledge: Knowledge, node: exp.Expr) -> exp.Expr:
    if knowledge.zoned:
        for argument in list(node.iter_expressions()):
            if not isinstance(argument, exp.Literal | exp.Query | exp.Null | exp.Tuple | exp.Any | exp.All):
                argument.replace(macro("_instant", argument.copy()))
    return node


def _unnest(knowledge: Knowledge, node: exp.Unnest) -> exp.Expr:
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if alias is not None else []
    numbered = node.args.get("offset")
    wide = len(names) > len(node.expressions)
    parts = [_unnested(argument.copy(), wide=wide, is_map=knowledge.is_map(argument)) for argument in node.expressions]
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


_REWRITES: dict[type[exp.Expr], Callable[[Knowledge, Any], exp.Expr]] = {
    exp.Anonymous: calls.call,
    exp.Cast: cast,
    exp.TryCast: cast,
    exp.Literal: _literal,
    exp.Extract: _extract,
    exp.AtTimeZone: _at_time_zone,
    exp.Add: _add,
    exp.Sub: _subtract,
    exp.CurrentTimestamp: calls.now,
    exp.Localtimestamp: calls.local_now,
    exp.CurrentDate: calls.today,
    exp.CurrentTime: calls.time_now,
    exp.Localtime: calls.time_now,
    exp.Unnest: _unnest,
    exp.Bracket: _subscript,
    exp.DPipe: _pipe,
    exp.Normalize: _normalize,
    exp.Between: _compare,
    exp.In: _compare,
    **dict.fromkeys(_COMPARISONS, _compare),
}
