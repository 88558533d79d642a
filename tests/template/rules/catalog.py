"""The Glue tables: a projection that Athena accepts, and a layout that crawler and Firehose agree with."""

import re
from collections.abc import Iterator
from typing import Any

from tests.template.stack import Stack

PRIMITIVES = {
    "bigint", "binary", "boolean", "date", "double", "float", "int", "smallint", "string", "timestamp", "tinyint",
}  # fmt: skip
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_UNITS_BELOW_DAY = {"HOURS", "MINUTES", "SECONDS"}
_BOUND = r"(NOW([+-]\d+(YEARS|MONTHS|WEEKS|DAYS|HOURS|MINUTES|SECONDS))?|\d{4}-\d\d-\d\d(-\d\d)?)"


def tables(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the input of every table with its logical id."""
    for name, resource in stack.of_type("AWS::Glue::Table").items():
        yield name, resource["Properties"]["TableInput"]


def projection_is_complete(stack: Stack) -> Iterator[str]:
    for name, table in tables(stack):
        parameters = table.get("Parameters", {})
        [key] = [each["Name"] for each in table["PartitionKeys"]]
        expected = {f"projection.{key}.{each}" for each in ("type", "format", "range", "interval", "interval.unit")}
        expected |= {"projection.enabled", "storage.location.template"}
        given = {each for each in parameters if each.startswith(("projection.", "storage.location."))}
        if difference := given ^ expected:
            yield f"{name}: the projection must have exactly {sorted(expected)}; it differs in {sorted(difference)}"
        for parameter, value in parameters.items():
            if not isinstance(value, str):
                yield f"{name}: {parameter} must be a quoted string"


def projection_values_hold(stack: Stack) -> Iterator[str]:
    for name, table in tables(stack):
        parameters = {each: str(value) for each, value in table.get("Parameters", {}).items()}
        [key] = [each["Name"] for each in table["PartitionKeys"]]
        pattern = parameters.get(f"projection.{key}.format", "")
        if parameters.get("projection.enabled") != "true" or parameters.get(f"projection.{key}.type") != "date":
            yield f"{name}: the projection must be enabled, and of type date"
        if pattern not in {"yyyy-MM-dd", "yyyy-MM-dd-HH"}:
            yield f"{name}: the format {pattern} is neither yyyy-MM-dd nor yyyy-MM-dd-HH"
        unit = parameters.get(f"projection.{key}.interval.unit")
        if (unit in _UNITS_BELOW_DAY) != ("HH" in pattern) or parameters.get(f"projection.{key}.interval") != "1":
            yield f"{name}: the interval must be one {'hour' if 'HH' in pattern else 'day'}, in step with the format"
        if not re.fullmatch(f"{_BOUND},{_BOUND}", parameters.get(f"projection.{key}.range", "")):
            yield f"{name}: the range must be two bounds, hours in the column's format or NOW with an offset"


def location_is_a_folder_of_its_own(stack: Stack) -> Iterator[str]:
    """Whatever lies under a table's location is read as its data."""
    stream = stack.properties("DeliveryStream")["ExtendedS3DestinationConfiguration"]
    results = stack.properties("QueryWorkGroup")["WorkGroupConfiguration"]["ResultConfiguration"]["OutputLocation"]
    others = ["s3://<LakeBucket>/" + stream.get("ErrorOutputPrefix", ""), results]
    for name, table in tables(stack):
        location = table["StorageDescriptor"]["Location"]
        [key] = [each["Name"] for each in table["PartitionKeys"]]
        if not re.fullmatch(r"s3://<LakeBucket>/[a-z]+/", location):
            yield f"{name}: the location {location} must be a folder of the lake, with a slash at its end"
        if table["Parameters"].get("storage.location.template") != f"{location}{key}=${{{key}}}/":
            yield f"{name}: storage.location.template must be {location}{key}=${{{key}}}/"
        if any(each.startswith(location) for each in others):
            yield f"{name}: error objects or query results lie under its location {location}"


def crawlers_find_what_they_would_write(stack: Stack) -> Iterator[str]:
    expected = {"EXTERNAL": "TRUE", "classification": "parquet", "compressionType": "none", "typeOfData": "file"}
    for name, table in tables(stack):
        for parameter, value in expected.items():
            if table.get("Parameters", {}).get(parameter) != value:
                yield f"{name}: the parameter {parameter} must be {value}, else a crawler may deprecate the table"


def storage_is_parquet(stack: Stack) -> Iterator[str]:
    expected = (
        f"{PARQUET}.MapredParquetInputFormat",
        f"{PARQUET}.MapredParquetOutputFormat",
        f"{PARQUET}.serde.ParquetHiveSerDe",
    )
    for name, table in tables(stack):
        storage = table["StorageDescriptor"]
        serde = storage["SerdeInfo"]["SerializationLibrary"]
        if (storage.get("InputFormat"), storage.get("OutputFormat"), serde) != expected:
            yield f"{name}: input format, output format and SerDe must be those of Parquet"


def columns_are_of_known_types(stack: Stack) -> Iterator[str]:
    for name, table in tables(stack):
        columns = [each["Name"] for each in table["StorageDescriptor"]["Columns"]]
        keys = [each["Name"] for each in table["PartitionKeys"]]
        if len({*columns, *keys}) != len(columns) + len(keys):
            yield f"{name}: a column stands twice, or is a partition key too"
        if [each["Type"] for each in table["PartitionKeys"]] != ["string"]:
            yield f"{name}: the partition key must be a string: a date loses the hour"
        for column in table["StorageDescriptor"]["Columns"]:
            if column["Name"] != column["Name"].lower() or not is_hive_type(column["Type"]):
                yield f"{name}: the column {column['Name']} must be lower-case and of a Hive type, not {column['Type']}"


def is_hive_type(text: str) -> bool:
    """Tell whether a text is a primitive Hive type, an array or a struct of such."""
    if found := re.fullmatch(r"array<(.+)>", text):
        return is_hive_type(found[1])
    if found := re.fullmatch(r"struct<([^<>]+)>", text):
        members = [re.fullmatch(r"[a-z_]+:(\w+)", each) for each in found[1].split(",")]
        return all(member and is_hive_type(member[1]) for member in members)
    return text in PRIMITIVES


RULES = [
    projection_is_complete,
    projection_values_hold,
    location_is_a_folder_of_its_own,
    crawlers_find_what_they_would_write,
    storage_is_parquet,
    columns_are_of_known_types,
]
