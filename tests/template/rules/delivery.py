"""The delivery stream: what Firehose accepts when it is created, and what it would do wrong without a word."""

import re
from collections.abc import Iterator
from typing import Any

from tests.template.stack import Stack

PROCESSOR_PARAMETERS = {"LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"}
LOCATION = "storage.location.template"


def destination(stack: Stack) -> dict[str, Any]:
    """Return the destination's configuration."""
    configuration: dict[str, Any] = stack.properties("DeliveryStream").get("ExtendedS3DestinationConfiguration", {})
    return configuration


def prefix_is_the_tables_layout(stack: Stack) -> Iterator[str]:
    """Objects must land exactly where the projection looks for them."""
    parameters = stack.properties("SignupsTable")["TableInput"]["Parameters"]
    path = parameters.get(LOCATION, "").removeprefix("s3://<LakeBucket>/")
    expected = path.replace("${dt}", f"!{{timestamp:{parameters.get('projection.dt.format')}}}")
    if (prefix := destination(stack).get("Prefix")) != expected:
        yield f"Prefix is {prefix}, but the table looks under {expected}"


def timestamps_use_the_calendar_year(stack: Stack) -> Iterator[str]:
    """`Y` is the year of the week: wrong around New Year."""
    for name in ("Prefix", "ErrorOutputPrefix"):
        for pattern in re.findall(r"!\{timestamp:([^}]*)\}", destination(stack).get(name, "")):
            if re.search(r"Y|D|[^:]m|hh", pattern):
                yield f"{name} has the pattern {pattern}: write yyyy-MM-dd-HH"


def errors_have_their_own_prefix(stack: Stack) -> Iterator[str]:
    prefix = destination(stack).get("ErrorOutputPrefix", "")
    if "!{firehose:error-output-type}" not in prefix:
        yield "ErrorOutputPrefix needs !{firehose:error-output-type}: AWS refuses the stream without"
    if not prefix.startswith("errors/"):
        yield f"ErrorOutputPrefix {prefix!r} is not under errors/, which is denied, expires and has an alarm"


def buffers_are_in_range(stack: Stack) -> Iterator[str]:
    hints = destination(stack).get("BufferingHints", {})
    if not 64 <= int(hints.get("SizeInMBs", -1)) <= 128:
        yield "SizeInMBs must be 64 to 128 with format conversion"
    if not 0 <= int(hints.get("IntervalInSeconds", -1)) <= 900:
        yield "IntervalInSeconds must be 0 to 900"


def parameters_keep_the_buffers_in_range(stack: Stack) -> Iterator[str]:
    """Let through only what Firehose accepts and what lands before the crawl."""
    least_and_most = {
        "BufferSizeMegabytes": (64, 128),
        "BufferIntervalSeconds": (0, 300),
        "TransformBufferIntervalSeconds": (0, 120),
    }
    for name, (least, most) in least_and_most.items():
        parameter = stack.source["Parameters"].get(name, {})
        if not (parameter.get("MinValue", -1) >= least and parameter.get("MaxValue", 10**9) <= most):
            yield f"{name} must be limited to {least} to {most}"


def converts_to_parquet_by_the_table(stack: Stack) -> Iterator[str]:
    conversion = destination(stack).get("DataFormatConversionConfiguration", {})
    if destination(stack).get("CompressionFormat", "UNCOMPRESSED") != "UNCOMPRESSED":
        yield "CompressionFormat must be UNCOMPRESSED with format conversion; Parquet compresses itself"
    if conversion.get("Enabled") is not True:
        yield "format conversion is not enabled"
    if set(conversion.get("InputFormatConfiguration", {}).get("Deserializer", {})) != {"OpenXJsonSerDe"}:
        yield "the deserializer must be OpenXJsonSerDe, whose timestamps have a T and a Z"
    if set(conversion.get("OutputFormatConfiguration", {}).get("Serializer", {})) != {"ParquetSerDe"}:
        yield "the serializer must be ParquetSerDe"
    schema = conversion.get("SchemaConfiguration", {})
    if (schema.get("DatabaseName"), schema.get("TableName")) != ("<SignupsDatabase>", "<SignupsTable>"):
        yield "the schema must be that of the table, by reference: the table has to exist first"
    if schema.get("VersionId", "LATEST") != "LATEST":
        yield "VersionId must be LATEST, else a new column is dropped silently"


def transforms_by_one_function(stack: Stack) -> Iterator[str]:
    processing = destination(stack).get("ProcessingConfiguration", {})
    if processing.get("Enabled") is not True:
        yield "processing must say Enabled: true; left out it is off, and raw records are delivered"
    processors = processing.get("Processors", [])
    if [each.get("Type") for each in processors] != ["Lambda"]:
        yield "there must be exactly one processor, a Lambda function"
        return
    pairs = [(each["ParameterName"], str(each["ParameterValue"])) for each in processors[0]["Parameters"]]
    parameters = dict(pairs)
    if len(parameters) != len(pairs) or set(parameters) != PROCESSOR_PARAMETERS:
        yield f"the processor's parameters must be {sorted(PROCESSOR_PARAMETERS)}, each once"
        return
    if parameters["LambdaArn"] != "<MaskFunctionAliaslive>":
        yield "LambdaArn must be the alias: Lambda authorises the qualified ARN, and an alias can be moved back"
    if not 0.2 <= float(parameters["BufferSizeInMBs"]) <= 1:
        yield "the transform's BufferSizeInMBs must be 0.2 to 1: a response over 6 MB sends the batch to errors/, raw"
    if not 0 <= int(parameters["NumberOfRetries"]) <= 300:
        yield "NumberOfRetries must be 0 to 300"


def keeps_no_raw_copy(stack: Stack) -> Iterator[str]:
    if destination(stack).get("S3BackupMode", "Disabled") != "Disabled":
        yield "S3BackupMode stores every record before masking, and can never be switched off"
    if "KeyType" not in stack.properties("DeliveryStream").get("DeliveryStreamEncryptionConfigurationInput", {}):
        yield "the buffer, which is raw, must be encrypted"


def logs_its_errors(stack: Stack) -> Iterator[str]:
    expected = {"Enabled": True, "LogGroupName": "<DeliveryLogGroup>", "LogStreamName": "<DeliveryLogStream>"}
    if destination(stack).get("CloudWatchLoggingOptions") != expected:
        yield "delivery errors must be logged to the template's own group and stream: Firehose creates neither"


RULES = [
    prefix_is_the_tables_layout,
    timestamps_use_the_calendar_year,
    errors_have_their_own_prefix,
    buffers_are_in_range,
    parameters_keep_the_buffers_in_range,
    converts_to_parquet_by_the_table,
    transforms_by_one_function,
    keeps_no_raw_copy,
    logs_its_errors,
]
