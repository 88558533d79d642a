"""JSON to columns: types that arrive as they are declared, and objects that everybody reads."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import orjson
import pandas as pd
import pyarrow.orc as po
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.firehose import columnar, hive, joda
from local.firehose.convert import Converter, Misfit, columns_of
from local.firehose.records import Record
from local.firehose.serde import TIMESTAMP_FORMAT
from local.firehose.settings import Conversion, Schema

_SCHEMA = "Data does not match the schema. "
_JSON = "org.openx.data.jsonserde.json"
SCHEMA = Schema("role", "123456789012", "db", "t", "sa-east-1", "LATEST")


def converter(columns: dict[str, str], serde="OpenXJsonSerDe", **options) -> Converter:
    columns_ = [{"Name": name, "Type": kind} for name, kind in columns.items()]
    conversion = Conversion(SCHEMA, serde, options, "ParquetSerDe", {})
    return Converter(conversion, columns_of({"StorageDescriptor": {"Columns": columns_}}))


def one(kind: str, value, serde="OpenXJsonSerDe", **options):
    """Return what a value becomes in a column of that type, or the message of its refusal."""
    done = converter({"c": kind}, serde, **options).convert([Record(0, 0, orjson.dumps({"c": value}))])
    return done.misfits[0].message if done.misfits else done.table.to_pylist()[0]["c"]


EVERY_TYPE = {
    "boolean": True, "tinyint": -7, "smallint": 300, "int": 70_000, "bigint": 2**40, "float": 0.5, "double": 0.1,
    "string": "é", "varchar(10)": "abc", "char(3)": "abc", "decimal(10,2)": "12.35",
    "date": "2026-11-23", "timestamp": "2026-11-23T19:04:05.123Z",
    "array<int>": [1, None, 3], "map<string,bigint>": {"a": 1},
    "struct<a:int,b:array<struct<c:string>>>": {"a": 1, "b": [{"c": "x"}]},
}  # fmt: skip


@pytest.fixture(scope="module")
def table():
    columns = {f"c{place}": kind for place, kind in enumerate(EVERY_TYPE)}
    document = {f"c{place}": value for place, value in enumerate(EVERY_TYPE.values())}
    done = converter(columns).convert([Record(0, 0, orjson.dumps(document)), Record(1, 0, b"{}")])
    assert done.misfits == []
    return done.table


def test_every_hive_type_arrives(table):
    row, nothing = table.to_pylist()
    assert list(row.values()) == [
        True, -7, 300, 70_000, 2**40, 0.5, 0.1, "é", "abc", "abc", Decimal("12.35"),
        date(2026, 11, 23), pd.Timestamp("2026-11-23 19:04:05.123"),
        [1, None, 3], [("a", 1)], {"a": 1, "b": [{"c": "x"}]},
    ]  # fmt: skip
    assert set(nothing.values()) == {None}


def test_parquet_is_read_by_pyarrow_duckdb_and_pandas(table, tmp_path):
    path = tmp_path / "object.parquet"
    path.write_bytes(columnar.parquet(table, {}))
    assert pq.read_table(path).to_pylist() == table.to_pylist()
    assert duckdb.connect().execute(f"SELECT c12, c10 FROM '{path}'").fetchall()[0] == (
        datetime(2026, 11, 23, 19, 4, 5, 123_000),  # noqa: DTZ001 - a timestamp without zone, as Athena has it
        Decimal("12.35"),
    )
    assert pd.read_parquet(path)["c12"][0] == pd.Timestamp("2026-11-23 19:04:05.123")


def test_timestamps_are_int96_as_firehose_writes_them(table):
    schema = pq.ParquetFile(io.BytesIO(columnar.parquet(table, {}))).schema
    assert schema.column(12).physical_type == "INT96"


@pytest.mark.parametrize(
    ("codec", "written"), [("SNAPPY", "SNAPPY"), ("GZIP", "GZIP"), ("UNCOMPRESSED", "UNCOMPRESSED")]
)
def test_parquet_options_are_honoured(table, codec, written):
    options = {"Compression": codec, "EnableDictionaryCompression": True, "WriterVersion": "V2"}
    column = pq.ParquetFile(io.BytesIO(columnar.parquet(table, options))).metadata.row_group(0).column(7)
    assert column.compression == written
    assert "RLE_DICTIONARY" in column.encodings


def test_orc_holds_the_same_rows(table):
    assert po.read_table(io.BytesIO(columnar.orc(table, {"Compression": "ZLIB"}))).to_pylist() == table.to_pylist()


def test_columns_come_in_the_order_of_the_table():
    done = converter({"b": "int", "a": "int"}).convert([Record(0, 0, b'{"a":1,"b":2}')])
    assert done.table.column_names == ["b", "a"]


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        ("tinyint", 128, 'Data does not match the schema. For input string: "128"'),
        ("int", "0x1F", 31),
        ("int", 2.0, 2),
        ("int", "1_000", 'Data does not match the schema. For input string: "1_000"'),
        ("boolean", "TRUE", True),
        ("boolean", "maybe", False),
        ("decimal(4,2)", "1.005", Decimal("1.01")),
        ("decimal(4,2)", 123, "Data does not match the schema. 123 does not fit decimal(4,2)"),
        ("struct<a:int>", "", None),
        ("array<int>", "", None),
        ("map<string,int>", [], f"{_SCHEMA}{_JSON}.JSONArray cannot be cast to {_JSON}.JSONObject"),
        ("timestamp", "2026-02-30T00:00:00Z", f"Data does not match the schema. {TIMESTAMP_FORMAT}"),
    ],
)  # fmt: skip
def test_where_aws_was_not_probed_the_serde_source_decides_and_nothing_becomes_another_number(kind, value, becomes):
    assert one(kind, value) == becomes


@pytest.mark.parametrize(
    ("formats", "text", "becomes"),
    [
        (["yyyy-MM-dd'T'HH:mm:ss.SSSZ"], "2026-11-23T16:04:05.123-0300", "2026-11-23 19:04:05.123"),
        (["dd/MM/yyyy HH:mm"], "23/11/2026 19:04", "2026-11-23 19:04:00"),
        (["MMM d, yyyy h:mm:ss a"], "Nov 23, 2026 7:04:05 PM", "2026-11-23 19:04:05"),
        (["millis"], 1795461845000, "2026-11-23 19:24:05"),
        (["millis", "yyyy"], "2026-11-23 19:04:05.5", "2026-11-23 19:04:05.5"),
        ([], "2026-11-23 19:04:05", "2026-11-23 19:04:05"),
    ],
)
def test_hive_timestamp_formats_are_joda_patterns(formats, text, becomes):
    assert one("timestamp", text, "HiveJsonSerDe", TimestampFormats=formats) == pd.Timestamp(becomes)


@pytest.mark.parametrize("pattern", ["bbbb", "'only text'", "G"])
def test_patterns_that_cannot_be_read_are_refused(pattern):
    with pytest.raises(joda.InvalidPattern):
        joda.reader(pattern)


@pytest.mark.parametrize(
    "kind", ["binary", "uniontype<int,string>", "array<", "array<int>>", "structt<a:int>", "map<string>"]
)
def test_types_that_json_cannot_give_are_refused(kind):
    with pytest.raises(hive.UnsupportedType):
        hive.parse(kind)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(list(EVERY_TYPE)), values, st.sampled_from(["OpenXJsonSerDe", "HiveJsonSerDe"]))
def test_whatever_comes_a_record_converts_or_is_refused_alone(kind, value, serde):
    records = [Record(0, 0, orjson.dumps({"c": value})), Record(1, 0, b'{"c":null}')]
    done = converter({"c": kind}, serde).convert(records)
    assert done.table.num_rows + len(done.misfits) == 2
    assert done.table.num_rows >= 1


@given(st.binary(max_size=40))
def test_no_bytes_break_a_conversion(data):
    done = converter({"c": "string"}).convert([Record(0, 0, data), Record(1, 0, b"{}")])
    assert done.records + len(done.misfits) == 2


WORDS = st.one_of(
    st.none(), st.booleans(), st.integers(-130, 130), st.integers(-(2**65), 2**65), st.floats(allow_nan=False),
    st.text(max_size=3), st.dates().map(str), st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.datetimes().map(str), st.just({"a": 1, "B": "x"}), st.just([1, 2]),
    st.just([{"i": "2026-11-23 19:04:05"}, None]),
    st.decimals(-999, 999, places=2).map(float), st.decimals(allow_nan=False, allow_infinity=False).map(str),
)  # fmt: skip
KINDS = {"t": "tinyint", "n": "bigint", "f": "double", "s": "string", "o": "boolean", "d": "date", "i": "timestamp",
         "r": "struct<a:int,b:string,i:timestamp>", "h": "float", "m": "decimal(12,3)",
         "l": "array<bigint>", "k": "array<struct<i:timestamp,l:array<decimal(5,2)>>>"}  # fmt: skip
DOCUMENTS = st.dictionaries(st.sampled_from([*KINDS, "S", "extra"]), WORDS, max_size=4)
ISO = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.datetimes().map(str)
CENTS = st.integers(-99_999, 99_999).map(lambda cents: cents / 100)
FITTING = st.fixed_dictionaries({}, optional={
    "t": st.integers(-128, 127), "n": st.integers(-(2**63), 2**63 - 1), "f": st.floats(-1e9, 1e9),
    "s": st.text(), "o": st.booleans(), "d": st.dates().map(str), "i": ISO,
    "r": st.fixed_dictionaries({}, optional={"a": st.integers(0, 9), "b": st.text()}) | st.none(),
    "h": st.floats(width=32, allow_nan=False, allow_infinity=False) | st.floats(-1e3, 1e3), "m": CENTS | CENTS.map(str),
    "l": st.lists(st.integers(-9, 9) | st.none()) | st.none(),
    "k": st.lists(st.fixed_dictionaries({}, optional={"i": ISO | st.none(), "l": st.lists(CENTS)}) | st.none()),
})  # fmt: skip
WHOLE = (DOCUMENTS | FITTING).map(lambda document: json.dumps(document).encode())
ODD = st.sampled_from([
    b'{"n":1}{"n":2}', b'{"n":1}\n{"n":2}\n', b'{"s":"}', b'{"}', b'{"r":[{"a":1}', b'{"a":1}]}', b"", b"{}", b"[{}]",
    b'{"f":NaN}', b'{"f":-Infinity}', b'{"n":1,"n":2}', b'{"s":"\xff"}', b'{"s":"\\ud800"}', b'{"n":1}\x00{"n":2}',
    b' {"n":1} ',
])  # fmt: skip


@given(st.lists(WHOLE | ODD, min_size=1, max_size=6), st.sampled_from(["OpenXJsonSerDe", "HiveJsonSerDe"]))
def test_records_convert_together_as_they_do_one_by_one(data, serde):
    made = converter(KINDS, serde)
    records = [Record(place, 0, each) for place, each in enumerate(data)]
    together = made.convert(records)
    misfits: list[Misfit] = []
    one_by_one = made._carefully(records, misfits)
    assert together.table.to_pylist() == one_by_one.to_pylist()
    assert together.misfits == misfits


@pytest.mark.parametrize("serde", ["OpenXJsonSerDe", "HiveJsonSerDe"])
def test_the_plain_records_of_a_run_are_taken_together(serde):
    made = converter(KINDS, serde)
    plain = Record(
        0, 0, b'{"n":1,"i":"2026-11-23 19:04:05.123","r":{"a":1,"b":"x"},"m":1.5,"h":0.1,"k":[{"l":["1.25",2]},null]}\n'
    )
    together = made._plain.batch([plain] * 3)
    assert together is not None
    assert together.num_rows == 3
    assert made._plain.batch([plain, Record(1, 0, b'{"N":1}')]) is None
