"""Statements that only read or change the catalog. Every function blocks, and answers lines of text.

Shapes: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html, and as Athena was seen to answer
(aoyagikouhei/athena-local, 2026-09-16).
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from local.athena.catalog import Catalog, Column, Table, encoded_view
from local.athena.errors import QueryFailed
from local.athena.storage import ObjectStore, split_location
from local.athena.types import Type


@dataclass
class Lines:
    """What a statement answers: the names of its columns, and rows already joined into one text each."""

    columns: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    catalog: Catalog
    objects: ObjectStore
    moment: datetime


Parts = Mapping[str, Any]
Command = Callable[[Context, Parts], Lines]
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


def _table(context: Context, parts: Parts) -> Table:
    return context.catalog.table(parts["database"], parts["table"])


def _show_columns(context: Context, parts: Parts) -> Lines:
    table = _table(context, parts)
    return Lines(["field"], [column.name.ljust(_WIDTH) for column in (*table.columns, *table.keys)])


def _show_partitions(context: Context, parts: Parts) -> Lines:
    table = _table(context, parts)
    if not table.keys:
        raise QueryFailed("", f"FAILED: SemanticException table {table.name} is not a partitioned table")
    return Lines(
        ["partition"], ["/".join(_named_values(table, each["Values"])) for each in context.catalog.partitions(table)]
    )


def _named_values(table: Table, values: list[str]) -> list[str]:
    return [f"{key.name}={value}" for key, value in zip(table.keys, values, strict=True)]


def _show_properties(context: Context, parts: Parts) -> Lines:
    found = _table(context, parts).properties
    if parts["key"] is not None:
        found = {key: value for key, value in found.items() if key == parts["key"]}
    return Lines(["prpt_name", "prpt_value"], [f"{key}\t{value}" for key, value in sorted(found.items())])


def _describe(context: Context, parts: Parts) -> Lines:
    table = _table(context, parts)
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
    table = _table(context, parts)
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
    table = _table(context, parts)
    if not table.is_view:
        raise QueryFailed("NOT_SUPPORTED", f"Relation '{table.database}.{table.name}' is a table, not a view")
    text = f'CREATE VIEW "{table.name}" AS \n{table.view["originalSql"]}'
    return Lines(["create view"], text.splitlines())


def _repair(context: Context, parts: Parts) -> Lines:
    """Register what lies in `key=value/` folders and is not registered."""
    table = _table(context, parts)
    if not table.keys:
        return Lines([], [])
    bucket, prefix = split_location(table.location)
    prefix = prefix if prefix.endswith("/") else f"{prefix}/"
    folders = {each.key[len(prefix) :].rpartition("/")[0] for each in context.objects.list(bucket, prefix)}
    known = {tuple(each["Values"]) for each in context.catalog.partitions(table)}
    missing: dict[tuple[str, ...], str] = {}
    rows = []
    for folder in sorted(folders):
        parts_of = folder.split("/")[: len(table.keys)]
        pairs = [part.partition("=") for part in parts_of]
        if [pair[0].lower() for pair in pairs] != [key.name for key in table.keys]:
            continue
        values = tuple(pair[2] for pair in pairs)
        if values not in known and values not in missing:
            missing[values] = f"s3://{bucket}/{prefix}{'/'.join(parts_of)}"
            rows.append(f"{table.name}:{'/'.join(_named_values(table, list(values)))}")
    context.catalog.add_partitions(table, [partition_input(table, values, place) for values, place in missing.items()])
    if not rows:
        return Lines([], [])
    found = "\t".join(["Partitions not in metastore:", *rows])
    return Lines([], [found, *(f"Repair: Added partition to metastore {row}" for row in rows)])


def partition_input(table: Table, values: tuple[str, ...], location: str) -> dict[str, Any]:
    """Return a partition that has everything but its place from its table."""
    descriptor = {**table.glue["StorageDescriptor"], "Location": location}
    return {"Values": list(values), "StorageDescriptor": descriptor, "Parameters": {}}


def _add_partitions(context: Context, parts: Parts) -> Lines:
    table = _table(context, parts)
    inputs = []
    for spec in parts["partitions"]:
        values = _ordered(table, spec["values"])
        folder = "/".join(_named_values(table, list(values)))
        inputs.append(partition_input(table, values, spec.get("location") or f"{table.location.rstrip('/')}/{folder}"))
    refused = context.catalog.add_partitions(table, inputs)
    if refused and not parts["quiet"]:
        raise QueryFailed("", f"FAILED: SemanticException Partition already exists: {_named_values(table, refused[0])}")
    return Lines()


def _ordered(table: Table, values: Mapping[str, Any]) -> tuple[Any, ...]:
    names = [key.name for key in table.keys]
    if sorted(values) != sorted(names):
        raise QueryFailed(
            "", f"FAILED: SemanticException Partition spec {dict(values)} does not name the partition columns {names}"
        )
    return tuple(values[name] for name in names)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "<>": operator.ne, "!=": operator.ne,
}  # fmt: skip


def _drop_partitions(context: Context, parts: Parts) -> Lines:
    table = _table(context, parts)
    registered = context.catalog.partitions(table)
    names = [key.name for key in table.keys]
    for conditions in parts["partitions"]:
        chosen = [
            each["Values"]
            for each in registered
            if all(_OPERATORS[sign](dict(zip(names, each["Values"], strict=True)).get(key), value)
                   for key, (sign, value) in conditions.items())
        ]  # fmt: skip
        if not chosen and not parts["quiet"]:
            raise QueryFailed("", f"FAILED: SemanticException Partition not found {conditions}")
        for values in chosen:
            context.catalog.delete(
                "delete_partition", DatabaseName=table.database, TableName=table.name, PartitionValues=values
            )
    return Lines()


def _changed(context: Context, parts: Parts, change: Callable[[dict[str, Any]], None]) -> Lines:
    table = _table(context, parts)
    table_input = table_input_of(table.glue)
    change(table_input)
    context.catalog.update_table(table.database, table_input)
    return Lines()


def table_input_of(glue: Mapping[str, Any]) -> dict[str, Any]:
    """Return what UpdateTable takes of what GetTable gives."""
    kept = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText",
            "ViewExpandedText", "TableType", "Parameters")  # fmt: skip
    return {key: glue[key] for key in kept if glue.get(key) is not None}


def _add_columns(context: Context, parts: Parts) -> Lines:
    def change(table: dict[str, Any]) -> None:
        table["StorageDescriptor"] = {**table["StorageDescriptor"]}
        table["StorageDescriptor"]["Columns"] = [*table["StorageDescriptor"]["Columns"], *parts["columns"]]

    return _changed(context, parts, change)


def _set_properties(context: Context, parts: Parts) -> Lines:
    return _changed(
        context, parts, lambda table: table.update(Parameters={**table.get("Parameters", {}), **parts["properties"]})
    )


def _set_location(context: Context, parts: Parts) -> Lines:
    return _changed(context, parts, lambda table: table["StorageDescriptor"].update(Location=parts["location"]))


def _create_table(context: Context, parts: Parts) -> Lines:
    context.catalog.database(parts["database"])
    made = context.catalog.create("create_table", DatabaseName=parts["database"], TableInput=parts["input"])
    if not made and not parts["quiet"]:
        raise QueryFailed(
            "",
            f"FAILED: Execution Error, return code 1. AlreadyExistsException(message:Table {parts['table']} already exists)",
        )
    return Lines()


def create_view(context: Context, parts: Parts, columns: list[tuple[str, Type]]) -> Lines:
    """Store a view the way Athena does, its columns known by now."""
    context.catalog.database(parts["database"])
    view = {
        "Name": parts["table"] if "table" in parts else parts["view"],
        "TableType": "VIRTUAL_VIEW",
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind.hive} for name, kind in columns],
            "SerdeInfo": {}, "Location": "",
        },
        "PartitionKeys": [],
        "ViewOriginalText": encoded_view(parts["sql"], parts["schema"], columns),
        "ViewExpandedText": "/* Presto View */",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
    }  # fmt: skip
    if context.catalog.create("create_table", DatabaseName=parts["database"], TableInput=view):
        return Lines()
    if not parts["replace"] or not context.catalog.table(parts["database"], view["Name"]).is_view:
        raise QueryFailed("TABLE_ALREADY_EXISTS", f"View already exists: '{parts['database']}.{view['Name']}'")
    context.catalog.update_table(parts["database"], view)
    return Lines()


def _drop_table(context: Context, parts: Parts) -> Lines:
    if (
        not context.catalog.delete("delete_table", DatabaseName=parts["database"], Name=parts["table"])
        and not parts["quiet"]
    ):
        raise QueryFailed(
            "", f"FAILED: SemanticException [Error 10001]: Table not found {parts['database']}.{parts['table']}"
        )
    return Lines()


def _create_database(context: Context, parts: Parts) -> Lines:
    described: dict[str, Any] = {
        "Name": parts["database"],
        "Description": parts["comment"],
        "Parameters": parts.get("properties", {}),
    }
    if parts["location"]:
        described["LocationUri"] = parts["location"]
    if not context.catalog.create("create_database", DatabaseInput=described) and not parts["quiet"]:
        raise QueryFailed("", f"FAILED: Execution Error, return code 1. Database {parts['database']} already exists")
    return Lines()


def _drop_database(context: Context, parts: Parts) -> Lines:
    name = parts["database"]
    if not parts["quiet"]:
        context.catalog.database(name)
    if not parts["cascade"] and any(True for _ in context.catalog.tables(name)):
        raise QueryFailed(
            "",
            f"FAILED: Execution Error, return code 1. InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)",
        )
    context.catalog.delete("delete_database", Name=name)
    return Lines()


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
    "repair": _repair,
    "add_partitions": _add_partitions,
    "drop_partitions": _drop_partitions,
    "add_columns": _add_columns,
    "set_properties": _set_properties,
    "set_location": _set_location,
    "create_table": _create_table,
    "drop_table": _drop_table,
    "drop_view": _drop_table,
    "create_database": _create_database,
    "drop_database": _drop_database,
}


def now_in_utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
