"""Records in, a table of a Glue table's columns and the records that do not fit out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from local.firehose import documents, hive
from local.firehose.documents import MALFORMED, NotDocuments
from local.firehose.hive import Column
from local.firehose.hive_json import HiveJson
from local.firehose.openx import OpenX
from local.firehose.plainjson import PlainJson
from local.firehose.records import Record, size_of
from local.firehose.serde import Mismatch, SerDe
from local.firehose.settings import Conversion

RECORDS_AT_ONCE = 2_000
"""Runs of this many bound what is held at once, and how many one odd record takes with it the careful way."""


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
        serde = _serde(conversion)
        self._schema = pa.schema([pa.field(each.name, hive.arrow(each.type)) for each in columns])
        self._row = serde.rows(columns)
        self._plain = PlainJson(serde, columns, self._schema)

    def convert(self, records: Sequence[Record]) -> Converted:
        batches: list[pa.RecordBatch] = []
        misfits: list[Misfit] = []
        for start in range(0, len(records), RECORDS_AT_ONCE):
            run = records[start : start + RECORDS_AT_ONCE]
            batch = self._plain.batch(run)
            batches.append(self._carefully(run, misfits) if batch is None else batch)
        bad = size_of([misfit.record for misfit in misfits])
        table = pa.Table.from_batches(batches, self._schema)
        return Converted(table, len(records) - len(misfits), size_of(records) - bad, misfits)

    def _carefully(self, records: Sequence[Record], misfits: list[Misfit]) -> pa.RecordBatch:
        """Convert a run record by record; those that cannot be converted are added to `misfits`.

        One document that does not fit fails the whole record: its error document holds the record.
        """
        rows: list[tuple[Any, ...]] = []
        for record in records:
            try:
                rows += [self._row(document) for document in documents.split(record.data)]
            except (NotDocuments, Mismatch) as reason:
                misfits.append(Misfit(record, getattr(reason, "code", MALFORMED), str(reason)))
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
