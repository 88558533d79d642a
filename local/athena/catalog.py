"""The Glue catalog as Athena reads and writes it. Every method blocks."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.athena.errors import QueryFailed
from local.athena.types import Type, UnknownType, parse

CATALOG = "awsdatacatalog"
_VIEW_HEAD, _VIEW_TAIL = "/* Presto View: ", " */"


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    comment: str = ""


@dataclass(frozen=True)
class Table:
    """A table or view of the catalog, its types understood."""

    database: str
    name: str
    glue: Mapping[str, Any]
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]

    @property
    def location(self) -> str:
        return str(self.glue.get("StorageDescriptor", {}).get("Location") or "")

    @property
    def properties(self) -> dict[str, str]:
        return dict(self.glue.get("Parameters") or {})

    @property
    def is_view(self) -> bool:
        return self.glue.get("TableType") == "VIRTUAL_VIEW"

    @property
    def view(self) -> dict[str, Any]:
        """What CREATE VIEW stored: `originalSql`, `catalog`, `schema`, `columns`."""
        text = self.glue.get("ViewOriginalText") or ""
        try:
            decoded: dict[str, Any] = json.loads(
                base64.b64decode(text.removeprefix(_VIEW_HEAD).removesuffix(_VIEW_TAIL))
            )
        except ValueError:
            raise QueryFailed("INVALID_VIEW", f"Invalid view data: {self.database}.{self.name}") from None
        return decoded


def encoded_view(sql: str, database: str, columns: Sequence[tuple[str, Type]]) -> str:
    """Return a view's text as Athena keeps it in ViewOriginalText."""
    described = {
        "originalSql": sql,
        "catalog": CATALOG,
        "schema": database,
        "columns": [{"name": name, "type": kind.athena} for name, kind in columns],
    }
    return _VIEW_HEAD + base64.b64encode(json.dumps(described).encode()).decode() + _VIEW_TAIL


class Catalog:
    """Reads and changes databases, tables and partitions through the Glue API."""

    def __init__(self, glue: Any) -> None:
        self._glue = glue

    def databases(self) -> list[dict[str, Any]]:
        return sorted(self._pages("get_databases", "DatabaseList"), key=lambda each: str(each["Name"]))

    def database(self, name: str) -> dict[str, Any]:
        """Raise QueryFailed SCHEMA_NOT_FOUND."""
        try:
            return self._glue.get_database(Name=name)["Database"]  # type: ignore[no-any-return]  # boto3 is untyped
        except ClientError as error:
            if error.response["Error"]["Code"] == "EntityNotFoundException":
                raise QueryFailed("SCHEMA_NOT_FOUND", f"Schema '{name}' does not exist") from None
            raise

    def tables(self, database: str) -> list[dict[str, Any]]:
        return sorted(self._pages("get_tables", "TableList", DatabaseName=database), key=lambda each: str(each["Name"]))

    def table(self, database: str, name: str) -> Table:
        """Raise QueryFailed TABLE_NOT_FOUND, or for a column of an unknown type."""
        try:
            glue = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            message = f"Table '{CATALOG}.{database}.{name}' does not exist"
            raise QueryFailed("TABLE_NOT_FOUND", message) from None
        return Table(
            database, name, glue,
            _columns(glue.get("StorageDescriptor", {}).get("Columns") or [], name),
            _columns(glue.get("PartitionKeys") or [], name),
        )  # fmt: skip

    def partitions(self, table: Table) -> list[dict[str, Any]]:
        """Return the registered partitions, by value."""
        found = self._pages("get_partitions", "Partitions", DatabaseName=table.database, TableName=table.name)
        return sorted(found, key=lambda each: [str(value) for value in each["Values"]])

    def create(self, operation: str, **members: Any) -> bool:
        """Call a Create operation; return False if the thing was there already."""
        return self._unless("AlreadyExistsException", operation, members)

    def delete(self, operation: str, **members: Any) -> bool:
        """Call a Delete operation; return False if there was nothing."""
        return self._unless("EntityNotFoundException", operation, members)

    def update_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        self._glue.update_table(DatabaseName=database, TableInput=table_input)

    def add_partitions(self, table: Table, inputs: Sequence[Mapping[str, Any]]) -> list[list[str]]:
        """Register partitions, 100 a call; return the values of those that were there already."""
        refused: list[list[str]] = []
        for start in range(0, len(inputs), 100):
            answer = self._glue.batch_create_partition(
                DatabaseName=table.database,
                TableName=table.name,
                PartitionInputList=list(inputs[start : start + 100]),
            )
            refused += [error["PartitionValues"] for error in answer.get("Errors", [])]
        return refused

    def _unless(self, code: str, operation: str, members: dict[str, Any]) -> bool:
        try:
            getattr(self._glue, operation)(**members)
        except ClientError as error:
            if error.response["Error"]["Code"] == code:
                return False
            raise
        return True

    def _pages(self, operation: str, member: str, **members: Any) -> Iterator[dict[str, Any]]:
        for page in self._glue.get_paginator(operation).paginate(**members):
            yield from page[member]


def _columns(glue: Sequence[Mapping[str, Any]], table: str) -> tuple[Column, ...]:
    try:
        return tuple(
            Column(str(each["Name"]).lower(), parse(each.get("Type") or "string"), each.get("Comment") or "")
            for each in glue
        )
    except UnknownType as error:
        raise QueryFailed("HIVE_METASTORE_ERROR", f"Table {table} has an {error}") from None
