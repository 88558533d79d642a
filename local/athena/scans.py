"""From a table and a predicate to the files to read, and to the engine's view over them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.athena import projection
from local.athena.catalog import Catalog, Column, Table
from local.athena.errors import QueryFailed
from local.athena.projection import Bounds
from local.athena.storage import ObjectStore, StoredObject, split_location
from local.athena.types import Type, literal, quoted

HIDDEN = {
    "$path": Type("varchar"),
    "$file_size": Type("bigint"),
    "$file_modified_time": Type("timestamp with time zone"),
}
"""https://docs.aws.amazon.com/athena/latest/ug/select.html ("$path")."""
_ONE_LISTING_FROM = 8
_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class File:
    """One object of a table, and the values of the partition it is in."""

    bucket: str
    object: StoredObject
    path: Path
    values: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One partition: its values and where its objects are."""

    values: tuple[str, ...]
    location: str


def places(table: Table, bounds: Mapping[str, Bounds], catalog: Catalog, now: datetime) -> list[Place]:
    """Return the partitions that a query within `bounds` has to read; raises QueryFailed. Blocks."""
    names = [key.name for key in table.keys]
    if not names:
        return [Place((), table.location)]
    if projection.is_projected(table.properties):
        found = projection.partitions(table.properties, names, bounds, now)
        return [Place(values, projection.location(table.properties, table.location, names, values)) for values in found]
    return [
        Place(tuple(partition["Values"]), partition["StorageDescriptor"]["Location"])
        for partition in catalog.partitions(table)
        if _within(table.keys, partition["Values"], bounds)
    ]


def _within(keys: Sequence[Column], values: Sequence[str], bounds: Mapping[str, Bounds]) -> bool:
    return all(
        key.name not in bounds or (value != _NULL and bounds[key.name].admits(value, compare_as=_order(key.type)))
        for key, value in zip(keys, values, strict=True)
    )


def _order(kind: Type) -> Callable[[str], object]:
    """Return what a partition's value is compared as: a whole number may be written `07`, and asked for as `6.5`."""
    return Decimal if kind.name in ("tinyint", "smallint", "integer", "bigint") else str


def files(found: Sequence[Place], objects: ObjectStore) -> list[File]:
    """List the partitions; hidden objects (`_…`, `.…`) and empty ones are not data. Blocks."""
    located = [(place, *_prefix(place.location)) for place in found]
    kept: dict[tuple[str, str], list[StoredObject]] = {}
    if len({bucket for _, bucket, _ in located}) == 1 and len(located) >= _ONE_LISTING_FROM:
        kept = _listed_at_once(located, objects)
    return [
        File(bucket, each, objects.path(bucket, each.key), place.values)
        for place, bucket, prefix in located
        for each in (kept.get((bucket, prefix), []) if kept else objects.list(bucket, prefix))
        if each.size and not _is_hidden(each.key[len(prefix) :])
    ]


def _listed_at_once(
    located: Sequence[tuple[Place, str, str]], objects: ObjectStore
) -> dict[tuple[str, str], list[StoredObject]]:
    """Return the objects of many partitions from one listing of what their prefixes have in common."""
    bucket = located[0][1]
    prefixes = {prefix for _, _, prefix in located}
    lengths = sorted({prefix.count("/") for prefix in prefixes})
    kept: dict[tuple[str, str], list[StoredObject]] = {(bucket, prefix): [] for prefix in prefixes}
    for each in objects.list(bucket, _common(prefixes), first=min(prefixes), last=max(prefixes)):
        parts = each.key.split("/")
        for length in lengths:
            key = (bucket, "/".join(parts[:length]) + "/")
            if key in kept and len(parts) > length:
                kept[key].append(each)
    return kept


def _common(prefixes: Iterable[str]) -> str:
    low, high = min(prefixes), max(prefixes)
    size = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:size]


def _prefix(location: str) -> tuple[str, str]:
    try:
        bucket, key = split_location(location)
    except ValueError as error:
        raise QueryFailed("HIVE_METASTORE_ERROR", str(error)) from None
    return bucket, key if not key or key.endswith("/") else f"{key}/"


def _is_hidden(relative_key: str) -> bool:
    return any(part.startswith(("_", ".")) for part in relative_key.split("/"))


def view(name: str, table: Table, found: Sequence[File], *, hidden: Iterable[str] = ()) -> str:
    """Return the statement that makes the engine's view of a table's files; raises QueryFailed."""
    columns = [f"{quoted(column.name)}" for column in table.columns]
    columns += [_partition_column(key, [file.values[index] for file in found]) for index, key in enumerate(table.keys)]
    columns += [_hidden_column(each, found) for each in hidden]
    source = _source(table, found) if found else _nothing(table)
    return f"CREATE TEMP VIEW {quoted(name)} AS SELECT {', '.join(columns)} FROM {source}"  # noqa: S608 - all quoted


def _per_file(values: Sequence[str], kind: Type) -> str:
    """Return a column that is constant in each file; `file_index` is DuckDB's, from 0."""
    if not values:
        return f"CAST(NULL AS {kind.duckdb})"
    if len(set(values)) == 1:
        return f"CAST({_value(values[0])} AS {kind.duckdb})"
    listed = ", ".join(_value(value) for value in values)
    return f"(CAST([{listed}] AS {kind.duckdb}[]))[CAST(file_index AS BIGINT) + 1]"


def _value(value: str) -> str:
    return "NULL" if value == _NULL else literal(value)


def _partition_column(key: Column, values: Sequence[str]) -> str:
    return f"{_per_file(values, key.type)} AS {quoted(key.name)}"


def _hidden_column(name: str, found: Sequence[File]) -> str:
    texts = {
        "$path": lambda file: f"s3://{file.bucket}/{file.object.key}",
        "$file_size": lambda file: str(file.object.size),
        "$file_modified_time": lambda file: f"{datetime.fromtimestamp(file.object.last_modified)}+00",  # noqa: DTZ006
    }
    return f"{_per_file([texts[name](file) for file in found], HIDDEN[name])} AS {quoted(name)}"


def _nothing(table: Table) -> str:
    columns = ", ".join(f"CAST(NULL AS {column.type.duckdb}) AS {quoted(column.name)}" for column in table.columns)
    return f"(SELECT {columns} WHERE false)"


def _source(table: Table, found: Sequence[File]) -> str:
    paths = "[" + ", ".join(literal(str(file.path)) for file in found) + "]"
    serde = (table.glue.get("StorageDescriptor", {}).get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    if "parquet" in serde.lower():
        return f"read_parquet({paths}, schema = {_parquet_schema(table.columns)})"
    if "json" in serde.lower():
        return f"read_json({paths}, format = 'newline_delimited', columns = {_text_columns(table.columns)})"
    if "csv" in serde.lower() or "lazysimple" in serde.lower():
        return f"read_csv({paths}, columns = {_text_columns(table.columns)}, {_csv_options(table)})"
    raise QueryFailed(
        "NOT_SUPPORTED", f"Table {table.name} is stored with {serde or 'no SerDe'}, which this engine cannot read"
    )


def _parquet_schema(columns: Sequence[Column]) -> str:
    """Columns are found by name, as Athena finds them; one that a file lacks is null in it."""
    entries = (
        f"{literal(column.name)}: {{'name': {literal(column.name)}, 'type': {literal(column.type.duckdb)},"
        " 'default_value': NULL}"
        for column in columns
    )
    return "MAP {" + ", ".join(entries) + "}"


def _text_columns(columns: Sequence[Column]) -> str:
    return "{" + ", ".join(f"{quoted(column.name)}: {literal(column.type.duckdb)}" for column in columns) + "}"


def _csv_options(table: Table) -> str:
    descriptor: Mapping[str, Any] = table.glue.get("StorageDescriptor", {})
    settings = (descriptor.get("SerdeInfo") or {}).get("Parameters") or {}
    opencsv = "opencsv" in ((descriptor.get("SerdeInfo") or {}).get("SerializationLibrary") or "").lower()
    delimiter = settings.get("separatorChar" if opencsv else "field.delim", "," if opencsv else "\x01")
    skipped = table.properties.get("skip.header.line.count", "0")
    quote = settings.get("quoteChar", '"') if opencsv else ""
    null = "" if opencsv else settings.get("serialization.null.format", r"\N")
    skip = int(skipped) if re.fullmatch(r"\d+", skipped) else 0
    return (
        f"header = false, skip = {skip}, delim = {literal(delimiter)}, quote = {literal(quote)},"
        f" escape = {literal(quote)}, nullstr = {literal(null)}, auto_detect = false, null_padding = true,"
        " strict_mode = false"
    )
