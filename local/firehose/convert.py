"""Records in, a table of a Glue table's columns and the records that do not fit out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from local.firehose import documents, hive
from local.firehose.documents import MALFORMED, NotDocuments
from local.firehose.hive import Column
from local.firehose.hive_json import HiveJson
from local.firehose.openx import OpenX
from local.firehose.records import Record
from local.firehose.serde import Mismatch, SerDe
from local.firehose.settings import Conversion

ROWS_AT_ONCE = 32_768
"""Python rows are turned into Arrow columns in runs of this many, which bounds memory."""


class Misfit(NamedTuple):
    """A record that could not be converted."""

    record: Record
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Converted:
    table: pa.Table
    """One row for each document, columns and types exactly those of the Glue table."""
    records: int
    size: int
    """Bytes of the converted records, before conversion."""
    misfits: list[Misfit]


class Converter:
    """Converts by one version of one table."""

    def __init__(self, conversion: Conversion, columns: Sequence[Column]) -> None:
        self._schema = pa.schema([pa.field(each.name, hive.arrow(each.type)) for each in columns])
        self._row = _serde(conversion).rows(columns)

    def convert(self, records: Sequence[Record]) -> Converted:
        batches: list[pa.RecordBatch] = []
        misfits: list[Misfit] = []
        converted = size = 0
        rows: list[tuple[Any, ...]] = []
        for record in records:
            try:
                rows += self._rows_of(record.data, self._row)
            except (NotDocuments, Mismatch) as reason:
                misfits.append(Misfit(record, getattr(reason, "code", MALFORMED), str(reason)))
                continue
            converted += 1
            size += len(record.data)
            if len(rows) >= ROWS_AT_ONCE:
                batches.append(self._batch(rows))
                rows = []
        batches.append(self._batch(rows))
        return Converted(pa.Table.from_batches(batches, self._schema), converted, size, misfits)

    @staticmethod
    def _rows_of(data: bytes, row: Callable[[dict[str, Any]], tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """One document that does not fit fails the whole record: its error document holds the record."""
        return [row(document) for document in documents.split(data)]

    def _batch(self, rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
        columns = zip(*rows, strict=True) if rows else [()] * len(self._schema)
        arrays = [pa.array(list(values), field.type) for values, field in zip(columns, self._schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def columns_of(table: dict[str, Any]) -> list[Column]:
    """Return the columns of a Glue table without its partition keys; raises hive.UnsupportedType."""
    columns = table.get("StorageDescriptor", {}).get("Columns", [])
    return [Column(each["Name"].lower(), hive.parse(each.get("Type") or "string")) for each in columns]


def _serde(conversion: Conversion) -> SerDe:
    if conversion.deserializer == "HiveJsonSerDe":
        return HiveJson(conversion.deserializer_options)
    return OpenX(conversion.deserializer_options)
