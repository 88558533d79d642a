# ruff: noqa: E501 - a row of the table is a line, however long
"""Record format conversion: OpenX and Hive, values that fit and values that do not."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from pyarrow import orc

from tests.conformance.case import Case, Confidence
from tests.conformance.conversions import create, trial
from tests.conformance.lab import Lab, documents

SCALARS = "floci-io/floci#3333, 2026-09-08, us-west-2"
NESTED = "floci-io/floci#3521, 2026-09-12, us-west-2"
SOURCE = "rcongiu/Hive-JSON-Serde 7a05e91, not probed"
FLOCI_CONFIGURED = "floci-io/floci#3236, 2026-09-07, us-west-2 (taken); what ORC holds: pyarrow"
GUIDE = "Developer Guide, enable-record-format-conversion"
MALFORMED = "DataFormatConversion.MalformedData"
SCHEMA = "Data does not match the schema. "
NOT_OBJECT = "Data is not JSONObject  but java.lang.Long with value 42"
ORDER = ["attemptsMade", "arrivalTimestamp", "lastErrorCode", "lastErrorMessage", "attemptEndingTimestamp", "rawData",
         "sequenceNumber", "subSequenceNumber", "dataCatalogTable"]  # fmt: skip


def becomes(kind: str, json_text: str, expected: Any, serde: str = "openx") -> Callable[[Lab], None]:
    outcome = trial(serde, kind, json_text)

    def check(lab: Lab) -> None:
        values, document = outcome(lab)
        assert document is None, document
        assert values == [expected]

    return check


def fails(
    kind: str, json_text: str, message: str, *, code: str = MALFORMED, serde: str = "openx", whole: bytes | None = None
) -> Callable[[Lab], None]:
    """Check the code, and that the message begins so."""
    outcome = trial(serde, kind, json_text, whole)

    def check(lab: Lab) -> None:
        values, document = outcome(lab)
        assert values == []
        assert document is not None
        assert document["lastErrorCode"] == code
        assert document["lastErrorMessage"].startswith(message)

    return check


def whole(data: bytes, expected: list[Any], serde: str = "openx") -> Callable[[Lab], None]:
    outcome = trial(serde, "int", "", data)

    def check(lab: Lab) -> None:
        assert outcome(lab) == (expected, None)

    return check


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def parquet_object(lab: Lab) -> None:
    table = lab.table("object", {"id": "bigint", "at": "timestamp", "name": "string"})
    [landed] = lab.delivered(create(lab, table, {"OpenXJsonSerDe": {}}), b'{"id":1}', b'{"name":"x"}')
    assert landed.key.endswith(".parquet")
    assert landed.headers["ContentType"] == "application/octet-stream"
    assert landed.headers["ContentEncoding"] == "hadoop-snappy"
    file = pq.ParquetFile(io.BytesIO(landed.body))
    assert file.schema_arrow.names == ["id", "at", "name"]
    assert file.schema.column(1).physical_type == "INT96"
    assert file.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert file.metadata.num_rows == 2


def named_otherwise(lab: Lab) -> None:
    table = lab.table("extension", {"id": "bigint"})
    [landed] = lab.delivered(create(lab, table, {"OpenXJsonSerDe": {}}, FileExtension=".rows"), b'{"id":1}')
    assert landed.key.endswith(".rows")
    assert pq.read_table(io.BytesIO(landed.body)).to_pylist() == [{"id": 1}]


def physical_types(lab: Lab) -> None:
    table = lab.table("physical", {"d": "date", "m": "decimal(10,2)", "b": "bigint", "s": "string"})
    [landed] = lab.delivered(create(lab, table, {"OpenXJsonSerDe": {}}), b'{"d":"2026-09-07","m":1.5,"b":1,"s":"x"}')
    schema = pq.ParquetFile(io.BytesIO(landed.body)).schema
    found = [(schema.column(place).name, schema.column(place).physical_type) for place in range(4)]
    assert found == [("d", "INT32"), ("m", "FIXED_LEN_BYTE_ARRAY"), ("b", "INT64"), ("s", "BYTE_ARRAY")]


def orc_object(lab: Lab) -> None:
    table = lab.table("orc", {"id": "bigint", "name": "string"})
    conversion = {
        "SchemaConfiguration": {"RoleARN": lab.role, "DatabaseName": lab.database, "TableName": table},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"OrcSerDe": {}}},
    }
    [landed] = lab.delivered(lab.create(Prefix="rows/", DataFormatConversionConfiguration=conversion), b'{"id":1}')
    assert orc.read_table(io.BytesIO(landed.body)).to_pylist() == [{"id": 1, "name": None}]


def changed_table(lab: Lab) -> None:
    """Add a column to the table: what is put from then on has it, for the version is the latest."""
    table = lab.table("changing", {"id": "bigint"})
    name = create(lab, table, {"OpenXJsonSerDe": {}})
    lab.delivered(name, b'{"id":1}')
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "city", "Type": "string"}]
    lab.client("glue").update_table(
        DatabaseName=lab.database, TableInput={"Name": table, "StorageDescriptor": {"Columns": columns}}
    )
    lab.advance(10 if lab.endpoint else 120)
    found = lab.delivered(name, b'{"id":2,"city":"Recife"}')
    rows = [row for each in found for row in pq.read_table(io.BytesIO(each.body)).to_pylist()]
    assert {"id": 2, "city": "Recife"} in rows


def error_document(lab: Lab) -> None:
    table = lab.table("errors", {"id": "bigint"})
    found = documents(lab.delivered(create(lab, table, {"OpenXJsonSerDe": {}}), b'{"id":"oops"}'))
    [document] = found
    assert list(document) == ORDER
    assert document["dataCatalogTable"] == {
        "catalogId": lab.account, "databaseName": lab.database, "tableName": table, "region": lab.region,
        "versionId": "LATEST", "roleArn": lab.role,
    }  # fmt: skip


def refused(message: str, change: Callable[[dict[str, Any]], Any], **config: Any) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        serde: dict[str, Any] = {"OpenXJsonSerDe": {}}
        conversion = {
            "SchemaConfiguration": {"RoleARN": lab.role, "DatabaseName": lab.database, "TableName": "t"},
            "InputFormatConfiguration": {"Deserializer": serde},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        }
        change(conversion)
        found = lab.refusal(
            lambda: create(lab, "t", serde, **{"DataFormatConversionConfiguration": conversion, **config})
        )
        assert found == ("InvalidArgumentException", message)

    return check


def hints_default(lab: Lab) -> None:
    table = lab.table("hints", {"id": "bigint"})
    name = create(lab, table, {"OpenXJsonSerDe": {}}, BufferingHints=None)
    destination = lab.describe(name)["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert destination["BufferingHints"] == {"SizeInMBs": 128, "IntervalInSeconds": 300}
    assert destination["DataFormatConversionConfiguration"]["Enabled"] is True
    assert "VersionId" not in destination["DataFormatConversionConfiguration"]["SchemaConfiguration"]


def nothing(_: dict[str, Any]) -> None:
    """Leave the configuration as it is."""


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    """Return a change that takes a member away."""

    def change(conversion: dict[str, Any]) -> None:
        *parents, last = path
        for member in parents:
            conversion = conversion[member]
        del conversion[last]

    return change


def choosing(direction: str, kind: str, chosen: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Return a change of the (de)serializer."""

    def change(conversion: dict[str, Any]) -> None:
        conversion[direction][kind] = chosen

    return change


def whole_mapped(data: bytes, expected: int) -> Callable[[Lab], None]:
    return whole(data, [expected], "openx, mapped")


CHECKS = "floci-io/floci#3236, 2026-09-07, us-west-2; cdk-preflight"
COMPRESSED = (
    "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. To enable"
    " compression within the converted output format, set the appropriate serialization option in the output format"
    " configuration."
)
FORMATS = (
    "Invalid deserializer option(s): One or more SerDe options are invalid for org.apache.hcatalog.data.JsonSerDe:"
    " [Key: timestamp.formats Value: bbbb]"
)
TIMESTAMPS: list[tuple[str, str, Confidence]] = [
    ('"2017-02-07T15:13:01Z"', "2017-02-07 15:13:01", "high"),
    ('"2017-02-07T15:13:01.39256Z"', "2017-02-07 15:13:01.39256", "high"),
    ('"2026-11-23T19:04:05"', "2026-11-23 19:04:05", "medium"),
    ('"2017-02-07 15:13:01.123456789"', "2017-02-07 15:13:01.123456789", "high"),
    ('"2026-11-23T19:04:05.25"', "2026-11-23 19:04:05.25", "medium"),
    ('"1518033528"', "2018-02-07 19:58:48", "high"),
    ('"2017-02-07 15:13:01.14"', "2017-02-07 15:13:01.14", "high"),
    ('"2026-9-7 1:2:3"', "2026-09-07 01:02:03", "high"),
    ("1518033528", "2018-02-07 19:58:48", "high"),
    ("1518033528123", "2018-02-07 19:58:48.123", "high"),
    ('"1518033528123"', "2018-02-07 19:58:48.123", "high"),
    ("1518033528.123", "2018-02-07 19:58:48.123", "high"),
    ("1000000000000", "2001-09-09 01:46:40", "high"),
    ("-1000", "1969-12-31 23:43:20", "medium"),
    ("999999999999", "2092-10-26 00:40:18.684212736", "high"),
]
NO_TIMESTAMPS: list[tuple[str, str, Confidence]] = [
    ('"2026-9-7T12:00:02Z"', SCALARS, "high"),
    ('"2026-11-23T19:04:05+00:00"', "one project's report", "low"),
    ('"2026-11-23"', "not in the guide's list", "low"),
    ('"yesterday"', SCALARS, "high"),
]
CASES = [
    Case("a buffer becomes one Parquet object of exactly the table's columns, timestamps in INT96",
         "floci-io/floci#3236 (headers); INT96: justtrackio/gosoline, 2019", "medium", parquet_object),
    Case("an error document has the members of 2026 in their order", "floci-io/floci#3333; a published object, 2026-09-16", "medium",
         error_document),
    Case("FileExtension takes the place of .parquet", "floci's sources, probed", "medium", named_otherwise),
    Case("a date is an INT32, a decimal of fixed length", "AWS's physical types were never recorded; parquet-format, LogicalTypes", "chosen", physical_types),
    Case("ORC is written with the table's columns", FLOCI_CONFIGURED, "high", orc_object),
    Case("a column added to the table is there in what is converted next", GUIDE, "medium", changed_table),
    Case("with conversion the hints default to 128 MiB and 300 s, and nothing else is filled in", CHECKS, "high", hints_default),
    Case("with conversion the object is not compressed again", CHECKS, "high", refused(COMPRESSED, nothing, CompressionFormat="GZIP")),
    Case("with conversion the buffer holds at least 64 MiB", CHECKS, "high", refused(
        "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.", nothing,
        BufferingHints={"SizeInMBs": 63, "IntervalInSeconds": 60})),
    *(Case(f"conversion needs its {member}", CHECKS, "high",
           refused(f"{member} must not be null", without(member)))
      for member in ("InputFormatConfiguration", "OutputFormatConfiguration", "SchemaConfiguration")),
    Case("there is one deserializer", CHECKS, "high", refused(
        "More than one deserializer specified. Only one may be chosen.",
        choosing("InputFormatConfiguration", "Deserializer", {"OpenXJsonSerDe": {}, "HiveJsonSerDe": {}}))),
    Case("there is one serializer", CHECKS, "high", refused(
        "More than one serializer specified. Only one may be chosen.",
        choosing("OutputFormatConfiguration", "Serializer", {"ParquetSerDe": {}, "OrcSerDe": {}}))),
    *(Case(f"the schema names its {member}", CHECKS, "high", refused(
        f"SchemaConfiguration.{shown} must not be null or empty",
        without("SchemaConfiguration", member)))
      for member, shown in (("RoleARN", "RoleArn"), ("DatabaseName", "DatabaseName"), ("TableName", "TableName"))),
    Case("a timestamp format that cannot be read is refused", "badmintoncryer/cdk-preflight, 2026-09-10, us-east-1", "high", refused(
        FORMATS, choosing("InputFormatConfiguration", "Deserializer", {"HiveJsonSerDe": {"TimestampFormats": ["bbbb"]}}))),
    # Documents
    Case("several documents in a record are several rows", GUIDE, "medium", whole(b'{"n":$N}{"n":$N}\n{"n":$N}', [None] * 3)),
    Case("an array of documents is refused", GUIDE, "medium", fails("int", "", SCHEMA, whole=b'[{"n":$N}]')),
    Case("an empty record is malformed data, not a parse error", "a published object, 2026-09-16", "high",
         fails("int", "", "The record was empty or contained only whitespace.", whole=b"")),
    Case("a blank record is malformed data too", "a published object, 2026-09-16", "high",
         fails("int", "", "The record was empty or contained only whitespace.", whole=b" \n")),
    Case("what is not JSON is a parse error", SCALARS, "high", fails(
        "int", "", "Encountered malformed JSON. ", code="DataFormatConversion.ParseError", whole=b'{"n": oops}')),
    Case("a document that is cut short is a parse error", SCALARS, "high", fails(
        "int", "", "Encountered malformed JSON. ", code="DataFormatConversion.ParseError", whole=b'{"n": 1')),
    Case("a primitive at the top is malformed data", "the message table of another emulator", "low", fails(
        "int", "", "The input JSON contained a primitive at the top level. The top level must be an object or array.", whole=b"42")),
    Case("one bad document fails its whole record", "by analogy: the error document holds the record", "chosen", fails(
        "int", "", SCHEMA, whole=b'{"n":"oops"}{"n":$N}')),
    # OpenX scalars
    Case("a missing key is null", SCALARS, "high", becomes("int", "", None)),
    Case("an explicit null is null", SCALARS, "high", becomes("int", "null", None)),
    Case("a numeric string fits an int", SCALARS, "high", becomes("int", '"20"', 20)),
    Case("a numeric string fits a double", SCALARS, "high", becomes("double", '"2.25"', 2.25)),
    Case("another string does not fit an int", SCALARS, "high", fails("int", '"oops"', SCHEMA + 'For input string: "oops"')),
    Case("a number fits a string", SCALARS, "high", becomes("string", "12", "12")),
    Case("a boolean fits a string", SCALARS, "high", becomes("string", "true", "true")),
    Case("an object fits a string, its keys in lower case at every depth", NESTED, "high",
         becomes("string", '{"Outer":{"Inner":1}}', '{"outer":{"inner":1}}')),
    Case("a decimal string fits an int column no more", SOURCE, "low", fails("int", '"10.5"', SCHEMA + 'For input string: "10.5"')),
    Case("a hexadecimal string fits an int", SOURCE, "low", becomes("int", '"0x1F"', 31)),
    Case("any string but true is false", SOURCE, "low", becomes("boolean", '"maybe"', expected=False)),
    Case("a number that overflows its column fails the record", "AWS is unknown: never another number", "chosen",
         fails("tinyint", "300", SCHEMA)),
    Case("a decimal is rounded half up", "AWS is unknown", "chosen", becomes("decimal(6,2)", "1.005", Decimal("1.01"))),
    Case("extra keys are dropped", SCALARS, "high", whole(b'{"n":$N,"unknown":{"deep":[1]}}', [None])),
    Case("a date has two-digit fields, too", SCALARS, "high", becomes("date", '"2026-09-07"', date(2026, 9, 7))),
    Case("a date may have one-digit fields", SCALARS, "high", becomes("date", '"2026-9-7"', date(2026, 9, 7))),
    # OpenX timestamps
    *(Case(f"{text} fits a timestamp", SCALARS, confidence, becomes("timestamp", text, at(expected)))
      for text, expected, confidence in TIMESTAMPS),
    *(Case(f"{text} does not fit a timestamp", source, confidence, fails("timestamp", text, SCHEMA))
      for text, source, confidence in NO_TIMESTAMPS),
    # OpenX nesting
    Case("a scalar becomes an array of one", NESTED, "high", becomes("array<string>", "1", ["1"])),
    Case("an object becomes an array of one", NESTED, "high", becomes("array<struct<a:int>>", '{"a":1}', [{"a": 1}])),
    Case("numbers fit an array of strings", NESTED, "high", becomes("array<string>", "[1,2,3]", ["1", "2", "3"])),
    Case("nulls stay in an array", NESTED, "high", becomes("array<int>", "[1,null]", [1, None])),
    Case("an empty array is kept", NESTED, "high", becomes("array<int>", "[]", [])),
    Case("an array fills a struct by position", NESTED, "high", becomes("struct<a:int,b:string>", '[1,"x","extra"]', {"a": 1, "b": "x"})),
    Case("an array too short for a struct leaves nulls", NESTED, "high", becomes("struct<a:int,b:string>", "[1]", {"a": 1, "b": None})),
    Case("an empty object is a struct of nulls", NESTED, "high", becomes("struct<a:int>", "{}", {"a": None})),
    Case("struct members match in any case, others are dropped", NESTED, "high", becomes("struct<a:int>", '{"A":1,"x":2}', {"a": 1})),
    Case("a scalar does not fit a struct", NESTED, "high", fails("struct<a:int>", "42", SCHEMA + NOT_OBJECT)),
    Case("a mismatch deep inside fails the record", NESTED, "high",
         fails("array<struct<a:int>>", '[{"a":1},{"a":"oops"}]', SCHEMA + 'For input string: "oops"')),
    Case("a numeric string fits a number in a struct", NESTED, "high", becomes("struct<a:int,b:double>", '{"a":"20","b":"2.25"}', {"a": 20, "b": 2.25})),
    Case("a missing struct member is null", NESTED, "high", becomes("struct<a:int,b:int>", '{"a":1}', {"a": 1, "b": None})),
    Case("an array fits a string as JSON text", NESTED, "high", becomes("string", '[1,{"A":2}]', '[1,{"a":2}]')),
    Case("nulls stay in a map", NESTED, "high", becomes("map<string,int>", '{"a":null}', [("a", None)])),
    Case("a scalar in a struct of a struct fails the record", NESTED, "high", fails("struct<a:struct<b:int>>", '{"a":42}', SCHEMA + NOT_OBJECT)),
    Case("a blank text is a null struct", SOURCE, "low", becomes("struct<a:int>", '" "', None)),
    Case("a blank text is a null map", SOURCE, "low", becomes("map<string,int>", '" "', None)),
    Case("an empty text is a null array", SOURCE, "low", becomes("array<int>", '""', None)),
    Case("map keys become lower case", NESTED, "high", becomes("map<string,int>", '{"Key":1}', [("key", 1)])),
    Case("an empty map is kept", NESTED, "high", becomes("map<string,int>", "{}", [])),
    Case("an array does not fit a map", NESTED, "medium", fails("map<string,int>", "[1]", SCHEMA)),
    Case("columns match in any case", SCALARS, "high", whole(b'{"N":$N}', [None])),
    # OpenX options
    Case("with CaseInsensitive false map keys keep their case", NESTED, "high",
         becomes("map<string,int>", '{"Key":1}', [("Key", 1)], "openx, case kept")),
    Case("with CaseInsensitive false text keeps its keys", NESTED, "high",
         becomes("string", '{"Key":1}', '{"Key":1}', "openx, case kept")),
    Case("with CaseInsensitive false members match exactly", SCALARS, "high",
         becomes("struct<a:int>", '{"A":1}', {"a": None}, "openx, case kept")),
    Case("a column may be mapped to another key", GUIDE, "medium", whole_mapped(b'{"n":$N,"Renamed":7}', 7)),
    Case("a mapped key matches in any case", "floci's reading of the guide", "low", whole_mapped(b'{"n":$N,"OTHER":7}', 7)),
    Case("dots in keys may become underscores", GUIDE, "medium",
         becomes("struct<a_b:int>", '{"a.b":1}', {"a_b": 1}, "openx, mapped")),
    # Hive
    Case("Hive: a string does not fit a number", NESTED, "high", fails("int", '"20"', SCHEMA +
         "Current token (VALUE_STRING) not numeric, can not use numeric value accessors", serde="hive")),
    Case("Hive: a scalar does not fit an array", NESTED, "high",
         fails("array<int>", "1", SCHEMA + "java.io.IOException: Start of Array expected", serde="hive")),
    Case("Hive: an array does not fit a struct", NESTED, "high",
         fails("struct<a:int>", "[1]", SCHEMA + "java.io.IOException: Start of Object expected", serde="hive")),
    Case("Hive: an object does not fit a string", NESTED, "high", fails(
        "string", '{"a":1}', "One or more fields have incorrect format. Exception when validating field (root)", serde="hive")),
    Case("Hive: map keys keep their case", NESTED, "high", becomes("map<string,int>", '{"Key":1}', [("Key", 1)], "hive")),
    Case("Hive: struct members match in any case", NESTED, "high", becomes("struct<a:int>", '{"A":1}', {"a": 1}, "hive")),
    Case("Hive: numbers fit an array of strings", NESTED, "high", becomes("array<string>", "[1]", ["1"], "hive")),
    Case("Hive: an array does not fit a string", NESTED, "high", fails(
        "string", "[1]", "One or more fields have incorrect format. Exception when validating field (root)", serde="hive")),
    Case("Hive: an object does not fit an array", NESTED, "high",
         fails("array<int>", '{"a":1}', SCHEMA + "java.io.IOException: Start of Array expected", serde="hive")),
    Case("Hive: a scalar does not fit a struct", NESTED, "high",
         fails("struct<a:int>", "42", SCHEMA + "java.io.IOException: Start of Object expected", serde="hive")),
    Case("Hive: a missing key is null", NESTED, "high", becomes("int", "", None, "hive")),
    Case("Hive: an explicit null is null", NESTED, "high", becomes("int", "null", None, "hive")),
    Case("Hive: a missing struct member is null, an extra one is dropped", NESTED, "high",
         becomes("struct<a:int,b:int>", '{"a":1,"x":2}', {"a": 1, "b": None}, "hive")),
    Case("Hive: an empty object is a struct of nulls", NESTED, "high", becomes("struct<a:int>", "{}", {"a": None}, "hive")),
    Case("Hive: timestamps are those of java.sql.Timestamp", GUIDE, "medium",
         becomes("timestamp", '"2026-11-23 19:04:05.5"', at("2026-11-23 19:04:05.5"), "hive")),
]  # fmt: skip
