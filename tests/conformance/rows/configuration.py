# ruff: noqa: E501 - a row of the table is a line, however long
"""The configuration of format conversion: what is checked, merged and echoed."""

from collections.abc import Callable
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.rows.control import INVALID, extended, refused, update

FLOCI = "floci-io/floci#3236, 2026-09-07, us-west-2"


def conversion(lab: Lab, **members: Any) -> dict[str, Any]:
    """Return a configuration that AWS takes, changed by `members`; None removes one."""
    if "configured" not in lab.remembered:
        lab.remembered["configured"] = lab.table("configured", {"n": "int"})
    whole = {
        "SchemaConfiguration": {"RoleARN": lab.role, "DatabaseName": lab.database, "TableName": "configured"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        **members,
    }
    return {"DataFormatConversionConfiguration": {name: each for name, each in whole.items() if each is not None}}


def refuses(message: str, **members: Any) -> Callable[[Lab], None]:
    return lambda lab: refused(message, INVALID, **conversion(lab, **members))(lab)


def told_first(lab: Lab) -> None:
    """Break three rules: compression is told before size, size before a missing part."""
    broken = conversion(lab, InputFormatConfiguration=None)
    hints = {"SizeInMBs": 5, "IntervalInSeconds": 60}
    _, message = lab.refusal(lambda: lab.create(CompressionFormat="GZIP", BufferingHints=hints, **broken))
    assert message.startswith("The S3 destination's compression format must be set to UNCOMPRESSED")
    _, message = lab.refusal(lambda: lab.create(BufferingHints=hints, **broken))
    assert message == "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled."


def enabled_when_omitted(lab: Lab) -> None:
    echoed = extended(lab, lab.create(**conversion(lab)))["DataFormatConversionConfiguration"]
    assert echoed["Enabled"] is True
    assert echoed["OutputFormatConfiguration"]["Serializer"] == {"ParquetSerDe": {}}
    assert "VersionId" not in echoed["SchemaConfiguration"]


def disabled_is_unchecked(lab: Lab) -> None:
    half = conversion(lab, Enabled=False, OutputFormatConfiguration=None)
    name = lab.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60}, **half)
    assert extended(lab, name)["DataFormatConversionConfiguration"]["Enabled"] is False


def merged(lab: Lab) -> None:
    name = lab.create(**conversion(lab))
    update(lab, name, DataFormatConversionConfiguration={"SchemaConfiguration": {"VersionId": "LATEST"}})
    schema = extended(lab, name)["DataFormatConversionConfiguration"]["SchemaConfiguration"]
    assert (schema["VersionId"], schema["TableName"]) == ("LATEST", "configured")


def enabling_needs_room(lab: Lab) -> None:
    name = lab.create(BufferingHints={"SizeInMBs": 5, "IntervalInSeconds": 60})
    _, message = lab.refusal(lambda: update(lab, name, **conversion(lab)))
    assert message == "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled."


def two_violations(lab: Lab) -> None:
    broken = {"Serializer": {"ParquetSerDe": {"Compression": "LZ4", "WriterVersion": "V3"}}}
    code, message = lab.refusal(lambda: lab.create(**conversion(lab, OutputFormatConfiguration=broken)))
    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: ")
    assert message.index("[SNAPPY, GZIP, UNCOMPRESSED]") < message.index("[V1, V2]")


def no_table(lab: Lab, **where: str) -> None:
    schema = {"RoleARN": lab.role, "DatabaseName": lab.database, "TableName": "conformance_nowhere", **where}
    code, _ = lab.refusal(lambda: lab.create(**conversion(lab, SchemaConfiguration=schema)))
    assert code == INVALID


def no_table_later(lab: Lab) -> None:
    name = lab.create(**conversion(lab))
    schema = {"SchemaConfiguration": {"TableName": "conformance_nowhere"}}
    code, _ = lab.refusal(lambda: update(lab, name, DataFormatConversionConfiguration=schema))
    assert code == INVALID
    assert lab.describe(name)["VersionId"] == "1"


def no_permission(lab: Lab) -> None:
    schema = {"RoleARN": lab.bucket_role, "DatabaseName": lab.database, "TableName": "configured"}
    code, message = lab.refusal(lambda: lab.create(**conversion(lab, SchemaConfiguration=schema)))
    assert code == INVALID
    assert message.startswith("Access was denied when calling Glue. Please ensure that the role specified in the data")


def off_is_echoed(lab: Lab) -> None:
    name = lab.create(DataFormatConversionConfiguration={"Enabled": False})
    destination = extended(lab, name)
    assert destination["DataFormatConversionConfiguration"] == {"Enabled": False}
    plain = lab.describe(name)["Destinations"][0]["S3DestinationDescription"]
    assert "DataFormatConversionConfiguration" not in plain


def schema_violations(lab: Lab) -> None:
    """Break the model in the serializer and twice in the schema: the serializer is told first."""
    schema = {"RoleARN": lab.role, "DatabaseName": lab.database, "TableName": "x" * 1025, "CatalogId": "x" * 1025}
    sizes = {"Serializer": {"ParquetSerDe": {"BlockSizeBytes": 1}}}
    broken = conversion(lab, SchemaConfiguration=schema, OutputFormatConfiguration=sizes)
    call = lab.client("firehose", checked=False).create_delivery_stream
    code, message = lab.refusal(lambda: call(
        DeliveryStreamName=lab.name(), ExtendedS3DestinationConfiguration=lab.destination(**broken)
    ))  # fmt: skip
    assert code == "ValidationException"
    assert message.startswith("3 validation errors detected: ")
    assert message.index("blockSizeBytes") < message.index("catalogId") < message.index("tableName")


def orc(lab: Lab) -> None:
    output = {"Serializer": {"OrcSerDe": {"Compression": "ZLIB", "FormatVersion": "V0_12"}}}
    echoed = extended(lab, lab.create(**conversion(lab, OutputFormatConfiguration=output)))
    assert echoed["DataFormatConversionConfiguration"]["OutputFormatConfiguration"] == output


CASES = [
    Case("a deserializer is not null", FLOCI, "high", refuses("Deserializer must not be null", InputFormatConfiguration={"Deserializer": {}})),
    Case("a serializer is not null", FLOCI, "high", refuses("Serializer must not be null", OutputFormatConfiguration={"Serializer": {}})),
    Case("compression is told before size, size before what is missing", FLOCI, "high", told_first),
    Case("conversion whose Enabled is omitted is enabled, and no default is filled in", FLOCI, "high", enabled_when_omitted),
    Case("conversion that is off is kept unchecked", FLOCI, "high", disabled_is_unchecked),
    Case("an update of conversion is merged member by member", FLOCI, "high", merged),
    Case("conversion is not enabled by an update where there is no room", FLOCI, "high", enabling_needs_room),
    Case("a table that is not there is refused at creation", f"{FLOCI} (AWS's text was not recorded)", "medium", no_table),
    Case("a database that is not there is refused at creation", f"{FLOCI} (AWS's text was not recorded)", "medium",
         lambda lab: no_table(lab, DatabaseName="conformance_nowhere")),
    Case("a table that is not there is refused by an update, which changes nothing", f"{FLOCI} (AWS's text was not recorded)", "medium",
         no_table_later),
    Case("a role that may not read the table is refused", "terraform-provider-aws retry list; public reports", "high", no_permission),
    Case("conversion that is off is echoed as it was sent, in one view only", "localstack snapshot, 2022-09-14", "high", off_is_echoed),
    Case("violations of the serializer are told before those of the schema, these in an order of their own", FLOCI, "high", schema_violations),
    Case("ORC is taken with options of its own", FLOCI, "high", orc),
    Case("violations of the model are told together, in an order of their own", FLOCI, "high", two_violations),
]  # fmt: skip
