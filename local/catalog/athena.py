"""Athena's own view of the catalog, which drivers and query editors list tables with.

https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTableMetadata.html; the parameters that a table has
beside Glue's (`location`, `inputformat`, `serde.serialization.lib`, …) as in the AWS CLI's example:
https://docs.aws.amazon.com/cli/latest/reference/athena/get-table-metadata.html
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from local.catalog.emulated import EmulatedCatalog
from local.catalog.pages import name_pattern, page
from local.errors import AwsError
from local.wire import Call

CATALOG = "AwsDataCatalog"
_MOST = 50


class AthenaCatalogService:
    """One of the gateway's services."""

    name = "athena"

    def __init__(self, catalog: EmulatedCatalog) -> None:
        self._catalog = catalog
        self._handlers: dict[str, Callable[[dict[str, Any]], Awaitable[Mapping[str, Any]]]] = {
            "GetDatabase": self._database,
            "ListDatabases": self._databases,
            "GetTableMetadata": self._table,
            "ListTableMetadata": self._tables,
        }
        self.operations = frozenset(self._handlers)

    def resources(self, call: Call) -> list[str]:
        """Every operation is allowed or denied on its data catalog, whose name is written in any case."""
        named = call.parameters.get("CatalogName") or CATALOG
        name = CATALOG if named.lower() == CATALOG.lower() else named
        return [f"arn:aws:athena:{call.region}:{self._catalog.account}:datacatalog/{name}"]

    async def call(self, call: Call) -> Mapping[str, Any]:
        named = call.parameters.get("CatalogName") or CATALOG
        if named.lower() != CATALOG.lower():
            raise AwsError("InvalidRequestException", f"Data catalog {named} was not found: there is only {CATALOG}")
        try:
            return await self._handlers[call.operation](call.parameters)
        except AwsError as error:
            if error.code != "EntityNotFoundException":
                raise
            raise AwsError("MetadataException", _enveloped(error)) from None

    async def _database(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        found = await self._catalog.ask("GetDatabase", {"Name": asked["DatabaseName"].lower()})
        return {"Database": _shown_database(found["Database"])}

    async def _databases(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        found = [_shown_database(each) for each in await self._catalog.databases()]
        return page(found, asked, "DatabaseList", most=_MOST, refusal="InvalidRequestException")

    async def _table(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        return {"TableMetadata": _shown_table(await self._catalog.table(asked["DatabaseName"], asked["TableName"]))}

    async def _tables(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        database = asked["DatabaseName"].lower()
        await self._catalog.ask("GetDatabase", {"Name": database})
        wanted = name_pattern(asked.get("Expression"), "InvalidRequestException")
        found = [_shown_table(each) for each in await self._catalog.tables(database) if wanted.fullmatch(each["Name"])]
        return page(found, asked, "TableMetadataList", most=_MOST, refusal="InvalidRequestException")


def _enveloped(error: AwsError) -> str:
    """Return Glue's refusal in the envelope by which drivers tell that a table does not exist (pyathena/util.py)."""
    request = uuid.uuid4()
    return (
        f"{error.message} (Service: AmazonDataCatalog; Status Code: 400; Error Code: {error.code};"
        f" Request ID: {request}; Proxy: null)"
    )


def _shown_database(glue: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"Name": glue["Name"], "Parameters": glue.get("Parameters") or {}}
    return {**shown, "Description": glue["Description"]} if glue.get("Description") else shown


def _shown_table(glue: Mapping[str, Any]) -> dict[str, Any]:
    descriptor = glue.get("StorageDescriptor") or {}
    serde = descriptor.get("SerdeInfo") or {}
    places = {
        "location": descriptor.get("Location"),
        "inputformat": descriptor.get("InputFormat"),
        "outputformat": descriptor.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()},
    }
    return {
        "Name": glue["Name"],
        **{key: glue[key] for key in ("CreateTime", "LastAccessTime") if glue.get(key)},
        "TableType": glue.get("TableType") or "EXTERNAL_TABLE",
        "Columns": [_shown_column(each) for each in descriptor.get("Columns") or []],
        "PartitionKeys": [_shown_column(each) for each in glue.get("PartitionKeys") or []],
        "Parameters": {
            **(glue.get("Parameters") or {}),
            **{key: value for key, value in places.items() if value is not None},
        },
    }


def _shown_column(glue: Mapping[str, str]) -> dict[str, str]:
    shown = {"Name": glue["Name"], "Type": glue.get("Type", "string")}
    return {**shown, "Comment": glue["Comment"]} if glue.get("Comment") else shown
