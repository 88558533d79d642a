"""Statements that change the catalog. Every function blocks."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from local.athena.answers import Context, Lines, Parts, named_values, table_of
from local.athena.catalog import Table, encoded_view
from local.athena.errors import QueryFailed
from local.athena.storage import split_location
from local.athena.types import Type


def repair(context: Context, parts: Parts) -> Lines:
    """Register what lies in `key=value/` folders and is not registered."""
    table = table_of(context, parts)
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
            rows.append(f"{table.name}:{'/'.join(named_values(table, list(values)))}")
    context.catalog.add_partitions(table, [partition_input(table, values, place) for values, place in missing.items()])
    if not rows:
        return Lines([], [])
    found = "\t".join(["Partitions not in metastore:", *rows])
    return Lines([], [found, *(f"Repair: Added partition to metastore {row}" for row in rows)])


def partition_input(table: Table, values: tuple[str, ...], location: str) -> dict[str, Any]:
    """Return a partition that has everything but its place from its table."""
    descriptor = {**table.glue["StorageDescriptor"], "Location": location}
    return {"Values": list(values), "StorageDescriptor": descriptor, "Parameters": {}}


def add_partitions(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
    inputs = []
    for spec in parts["partitions"]:
        values = _ordered(table, spec["values"])
        folder = "/".join(named_values(table, list(values)))
        inputs.append(partition_input(table, values, spec.get("location") or f"{table.location.rstrip('/')}/{folder}"))
    refused = context.catalog.add_partitions(table, inputs)
    if refused and not parts["quiet"]:
        raise QueryFailed("", f"FAILED: SemanticException Partition already exists: {named_values(table, refused[0])}")
    return Lines()


def _ordered(table: Table, values: Mapping[str, Any]) -> tuple[Any, ...]:
    names = [key.name for key in table.keys]
    if sorted(values) != sorted(names):
        raise QueryFailed(
            "", f"FAILED: SemanticException Partition spec {dict(values)} does not name the partition columns {names}"
        )
    return tuple(values[name] for name in names)


_REFUSED = "FAILED: Execution Error, return code 1."
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "<>": operator.ne,
    "!=": operator.ne,
}


def drop_partitions(context: Context, parts: Parts) -> Lines:
    table = table_of(context, parts)
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
    table = table_of(context, parts)
    table_input = table_input_of(table.glue)
    change(table_input)
    context.catalog.update_table(table.database, table_input)
    return Lines()


def table_input_of(glue: Mapping[str, Any]) -> dict[str, Any]:
    """Return what UpdateTable takes of what GetTable gives."""
    kept = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText",
            "ViewExpandedText", "TableType", "Parameters")  # fmt: skip
    return {key: glue[key] for key in kept if glue.get(key) not in (None, "")}


def add_columns(context: Context, parts: Parts) -> Lines:
    def change(table: dict[str, Any]) -> None:
        table["StorageDescriptor"] = {**table["StorageDescriptor"]}
        table["StorageDescriptor"]["Columns"] = [*table["StorageDescriptor"]["Columns"], *parts["columns"]]

    return _changed(context, parts, change)


def set_properties(context: Context, parts: Parts) -> Lines:
    return _changed(
        context, parts, lambda table: table.update(Parameters={**table.get("Parameters", {}), **parts["properties"]})
    )


def set_location(context: Context, parts: Parts) -> Lines:
    return _changed(context, parts, lambda table: table["StorageDescriptor"].update(Location=parts["location"]))


def create_table(context: Context, parts: Parts) -> Lines:
    context.catalog.database(parts["database"])
    made = context.catalog.create("create_table", DatabaseName=parts["database"], TableInput=parts["input"])
    if not made and not parts["quiet"]:
        raise QueryFailed("", f"{_REFUSED} AlreadyExistsException(message:Table {parts['table']} already exists)")
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


def drop_table(context: Context, parts: Parts) -> Lines:
    if (
        not context.catalog.delete("delete_table", DatabaseName=parts["database"], Name=parts["table"])
        and not parts["quiet"]
    ):
        raise QueryFailed(
            "", f"FAILED: SemanticException [Error 10001]: Table not found {parts['database']}.{parts['table']}"
        )
    return Lines()


def create_database(context: Context, parts: Parts) -> Lines:
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


def drop_database(context: Context, parts: Parts) -> Lines:
    name = parts["database"]
    if not parts["quiet"]:
        context.catalog.database(name)
    if not parts["cascade"] and any(True for _ in context.catalog.tables(name)):
        reason = f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        raise QueryFailed("", f"{_REFUSED} {reason}")
    context.catalog.delete("delete_database", Name=name)
    return Lines()
