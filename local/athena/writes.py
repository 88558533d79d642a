"""INSERT INTO, CREATE TABLE AS and UNLOAD: a query's rows, written as objects of a table."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from local.athena import hive, projection
from local.athena.catalog import Table
from local.athena.changes import partition_input
from local.athena.errors import QueryFailed, not_supported
from local.athena.queries import Planned, Planner, ResultColumn, run
from local.athena.statements import Statement
from local.athena.storage import split_location
from local.athena.types import ZONED, Type, literal, quoted
from local.engine import Effort

_EXTENSIONS = {"parquet": "", "json": "", "textfile": "", "csv": ""}


@dataclass
class Written:
    verb: str
    rows: int
    effort: Effort
    locations: list[str] = field(default_factory=list)


class Writer:
    """Runs one writing statement."""

    def __init__(self, planner: Planner, s3: Any, folder: Path) -> None:
        self._planner = planner
        self._s3 = s3
        self._folder = folder

    async def write(self, statement: Statement, planned: Planned, output: str, most_bytes: int | None) -> Written:
        """Write the planned query's rows; raises QueryFailed."""
        for column in planned.columns:
            if column.type == ZONED or column.type.name == "timestamp with time zone":
                message = f"Unsupported Hive type: timestamp(3) with time zone (column {column.name})"
                raise QueryFailed("NOT_SUPPORTED", message)
        if statement.action == "insert":
            return await self._insert(statement.parts, planned, output, most_bytes)
        if statement.action == "unload":
            return await self._unload(statement.parts, planned, output, most_bytes)
        return await self._create_table_as(statement.parts, planned, output, most_bytes)

    async def _insert(self, parts: Mapping[str, Any], planned: Planned, output: str, most_bytes: int | None) -> Written:
        table = await asyncio.to_thread(self._planner.catalog.table, parts["database"], parts["table"])
        if table.is_view:
            raise QueryFailed("NOT_SUPPORTED", "Inserting into views is not supported")
        serde = (table.glue["StorageDescriptor"].get("SerdeInfo") or {}).get("SerializationLibrary") or ""
        if "parquet" not in serde.lower():
            raise not_supported(f"INSERT INTO a table stored with {serde}")
        sql = _shaped(planned, table, parts["columns"])
        keys = [key.name for key in table.keys]
        prefix = output.rpartition("/")[2]
        effort, files = await self._copy(sql, keys, "(FORMAT parquet, COMPRESSION snappy", parts["tree"], most_bytes)
        locations = await asyncio.to_thread(self._deliver, table, files, prefix)
        return Written("INSERT", effort.rows, effort, locations)

    async def _create_table_as(
        self, parts: Mapping[str, Any], planned: Planned, output: str, most_bytes: int | None
    ) -> Written:
        options = parts["options"]
        stored = str(options.get("format", "PARQUET")).upper()
        if stored != "PARQUET":
            raise not_supported(f"CREATE TABLE AS with format {stored}")
        await asyncio.to_thread(self._planner.catalog.database, parts["database"])
        keys = [name.lower() for name in options.get("partitioned_by", [])]
        names = [column.name.lower() for column in planned.columns]
        if keys and names[-len(keys) :] != keys:
            raise QueryFailed(
                "HIVE_COLUMN_ORDER_MISMATCH",
                "Partition keys must be the last columns in the table and in the same order as the table properties",
            )
        location = options.get("external_location") or f"{output.rpartition('/')[0]}/{output.rpartition('/')[2]}/"
        location = location if location.endswith("/") else f"{location}/"
        if await asyncio.to_thread(self._planner.objects.list, *split_location(location)):
            raise QueryFailed(
                "HIVE_PATH_ALREADY_EXISTS",
                f"Target directory for table '{parts['database']}.{parts['table']}' already exists: {location}.",
            )
        made = _table_input(parts["table"], planned.columns, keys, location)
        created = await asyncio.to_thread(self._create, parts, made)
        if not created:
            return Written("CREATE TABLE AS", 0, Effort(0, 0, 0))
        table = await asyncio.to_thread(self._planner.catalog.table, parts["database"], parts["table"])
        sql = _everything(planned) + (" LIMIT 0" if parts["empty"] else "")
        try:
            effort, files = await self._copy(
                sql, keys, "(FORMAT parquet, COMPRESSION snappy", parts["tree"], most_bytes
            )
            locations = await asyncio.to_thread(self._deliver, table, files, output.rpartition("/")[2])
        except BaseException:
            await asyncio.to_thread(
                self._planner.catalog.delete, "delete_table", DatabaseName=parts["database"], Name=parts["table"]
            )
            raise
        return Written("CREATE TABLE AS", effort.rows, effort, locations)

    def _create(self, parts: Mapping[str, Any], table_input: dict[str, Any]) -> bool:
        if self._planner.catalog.create("create_table", DatabaseName=parts["database"], TableInput=table_input):
            return True
        if parts["quiet"]:
            return False
        raise QueryFailed(
            "TABLE_ALREADY_EXISTS", f"Destination table '{parts['database']}.{parts['table']}' already exists"
        )

    async def _unload(self, parts: Mapping[str, Any], planned: Planned, output: str, most_bytes: int | None) -> Written:
        options = parts["options"]
        stored = str(options.get("format", "")).lower()
        if stored not in _EXTENSIONS:
            raise not_supported(f"UNLOAD with format {stored or '(none)'}")
        location = parts["location"] if parts["location"].endswith("/") else f"{parts['location']}/"
        if await asyncio.to_thread(self._planner.objects.list, *split_location(location)):
            raise QueryFailed("HIVE_PATH_ALREADY_EXISTS", f"Target directory for UNLOAD already exists: {location}")
        keys = [name.lower() for name in options.get("partitioned_by", [])]
        shape = _copy_options(stored, str(options.get("field_delimiter", ",")), str(options.get("compression", "")))
        effort, files = await self._copy(_everything(planned), keys, shape, parts["tree"], most_bytes)
        prefix = output.rpartition("/")[2]
        locations = await asyncio.to_thread(self._upload, location, files, prefix)
        return Written("UNLOAD", effort.rows, effort, locations)

    async def _copy(
        self, sql: str, keys: Sequence[str], shape: str, tree: Any, most_bytes: int | None
    ) -> tuple[Effort, list[tuple[Path, str]]]:
        """Write rows into files; return what it took, and each file with its folder below the table's location."""
        target = self._folder / "rows"
        partitioned = f", PARTITION_BY ({', '.join(map(quoted, keys))})" if keys else ""
        place = target if keys else target / "0.out"
        await asyncio.to_thread(target.mkdir)
        statement = f"COPY ({sql}) TO {literal(str(place))} {shape}{partitioned})"
        effort = await run(self._planner.session, statement, tree, most_bytes)
        if not effort.rows:
            return effort, []
        files = sorted(file for file in target.rglob("*") if file.is_file())
        return effort, [(file, str(file.parent.relative_to(target)) + "/" if keys else "") for file in files]

    def _deliver(self, table: Table, files: Sequence[tuple[Path, str]], name: str) -> list[str]:
        """Upload the files to where the table's partitions are, and register the new ones."""
        if not table.keys:
            return self._upload(table.location, files, name)
        locations: list[str] = []
        known = {tuple(each["Values"]): each for each in self._planner.catalog.partitions(table)}
        new: dict[tuple[str, ...], str] = {}
        for index, (file, folder) in enumerate(files):
            values = tuple(_partition_value(part) for part in folder.rstrip("/").split("/"))
            place = self._partition_location(table, values, known)
            locations += self._upload(place, [(file, "")], f"{name}_{index}")
            if values not in known:
                new[values] = place
        self._planner.catalog.add_partitions(
            table, [partition_input(table, values, place) for values, place in new.items()]
        )
        return locations

    @staticmethod
    def _partition_location(table: Table, values: tuple[str, ...], known: Mapping[tuple[str, ...], Any]) -> str:
        if values in known:
            return str(known[values]["StorageDescriptor"]["Location"])
        return projection.location(table.properties, table.location, [key.name for key in table.keys], values)

    def _upload(self, location: str, files: Sequence[tuple[Path, str]], name: str) -> list[str]:
        location = location if location.endswith("/") else f"{location}/"
        locations = []
        for index, (file, folder) in enumerate(files):
            bucket, key = split_location(f"{location}{folder}{name}_{index}")
            self._s3.upload_file(str(file), bucket, key)
            locations.append(f"s3://{bucket}/{key}")
        return locations


def _everything(planned: Planned) -> str:
    return f"SELECT * FROM ({planned.sql}) AS _result"  # noqa: S608 - a translated query


def _partition_value(part: str) -> str:
    return unquote(part.partition("=")[2])


def _shaped(planned: Planned, table: Table, named: Sequence[str]) -> str:
    """Return the query with the table's columns, in its order and types; raises QueryFailed."""
    targets = [*table.columns, *table.keys]
    names = list(named) or [column.name for column in targets]
    unknown = set(names) - {column.name for column in targets}
    if unknown:
        raise QueryFailed("COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {min(unknown)}")
    if len(names) != len(planned.columns) or len(names) > len(targets):
        given, place = len(planned.columns), min(len(names), len(planned.columns)) + 1
        expected = f"expected {len(names)} target column(s). Mismatch at column {place}"
        raise QueryFailed("TYPE_MISMATCH", f"Insert query has {given} expression(s) but {expected}")
    for name, column in zip(names, planned.columns, strict=True):
        wanted = next(each.type for each in targets if each.name == name)
        if not _fits(column.type, wanted):
            types = f"Table: [{wanted.athena}], Query: [{column.type.athena}] (column {name})"
            raise QueryFailed("TYPE_MISMATCH", f"Insert query has mismatched column types: {types}")
    places = {name: f"_c{index}" for index, name in enumerate(names)}
    chosen = ", ".join(
        f"CAST({places.get(column.name, 'NULL')} AS {column.type.duckdb}) AS {quoted(column.name)}"
        for column in targets
    )
    listed = ", ".join(places[name] for name in names)
    return f"SELECT {chosen} FROM ({planned.sql}) AS _result({listed})"  # noqa: S608 - names are quoted


_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal")


def _fits(given: Type, wanted: Type) -> bool:
    """Tell whether Trino would coerce one into the other on its own."""
    if given.name in {"unknown", wanted.name}:
        return True
    if given.name in _NUMBERS and wanted.name in _NUMBERS:
        # A literal is an INTEGER, a sum is wider than what was summed: whole numbers go where whole numbers fit.
        return given.name in _NUMBERS[:4] or wanted.name in ("real", "double", "decimal")
    return {given.name, wanted.name} <= {"varchar", "char"} or (given.name, wanted.name) == ("date", "timestamp")


def _table_input(name: str, columns: Sequence[ResultColumn], keys: Sequence[str], location: str) -> dict[str, Any]:
    duplicated = sorted({column.name for column in columns if [each.name for each in columns].count(column.name) > 1})
    if duplicated:
        raise QueryFailed("DUPLICATE_COLUMN_NAME", f"Column name '{duplicated[0]}' specified more than once")
    glue = [{"Name": column.name.lower(), "Type": column.type.hive} for column in columns]
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false", "classification": "parquet"},
        "PartitionKeys": [column for column in glue if column["Name"] in keys],
        "StorageDescriptor": {
            "Columns": [column for column in glue if column["Name"] not in keys],
            "Location": location,
            **hive.storage("PARQUET"),
        },
    }


def _copy_options(stored: str, delimiter: str, compression: str) -> str:
    if stored == "parquet":
        return f"(FORMAT parquet, COMPRESSION {literal(compression.lower() or 'snappy')}"
    if not re.fullmatch(r"|gzip|none", compression.lower()):
        raise not_supported(f"UNLOAD as {stored} with compression {compression}")
    # Text is gzipped unless asked otherwise: https://docs.aws.amazon.com/athena/latest/ug/unload.html
    packed = "none" if compression.lower() == "none" else "gzip"
    if stored == "json":
        return f"(FORMAT json, COMPRESSION {packed}"
    return f"(FORMAT csv, HEADER false, DELIMITER {literal(delimiter)}, COMPRESSION {packed}"
