"""The Glue table that conversion goes by, read with the role that the schema configuration names."""

import threading
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.clients import RoleRefused
from local.firehose.convert import Converter, columns_of
from local.firehose.hive import UnsupportedType
from local.firehose.plant import Plant
from local.firehose.settings import Conversion, Schema

FRESH_SECONDS = 5.0
"""A table is read again after this long: `LATEST` follows changes, a burst of objects reads it once."""

ACCESS_DENIED = (
    "Access was denied when calling Glue. Please ensure that the role specified in the data format conversion"
    " configuration has the necessary permissions."
)
NOT_FOUND = (
    "The specified table/database could not be found. Please ensure that the table/database exists and that the"
    " values provided in the schema configuration are correct, especially with regards to casing."
)
UNSUPPORTED = "The schema is invalid. One or more columns have types that are not supported by org.openx.data.JsonSerDe"


class TableUnavailable(Exception):
    """The table cannot be read now; delivery waits and tries again."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SchemaUnusable(Exception):
    """The table has a column that no JSON can be converted to: every record fails."""


@dataclass(slots=True)
class _Kept:
    table: dict[str, Any]
    converter: Converter
    read_at: float


class Tables:
    """Keeps one converter for each conversion configuration. Its methods block."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def converter(self, conversion: Conversion) -> Converter:
        """Return the converter of the table as it is now; raises TableUnavailable, SchemaUnusable."""
        key, now = repr(conversion), self._plant.clock.now()
        with self._lock:
            kept = self._kept.get(key)
        if kept and now - kept.read_at < FRESH_SECONDS:
            return kept.converter
        table = self.read(conversion.schema)
        if kept is None or kept.table != table:
            kept = _Kept(table, _converter(conversion, table), now)
        kept.read_at = now
        with self._lock:
            self._kept[key] = kept
        return kept.converter

    def read(self, schema: Schema) -> dict[str, Any]:
        """Return the table's definition; raises TableUnavailable."""
        try:
            glue = self._plant.client("glue", schema.role_arn)
            table: dict[str, Any] = _get(glue, schema)
        except RoleRefused as refusal:
            raise TableUnavailable("DataFormatConversion.AccessDenied", str(refusal)) from None
        except ClientError as refusal:
            raise _unavailable(refusal) from None
        except BotoCoreError as failure:
            raise TableUnavailable("DataFormatConversion.InternalError", type(failure).__name__) from None
        return table


def _get(glue: Any, schema: Schema) -> dict[str, Any]:
    where = {"CatalogId": schema.catalog_id, "DatabaseName": schema.database}
    if schema.version == "LATEST":
        found = glue.get_table(**where, Name=schema.table)["Table"]
    else:
        answer = glue.get_table_version(**where, TableName=schema.table, VersionId=schema.version)
        found = answer["TableVersion"]["Table"]
    return {"StorageDescriptor": {"Columns": found.get("StorageDescriptor", {}).get("Columns", [])}}


def _converter(conversion: Conversion, table: dict[str, Any]) -> Converter:
    try:
        return Converter(conversion, columns_of(table))
    except UnsupportedType as reason:
        raise SchemaUnusable(str(reason)) from None


def _unavailable(refusal: ClientError) -> TableUnavailable:
    code = refusal.response["Error"]["Code"]
    if code in {"AccessDeniedException", "AccessDenied"}:
        return TableUnavailable("DataFormatConversion.AccessDenied", ACCESS_DENIED)
    if code == "EntityNotFoundException":
        return TableUnavailable("DataFormatConversion.EntityNotFound", NOT_FOUND)
    return TableUnavailable("DataFormatConversion.InternalError", f"Glue answered {code}")
