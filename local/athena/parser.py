"""Athena's SQL, read as it is written: functions keep their names, so that nothing is guessed about them.

sqlglot's own Trino parser turns `date_diff`, `json_extract` and two hundred others into neutral nodes, whose DuckDB
form is often a near miss. Here a call stays a call, and `dialect` decides.
"""

from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.trino import TrinoParser

from local.athena.errors import MalformedQuery

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "LISTAGG", "NORMALIZE")


def _substring(parser: Any) -> exp.Expr:
    """Read `substring(text FROM 2 FOR 3)`, which is the call `substring(text, 2, 3)`."""
    name = parser._tokens[parser._index - 2]  # noqa: SLF001 - before the parenthesis
    read = parser._parse_substring()  # noqa: SLF001
    arguments = [read.args[each] for each in ("this", "start", "length") if read.args.get(each) is not None]
    return exp.Anonymous(this="substring", expressions=arguments).update_positions(name)


class AthenaParser(TrinoParser):
    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {
        **{name: TrinoParser.FUNCTION_PARSERS[name] for name in _SPECIAL_SYNTAX},
        "SUBSTRING": _substring,
    }

    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
        **TrinoParser.TYPE_LITERAL_PARSERS,
        exp.DataType.Type.DECIMAL: lambda _, this, __: _decimal(this),
    }


def _decimal(text: exp.Expr) -> exp.Expr:
    """DECIMAL '10.25' has the precision and scale that it is written with."""
    whole, _, fraction = text.name.strip("+-").partition(".")
    kind = exp.DataType.build(f"DECIMAL({max(1, len(whole) + len(fraction))}, {len(fraction)})")
    return exp.Cast(this=text, to=kind)


class AthenaSql(Trino):
    """The dialect of queries (Trino's side of Athena)."""

    Parser = AthenaParser


class EngineSql(DuckDB):
    """The engine's dialect, with the calls of window functions that ignore nulls."""

    class Parser(DuckDBParser):
        FUNCTIONS: ClassVar = {}

    class Generator(DuckDBGenerator):
        def ignorenulls_sql(self, expression: exp.IgnoreNulls) -> str:
            """DuckDB wants it inside the parentheses."""
            call = self.sql(expression.this)
            return f"{call[:-1]} IGNORE NULLS)"


def parse(sql: str) -> exp.Expr:
    """Return the tree of one query, its text in `meta["sql"]`; raises MalformedQuery."""
    try:
        trees = sqlglot.parse(sql, dialect=AthenaSql)
    except ParseError as error:
        raise MalformedQuery(_message(error)) from None
    except TokenError as error:
        raise MalformedQuery(f"line 1:1: {error}") from None
    found = [tree for tree in trees if tree is not None]
    if len(found) != 1:
        raise MalformedQuery("Only one sql statement is allowed.")
    tree = found[0]
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(exp.Subquery(this=tree))
    tree.meta["sql"] = sql
    if not isinstance(tree, exp.Query):
        raise MalformedQuery("Queries of this type are not supported")
    return tree


def _message(error: ParseError) -> str:
    first = error.errors[0]
    line, column, found = first.get("line"), first.get("col"), first.get("highlight") or "<EOF>"
    begin = max(1, (column or 1) - len(found) + 1)
    return f"line {line}:{begin}: mismatched input '{found}'"


def position(node: exp.Expr) -> tuple[int | None, int | None]:
    """Return the line and column (from 1) where a node begins, if its tokens were kept."""
    for candidate in (node, node.this if isinstance(node.this, exp.Expr) else None):
        if candidate is not None and "start" in candidate.meta:
            meta = candidate.meta
            return meta["line"], meta["col"] - (meta["end"] - meta["start"])
    return None, None
