"""Parquet and ORC objects of a table, with the options of Firehose's serializers.

Timestamps are INT96 in Parquet, which is what Firehose writes and what Athena, Spark, DuckDB and pyarrow all read
as a timestamp without zone. ORC has one timestamp type only.
"""

import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq

MIB = 1024 * 1024
_PARQUET_CODECS = {"SNAPPY": "snappy", "GZIP": "gzip", "UNCOMPRESSED": "none"}
_ORC_CODECS = {"SNAPPY": "snappy", "ZLIB": "zlib", "NONE": "uncompressed"}


def parquet(table: pa.Table, options: Mapping[str, Any]) -> bytes:
    """Return one Parquet file (`ParquetSerDe`)."""
    sink = io.BytesIO()
    version = options.get("WriterVersion") or "V1"
    pq.write_table(
        table,
        sink,
        row_group_size=_rows_per(options.get("BlockSizeBytes") or 256 * MIB, table),
        data_page_size=options.get("PageSizeBytes") or MIB,
        compression=_PARQUET_CODECS[options.get("Compression") or "SNAPPY"],
        use_dictionary=bool(options.get("EnableDictionaryCompression", False)),
        version="1.0" if version == "V1" else "2.6",
        data_page_version="1.0" if version == "V1" else "2.0",
        use_deprecated_int96_timestamps=True,
        store_schema=False,
    )
    return sink.getvalue()


def orc(table: pa.Table, options: Mapping[str, Any]) -> bytes:
    """Return one ORC file (`OrcSerDe`)."""
    sink = io.BytesIO()
    bloom_columns = options.get("BloomFilterColumns") or []
    po.write_table(
        table,
        sink,
        file_version="0.11" if options.get("FormatVersion") == "V0_11" else "0.12",
        stripe_size=options.get("StripeSizeBytes") or 64 * MIB,
        compression=_ORC_CODECS[options.get("Compression") or "SNAPPY"],
        compression_block_size=64 * 1024,
        row_index_stride=options.get("RowIndexStride") or 10_000,
        padding_tolerance=_padding(options),
        dictionary_key_size_threshold=options.get("DictionaryKeyThreshold") or 0.0,
        bloom_filter_columns=[table.schema.get_field_index(name.lower()) for name in bloom_columns],
        bloom_filter_fpp=options.get("BloomFilterFalsePositiveProbability") or 0.05,
    )
    return sink.getvalue()


def _rows_per(size: int, table: pa.Table) -> int:
    return max(1, int(table.num_rows * size / max(table.nbytes, 1)))


def _padding(options: Mapping[str, Any]) -> float:
    if not options.get("EnablePadding", False):
        return 0.0
    tolerance = options.get("PaddingTolerance")
    return 0.05 if tolerance is None else float(tolerance)
