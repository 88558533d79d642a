"""Statements that only ask the catalog. Every function blocks, and answers lines of text.

Shapes: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html, and as Athena was seen to answer
(aoyagikouhei/athena-local, 2026-09-16).
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from local.athena import changes
from local.athena.answers import Command, Context, Lines, Parts, named_values, table_of
from local.athena.catalog import Column
from local.athena.errors import QueryFailed

_WIDTH = 20


def _matching(names: list[str], pattern: str | None) -> list[str]:
    """Hive's LIKE: `*` for anything, `|` between choices."""
    if pattern is None:
        return names
    choices = pattern.replace("%", "*").lower().split("|")
    return [name for name in names if any(fnmatchcase(name, choice) for choice in choices)]


def _show_databases(context: Context, parts: Parts) -> Lines:
    names = [str(each["Name"]) for each in context.catalog.databases()]
    return Lines(["database_name"], _matching(names, parts["like"]))


def _show_tables(context: Context, parts: Parts, *, views_only: bool = False) -> Lines:
    context.catalog.database(parts["database"])
    tables = context.catalog.tables(parts["database"])
    names = [str(each["Name"]) for each in tables if not views_only or each.get("TableType") == "VIRTUAL_VIEW"]
    return Lines(["views" if views_only else "tab_name"], _matching(names, parts["like"]))


def _show_views(context: Context, parts: Parts) -> Lines:
    return _show_tables(context, parts, views_only=True)


def _show_columns(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
    return Lines(["field"], [column.name.ljust(_WIDTH) for column in (*table.columns, *table.keys)])


def _show_partitions(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
    if not table.keys:
        raise QueryFailed("", f"FAILED: SemanticException table {table.name} is not a partitioned table")
    return Lines(
        ["partition"], ["/".join(named_values(table, each["Values"])) for each in context.catalog.partitions(table)]
    )


def _show_properties(context: Context, parts: Parts) -> Lines:
    found = table_of(context, parts).properties
    if parts["key"] is not None:
        found = {key: value for key, value in found.items() if key == parts["key"]}
    return Lines(["prpt_name", "prpt_value"], [f"{key}\t{value}" for key, value in sorted(found.items())])


def _describe(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
    rows = [_described(column) for column in (*table.columns, *table.keys)]
    if table.keys:
        head = [
            "\t \t ",
            "# Partition Information\t \t ",
            "# col_name            \tdata_type           \tcomment             ",
            "\t \t ",
        ]
        rows += [*head, *(_described(key) for key in table.keys)]
    if parts["formatted"]:
        rows += [
            "\t \t ",
            "# Detailed Table Information\t \t ",
            f"Database:           \t{table.database}\t ",
            f"Location:           \t{table.location}\t ",
        ]
        rows += [f"\t{key.ljust(_WIDTH)}\t{value}" for key, value in sorted(table.properties.items())]
    return Lines(["col_name", "data_type", "comment"], rows)


def _described(column: Column) -> str:
    return f"{column.name.ljust(_WIDTH)}\t{column.type.hive.ljust(_WIDTH)}\t{column.comment.ljust(_WIDTH)}"


def _show_create_table(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
    if table.is_view:
        return _show_create_view(context, parts)
    descriptor = table.glue["StorageDescriptor"]
    serde = descriptor.get("SerdeInfo") or {}
    lines = [f"CREATE EXTERNAL TABLE `{table.name}`(", *_declared(table.columns)]
    if table.keys:
        lines += ["PARTITIONED BY ( ", *_declared(table.keys)]
    lines += ["ROW FORMAT SERDE ", f"  '{serde.get('SerializationLibrary', '')}' "]
    if serde.get("Parameters"):
        lines += ["WITH SERDEPROPERTIES ( ", *_quoted_pairs(serde["Parameters"])]
    lines += ["STORED AS INPUTFORMAT ", f"  '{descriptor.get('InputFormat', '')}' "]
    lines += ["OUTPUTFORMAT ", f"  '{descriptor.get('OutputFormat', '')}'", "LOCATION", f"  '{table.location}'"]
    if table.properties:
        lines += ["TBLPROPERTIES (", *_quoted_pairs(table.properties)]
    return Lines(["createtab_stmt"], lines)


def _declared(columns: tuple[Column, ...]) -> list[str]:
    texts = [
        f"  `{column.name}` {column.type.hive}" + (f" COMMENT '{column.comment}'" if column.comment else "")
        for column in columns
    ]
    return [*(f"{text}, " for text in texts[:-1]), f"{texts[-1]})"]


def _quoted_pairs(pairs: Mapping[str, str]) -> list[str]:
    texts = [f"  '{key}'='{value}'" for key, value in sorted(pairs.items())]
    return [*(f"{text}, " for text in texts[:-1]), f"{texts[-1]})"]


def _show_create_view(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
    if not table.is_view:
        raise QueryFailed("NOT_SUPPORTED", f"Relation '{table.database}.{table.name}' is a table, not a view")
    text = f'CREATE VIEW "{table.name}" AS \n{table.view["originalSql"]}'
    return Lines(["create view"], text.splitlines())


COMMANDS: dict[str, Command] = {
    "show_databases": _show_databases,
    "show_tables": _show_tables,
    "show_views": _show_views,
    "show_columns": _show_columns,
    "show_partitions": _show_partitions,
    "show_properties": _show_properties,
    "show_create_table": _show_create_table,
    "show_create_view": _show_create_view,
    "describe": _describe,
    "repair": changes.repair,
    "add_partitions": changes.add_partitions,
    "drop_partitions": changes.drop_partitions,
    "add_columns": changes.add_columns,
    "set_properties": changes.set_properties,
    "set_location": changes.set_location,
    "create_table": changes.create_table,
    "drop_table": changes.drop_table,
    "drop_view": changes.drop_table,
    "create_database": changes.create_database,
    "drop_database": changes.drop_database,
}
