"""CAST and TRY_CAST, by Trino's rules. Pure.

https://trino.io/docs/current/functions/conversion.html
"""

from typing import Any

from sqlglot import exp

from local.athena.building import build, macro
from local.athena.knowledge import TIMESTAMPS, Knowledge, zone_of


def cast(_: Knowledge, node: exp.Cast) -> exp.Expr:
    value, kind = node.this, node.args["to"]
    if isinstance(value, exp.Literal) and value.is_string and (zone := zone_of(node)):
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
        return kind.this in (exp.DataType.Type.DATE, exp.DataType.Type.TIME, *TIMESTAMPS)
    return value.is_int and kind.this in _WHOLE


def _plain(node: exp.Cast) -> exp.Expr:
    kind = node.args["to"]
    if kind.this in TIMESTAMPS:
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
    if name in ("_whole", "_number"):
        if kind.this == _T.DECIMAL and not kind.expressions:
            kind = exp.DataType.build("DECIMAL(38, 0)")
        said = exp.Literal.string("REAL" if kind.this == _T.FLOAT else kind.sql())
        return exp.Cast(this=macro(name, value.copy(), said), to=kind.copy())
    converted = macro(name, value.copy())
    if name == "_to_varchar" and kind.expressions:
        return build("left($1, $2)", converted, kind.expressions[0].this)
    return converted
