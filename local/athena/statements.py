"""What kind of statement a text is, taken apart as far as its execution needs. Pure.

https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlglot import exp

from local.athena import hive
from local.athena.errors import MalformedQuery
from local.athena.parser import parse
from local.athena.words import Words

Kind = Literal["DML", "DDL", "UTILITY"]


@dataclass(frozen=True)
class Statement:
    """`subtype` is SubstatementType; `action` names what runs it, with `parts` for arguments."""

    kind: Kind
    subtype: str
    action: str
    parts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def result_name(self) -> str:
        """What follows the execution's id in the result's key; CTAS puts `tables/` before it."""
        if self.action == "select":
            return ".csv"
        return "" if self.action in ("insert", "unload", "create_table_as") else ".txt"


def statement(sql: str, database: str) -> Statement:
    """Take a statement apart; raises MalformedQuery."""
    words = Words(sql)
    first = words.peek().text.upper()
    if first in ("SELECT", "WITH", "(", "VALUES", "TABLE"):
        return Statement("DML", "SELECT", "select", {"tree": parse(sql)})
    if (read := _STATEMENTS.get(first)) is None:
        raise MalformedQuery(
            f"line 1:1: mismatched input '{words.peek().text}'. Expecting: 'ALTER', 'CREATE', 'DEALLOCATE', 'DESCRIBE',"
            " 'DROP', 'EXECUTE', 'EXPLAIN', 'INSERT', 'MSCK', 'PREPARE', 'SHOW', 'UNLOAD', <query>"
        )
    words.next()
    return read(words, database)


def _show(words: Words, database: str) -> Statement:
    if words.skip("CREATE", "TABLE"):
        return _on_table(words, database, "SHOW_CREATE_TABLE", "show_create_table")
    if words.skip("CREATE", "VIEW"):
        return _on_table(words, database, "SHOW_CREATE_VIEW", "show_create_view")
    if words.skip("PARTITIONS"):
        return _on_table(words, database, "SHOW_PARTITIONS", "show_partitions")
    return _show_list(words, database)


def _show_list(words: Words, database: str) -> Statement:
    if words.skip("DATABASES") or words.skip("SCHEMAS"):
        return Statement("UTILITY", "SHOW_DATABASES", "show_databases", {"like": _like(words)})
    if words.skip("TABLES") or words.skip("VIEWS"):
        views = words.peek(-1).text.upper() == "VIEWS"
        named = words.name() if words.skip("IN") or words.skip("FROM") else database
        parts = {"database": named, "like": _like(words)}
        return Statement(
            "UTILITY", "SHOW_VIEWS" if views else "SHOW_TABLES", "show_views" if views else "show_tables", parts
        )
    if words.skip("COLUMNS"):
        if not words.skip("IN"):
            words.expect("FROM")
        named, table = words.table(database)
        if words.skip("IN") or words.skip("FROM"):
            named = words.name()
        return _ended(words, Statement("UTILITY", "SHOW_COLUMNS", "show_columns", {"database": named, "table": table}))
    if words.skip("TBLPROPERTIES"):
        named, table = words.table(database)
        key = words.enclosed().strip().strip("'\"") if words.at("(") else None
        parts = {"database": named, "table": table, "key": key}
        return _ended(words, Statement("UTILITY", "SHOW_TBLPROPERTIES", "show_properties", parts))
    raise words.unexpected(
        "'COLUMNS', 'CREATE', 'DATABASES', 'PARTITIONS', 'SCHEMAS', 'TABLES', 'TBLPROPERTIES', 'VIEWS'"
    )


def _like(words: Words) -> str | None:
    words.skip("LIKE")
    pattern = words.string() if words.peek().kind == "string" else None
    words.done()
    return pattern


def _on_table(words: Words, database: str, subtype: str, action: str, kind: Kind = "UTILITY") -> Statement:
    named, table = words.table(database)
    return _ended(words, Statement(kind, subtype, action, {"database": named, "table": table}))


def _ended(words: Words, statement: Statement) -> Statement:
    words.done()
    return statement


def _describe(words: Words, database: str) -> Statement:
    formatted = words.skip("FORMATTED") or words.skip("EXTENDED")
    named, table = words.table(database)
    parts = {"database": named, "table": table, "formatted": formatted}
    return _ended(words, Statement("UTILITY", "DESCRIBE_TABLE", "describe", parts))


def _repair(words: Words, database: str) -> Statement:
    words.expect("REPAIR", "TABLE")
    return _on_table(words, database, "MSCK_REPAIR", "repair", "DDL")


def _alter(words: Words, database: str) -> Statement:
    words.expect("TABLE")
    named, table = words.table(database)
    parts: dict[str, Any] = {"database": named, "table": table}
    if words.skip("ADD"):
        parts["quiet"] = words.skip("IF", "NOT", "EXISTS")
        if words.skip("COLUMNS"):
            parts["columns"] = hive.columns(words.enclosed())
            return _ended(words, Statement("DDL", "ALTER_TABLE_ADD_COLUMN", "add_columns", parts))
        parts["partitions"] = hive.partition_specs(words)
        return _ended(words, Statement("DDL", "ALTER_TABLE_ADD_PARTITION", "add_partitions", parts))
    if words.skip("DROP"):
        parts["quiet"] = words.skip("IF", "EXISTS")
        parts["partitions"] = hive.partition_filters(words)
        return _ended(words, Statement("DDL", "ALTER_TABLE_DROP_PARTITION", "drop_partitions", parts))
    if words.skip("SET", "TBLPROPERTIES"):
        parts["properties"] = hive.properties(words.enclosed())
        return _ended(words, Statement("DDL", "ALTER_TABLE_PROPERTIES", "set_properties", parts))
    if words.skip("SET", "LOCATION"):
        parts["location"] = words.string()
        return _ended(words, Statement("DDL", "ALTER_TABLE_SET_LOCATION", "set_location", parts))
    raise words.unexpected("'ADD', 'DROP', 'SET'")


def _create(words: Words, database: str) -> Statement:
    if words.skip("DATABASE") or words.skip("SCHEMA"):
        return _create_database(words)
    replace = words.skip("OR", "REPLACE")
    if words.skip("VIEW"):
        named, view = words.table(database)
        words.expect("AS")
        text = words.rest()
        parts = {"database": named, "table": view, "replace": replace, "sql": text, "tree": parse(text)}
        return Statement("DDL", "CREATE_VIEW", "create_view", parts)
    if not replace and words.skip("EXTERNAL", "TABLE"):
        return Statement("DDL", "CREATE_TABLE", "create_table", hive.create_table(words, database))
    words.expect("TABLE")
    return _create_table_as(words, database)


def _create_database(words: Words) -> Statement:
    parts: dict[str, Any] = {"quiet": words.skip("IF", "NOT", "EXISTS"), "database": words.name()}
    parts["comment"] = words.string() if words.skip("COMMENT") else ""
    parts["location"] = words.string() if words.skip("LOCATION") else None
    if words.skip("WITH", "DBPROPERTIES"):
        parts["properties"] = hive.properties(words.enclosed())
    return _ended(words, Statement("DDL", "CREATE_DATABASE", "create_database", parts))


def _create_table_as(words: Words, database: str) -> Statement:
    parts: dict[str, Any] = {"quiet": words.skip("IF", "NOT", "EXISTS")}
    parts["database"], parts["table"] = words.table(database)
    if words.at("("):
        raise MalformedQuery("Queries of this type are not supported: CREATE TABLE with columns makes an Iceberg table;"
                             " only CREATE EXTERNAL TABLE and CREATE TABLE AS work on this engine")  # fmt: skip
    parts["options"] = hive.options(words.enclosed()) if words.skip("WITH") else {}
    words.expect("AS")
    text = words.rest()
    lowered = text.rstrip().lower()
    parts["empty"] = lowered.endswith("with no data")
    if parts["empty"] or lowered.endswith("with data"):
        text = text[: lowered.rindex("with")]
    parts["tree"] = parse(text)
    return Statement("DDL", "CREATE_TABLE_AS_SELECT", "create_table_as", parts)


def _drop(words: Words, database: str) -> Statement:
    if words.skip("DATABASE") or words.skip("SCHEMA"):
        parts: dict[str, Any] = {"quiet": words.skip("IF", "EXISTS"), "database": words.name()}
        parts["cascade"] = words.skip("CASCADE")
        words.skip("RESTRICT")
        return _ended(words, Statement("DDL", "DROP_DATABASE", "drop_database", parts))
    view = words.skip("VIEW")
    if not view:
        words.expect("TABLE")
    quiet = words.skip("IF", "EXISTS")
    named, table = words.table(database)
    action = "drop_view" if view else "drop_table"
    return _ended(words, Statement("DDL", action.upper(), action, {"database": named, "table": table, "quiet": quiet}))


def _insert(words: Words, database: str) -> Statement:
    words.expect("INTO")
    named, table = words.table(database)
    columns: list[str] = []
    if words.at("(") and words.peek(1).text.upper() not in ("SELECT", "WITH", "VALUES", "("):
        columns = [name.strip().strip('"').lower() for name in words.enclosed().split(",")]
    parts = {"database": named, "table": table, "columns": columns, "tree": parse(words.rest())}
    return Statement("DML", "INSERT", "insert", parts)


def _unload(words: Words, _: str) -> Statement:
    text = words.enclosed()
    words.expect("TO")
    location = words.string()
    options = hive.options(words.enclosed()) if words.skip("WITH") else {}
    return _ended(
        words, Statement("DML", "UNLOAD", "unload", {"tree": parse(text), "location": location, "options": options})
    )


def _explain(words: Words, _: str) -> Statement:
    analyze = words.skip("ANALYZE")
    options = words.enclosed() if words.at("(") else ""
    return Statement("DML", "EXPLAIN", "explain", {"tree": parse(words.rest()), "analyze": analyze, "options": options})


def _prepare(words: Words, _: str) -> Statement:
    name = words.next().value
    words.expect("FROM")
    return Statement("UTILITY", "PREPARE", "prepare", {"name": name, "sql": words.rest()})


def _execute(words: Words, _: str) -> Statement:
    name = words.next().value
    arguments: list[str] = []
    if words.skip("USING"):
        arguments = [each.sql(dialect="trino") for each in parse(f"SELECT {words.rest()}").expressions]
    return _ended(words, Statement("DML", "EXECUTE", "execute", {"name": name, "arguments": arguments}))


def _deallocate(words: Words, _: str) -> Statement:
    words.expect("PREPARE")
    name = words.next().value
    return _ended(words, Statement("UTILITY", "DEALLOCATE", "deallocate", {"name": name}))


_STATEMENTS: dict[str, Callable[[Words, str], Statement]] = {
    "SHOW": _show,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "MSCK": _repair,
    "ALTER": _alter,
    "CREATE": _create,
    "DROP": _drop,
    "INSERT": _insert,
    "UNLOAD": _unload,
    "EXPLAIN": _explain,
    "PREPARE": _prepare,
    "EXECUTE": _execute,
    "DEALLOCATE": _deallocate,
}


def with_arguments(sql: str, arguments: list[str]) -> str:
    """Return a statement with its `?` replaced, in order; raises MalformedQuery if their numbers differ."""
    words = Words(sql)
    places = []
    while words.peek().kind != "end":
        token = words.next()
        if token.kind == "mark" and token.text == "?":
            places.append(token.start)
    if len(places) != len(arguments):
        raise MalformedQuery(f"Incorrect number of parameters: expected {len(places)} but found {len(arguments)}")
    for place, argument in reversed(list(zip(places, arguments, strict=True))):
        sql = sql[:place] + argument + sql[place + 1 :]
    return sql


__all__ = ["Statement", "exp", "statement", "with_arguments"]
