"""What clients ask of Glue's catalog and the emulator does not answer, or answers wrongly.

The emulator gives every partition whatever the `Expression`, so that a client which deletes what it was given (dbt's
insert_overwrite) would delete too much; it gives every table an owner without letters, which no client may send back;
it knows neither SearchTables, nor table versions, nor BatchDeletePartition.
Not modelled: versions of the past. A table has its present one.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from local import permissions
from local.catalog.emulated import EmulatedCatalog
from local.catalog.expression import BadExpression, partition_test
from local.catalog.pages import name_pattern, page
from local.errors import AwsError
from local.wire import Call

_MOST_PARTITIONS, _MOST_TABLES, _MOST_VERSIONS = 1000, 100, 100
_SEARCHED = ("Name", "DatabaseName", "Description", "Owner", "TableType")
"""Keys of SearchTables' filters that are understood."""


class GlueCatalogService:
    """One of the gateway's services."""

    name = "glue"

    def __init__(self, catalog: EmulatedCatalog) -> None:
        self._catalog = catalog
        self._handlers: dict[str, Callable[[dict[str, Any]], Awaitable[Mapping[str, Any]]]] = {
            "GetTable": self._table,
            "GetTables": self._tables,
            "GetPartitions": self._partitions,
            "BatchDeletePartition": self._delete_partitions,
            "GetTableVersions": self._versions,
            "GetTableVersion": self._version,
            "SearchTables": self._search,
        }
        self.operations = frozenset(self._handlers)

    def resources(self, call: Call) -> list[str]:
        if not permissions.asks("AWSGlue", call.operation):
            return [f"arn:aws:glue:{call.region}:{self._catalog.account}:catalog"]
        asked = permissions.questions("AWSGlue", call.operation, call.parameters, call.region, self._catalog.account)
        return [resource for _, resource, _ in asked]

    async def call(self, call: Call) -> Mapping[str, Any]:
        return await self._handlers[call.operation](call.parameters)

    async def _table(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        return {"Table": await self._catalog.table(asked["DatabaseName"], asked["Name"])}

    async def _tables(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        wanted = name_pattern(asked.get("Expression"), "InvalidInputException")
        await self._catalog.ask("GetDatabase", {"Name": asked["DatabaseName"]})
        found = [each for each in await self._catalog.tables(asked["DatabaseName"]) if wanted.fullmatch(each["Name"])]
        return page(found, asked, "TableList", most=_MOST_TABLES, refusal="InvalidInputException")

    async def _partitions(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        table = await self._catalog.table(asked["DatabaseName"], asked["TableName"])
        keys = table.get("PartitionKeys") or []
        found = (await self._catalog.ask("GetPartitions", _of(table)))["Partitions"]
        if expression := asked.get("Expression"):
            found = _wanted(found, expression, keys)
        if asked.get("ExcludeColumnSchema"):
            found = [_without_columns(each) for each in found]
        return page(found, asked, "Partitions", most=_MOST_PARTITIONS, refusal="InvalidInputException")

    async def _delete_partitions(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        table = await self._catalog.table(asked["DatabaseName"], asked["TableName"])
        there = [each["Values"] for each in (await self._catalog.ask("GetPartitions", _of(table)))["Partitions"]]
        errors = []
        for values in [each["Values"] for each in asked["PartitionsToDelete"]]:
            if values in there:
                await self._catalog.ask("DeletePartition", {**_of(table), "PartitionValues": values})
            else:
                detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found"}
                errors.append({"PartitionValues": values, "ErrorDetail": detail})
        return {"Errors": errors}

    async def _versions(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        table = await self._catalog.table(asked["DatabaseName"], asked["TableName"])
        return page([_versioned(table)], asked, "TableVersions", most=_MOST_VERSIONS, refusal="InvalidInputException")

    async def _version(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        present = _versioned(await self._catalog.table(asked["DatabaseName"], asked["TableName"]))
        if asked.get("VersionId", present["VersionId"]) != present["VersionId"]:
            raise AwsError(
                "EntityNotFoundException", f"Version {asked['VersionId']} not found: only the present is kept"
            )
        return {"TableVersion": present}

    async def _search(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        found = [
            table
            for database in await self._catalog.databases()
            for table in await self._catalog.tables(database["Name"])
            if _mentions(table, asked.get("SearchText", "")) and _passes(table, asked.get("Filters", []))
        ]
        for criterion in reversed(asked.get("SortCriteria", [])):
            found.sort(
                key=lambda table: str(table.get(criterion["FieldName"], "")), reverse=criterion["Sort"] == "DESC"
            )
        return page(found, asked, "TableList", most=_MOST_TABLES, refusal="InvalidInputException")


def _of(table: Mapping[str, Any]) -> dict[str, Any]:
    return {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}


def _wanted(found: list[dict[str, Any]], expression: str, keys: list[dict[str, str]]) -> list[dict[str, Any]]:
    names = [key["Name"].lower() for key in keys]
    try:
        test = partition_test(expression, keys)
        return [each for each in found if test(dict(zip(names, each["Values"], strict=True)))]
    except BadExpression as error:
        raise AwsError("InvalidInputException", str(error)) from None


def _without_columns(partition: dict[str, Any]) -> dict[str, Any]:
    descriptor = {key: value for key, value in partition.get("StorageDescriptor", {}).items() if key != "Columns"}
    return {**partition, "StorageDescriptor": descriptor}


def _versioned(table: dict[str, Any]) -> dict[str, Any]:
    return {"Table": table, "VersionId": str(table.get("VersionId", "0"))}


def _mentions(table: Mapping[str, Any], text: str) -> bool:
    """Tell whether a text is in what is searched of a table; in quotes it must be the whole of it."""
    columns = table.get("StorageDescriptor", {}).get("Columns") or []
    searched = [str(table.get(key) or "").lower() for key in ("Name", "DatabaseName", "Description", "Owner")]
    searched += [str(column.get(key) or "").lower() for column in columns for key in ("Name", "Comment")]
    wanted = text.lower()
    if len(wanted) > 1 and wanted[0] == wanted[-1] == '"':
        return wanted[1:-1] in searched
    return any(wanted in each for each in searched)


def _passes(table: Mapping[str, Any], filters: list[dict[str, str]]) -> bool:
    for each in filters:
        key = next((known for known in _SEARCHED if known.lower() == each["Key"].lower()), None)
        if key is None or each.get("Comparator", "EQUALS") != "EQUALS":
            raise AwsError("InvalidInputException", f"Filters on {each['Key']} with {each.get('Comparator')} are not "
                           f"supported here: use EQUALS on {', '.join(_SEARCHED)}")  # fmt: skip
        if each["Value"].lower() not in str(table.get(key) or "").lower():
            return False
    return True
