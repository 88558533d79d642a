"""The serializers' options arrive in the file."""

import io

import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq
import pytest

from local.firehose import columnar

ROWS = 50_000
TABLE = pa.table({"n": pa.array(range(ROWS), pa.int64()), "s": pa.array(["same"] * ROWS, pa.string())})
MIB = 1024 * 1024


def parquet(**options):
    return pq.ParquetFile(io.BytesIO(columnar.parquet(TABLE, options)))


def orc(**options):
    return po.ORCFile(io.BytesIO(columnar.orc(TABLE, options)))


@pytest.mark.parametrize(("given", "found"), [(None, "SNAPPY"), ("GZIP", "GZIP"), ("UNCOMPRESSED", "UNCOMPRESSED")])
def test_parquet_compression_is_snappy_unless_said_otherwise(given, found):
    options = {"Compression": given} if given else {}
    assert parquet(**options).metadata.row_group(0).column(0).compression == found


@pytest.mark.parametrize("enabled", [True, False])
def test_parquet_uses_dictionaries_only_when_told(enabled):
    column = parquet(EnableDictionaryCompression=enabled, WriterVersion="V2").metadata.row_group(0).column(1)
    assert ("RLE_DICTIONARY" in column.encodings) is enabled


def test_a_parquet_row_group_holds_a_block():
    wide = pa.table({"s": pa.array([f"{number:064d}" * 16 for number in range(80_000)])})
    file = pq.ParquetFile(io.BytesIO(columnar.parquet(wide, {"BlockSizeBytes": 64 * MIB})))
    assert file.metadata.num_row_groups == 2
    assert file.metadata.row_group(0).total_byte_size <= 65 * MIB


@pytest.mark.parametrize(("version", "format_version"), [("V1", "1.0"), ("V2", "2.6")])
def test_the_parquet_writer_has_the_asked_version(version, format_version):
    assert parquet(WriterVersion=version).metadata.format_version == format_version


@pytest.mark.parametrize(("given", "found"), [(None, "SNAPPY"), ("ZLIB", "ZLIB"), ("NONE", "UNCOMPRESSED")])
def test_orc_compression_is_snappy_unless_said_otherwise(given, found):
    assert orc(**({"Compression": given} if given else {})).compression == found


def test_orc_options_arrive():
    file = orc(FormatVersion="V0_11", RowIndexStride=5_000, StripeSizeBytes=8 * MIB, BloomFilterColumns=["S"])
    assert file.file_version == "0.11"
    assert file.row_index_stride == 5_000
    assert file.read().num_rows == ROWS
    assert file.nstripes >= 1


def test_both_give_back_the_rows():
    assert parquet().read().equals(TABLE)
    assert orc().read().equals(TABLE)
