"""What a destination's configuration must fulfil beyond the API's constraints, in the service's words.

Texts and order as seen: badmintoncryer/cdk-preflight (2026-09), floci-io/floci#3236 and #3375 (2026-09),
aws/aws-cdk aws-kinesisfirehose (texts of failed deployments).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.errors import AwsError
from local.firehose import defaults, joda, prefix

Config = Mapping[str, Any]

_LAMBDA_ARN = re.compile(r"arn:[^:]+:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?")
_ROLE_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):role/.+")
_MAX_PROCESSORS = 5
_MIN_CONVERSION_MIB = 64
_MIN_PARTITIONING_SECONDS = 60
_MIN_BACKUP_SECONDS = 60
_COMPRESSED = (
    "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled."
    " To enable compression within the converted output format, set the appropriate serialization option in the"
    " output format configuration."
)


def check_destination(config: Config, account: str) -> None:
    """Check an ExtendedS3DestinationConfiguration with the API's types; raises AwsError."""
    check_role_forms(config)
    _check_roles(config, account)
    _check_s3(config)
    _check_processing(config.get("ProcessingConfiguration") or {})
    _check_backup(config)
    _check_conversion(config)
    _check_partitioning(config)


def check_role_forms(config: Config) -> None:
    """Check that roles are role ARNs at all: that comes before the constraints of the API."""
    if not all(_ROLE_ARN.fullmatch(role) for role in _roles(config)):
        raise AwsError("InvalidParameterValueException", "Invalid role ARN.")


def _check_roles(config: Config, account: str) -> None:
    if any(role.split(":")[4] != account for role in _roles(config)):
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.")


def _roles(config: Config) -> list[str]:
    conversion = config.get("DataFormatConversionConfiguration") or {}
    schema = conversion.get("SchemaConfiguration") or {}
    return [role for role in (config.get("RoleARN"), schema.get("RoleARN")) if isinstance(role, str) and role]


def check_encryption(encryption: Config, stream_type: str) -> None:
    """Check a DeliveryStreamEncryptionConfigurationInput."""
    if stream_type != "DirectPut":
        raise _invalid(
            "Server side encryption from firehose is only allowed for direct put delivery streams and database"
            " as a source delivery streams"
        )
    if encryption.get("KeyType") == "CUSTOMER_MANAGED_CMK" and not encryption.get("KeyARN"):
        raise _invalid("KeyARN has to be specified when KeyType is CUSTOMER_MANAGED_CMK")
    if encryption.get("KeyType") == "AWS_OWNED_CMK" and encryption.get("KeyARN"):
        raise _invalid("KeyARN cannot be specified when KeyType is AWS_OWNED_CMK")


def _check_s3(config: Config) -> None:
    prefix.check(config.get("Prefix") or "", config.get("ErrorOutputPrefix") or "")
    prefix.check_time_zone(config.get("CustomTimeZone") or "")
    logging = config.get("CloudWatchLoggingOptions") or {}
    if logging.get("Enabled"):
        for member, name in (("LogGroupName", "Log Group Name"), ("LogStreamName", "Log Stream Name")):
            if not logging.get(member):
                raise _invalid(f"CloudWatch {name} is required if CloudWatch Logging is enabled")


def _check_backup(config: Config) -> None:
    if config.get("S3BackupMode") != "Enabled":
        return
    backup = config.get("S3BackupConfiguration")
    if not backup:
        raise _invalid("S3 backup destination configuration is required when enabling S3 backup.")
    _check_s3(backup)
    if (backup.get("BufferingHints") or {}).get("IntervalInSeconds", _MIN_BACKUP_SECONDS) < _MIN_BACKUP_SECONDS:
        raise _invalid("BufferingHints.IntervalInSeconds must be at least 60 seconds for S3 backup.")


def _check_processing(processing: Config) -> None:
    if not processing.get("Enabled"):
        return
    processors: Sequence[Config] = processing.get("Processors") or []
    if not 1 <= len(processors) <= _MAX_PROCESSORS:
        raise _invalid("A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.")
    kinds = [each["Type"] for each in processors]
    if kinds.count("Lambda") > 1:
        raise _invalid("Cannot have more than 1 Lambda processor.")
    if "CloudWatchLogProcessing" in kinds and "Decompression" not in kinds:
        raise _invalid("CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor")
    for processor in processors:
        _check_repeated(processor)
        _CHECKS.get(processor["Type"], _nothing)(defaults.parameters(processor))


def _check_repeated(processor: Config) -> None:
    names = [each["ParameterName"] for each in processor.get("Parameters") or []]
    if len(names) != len(set(names)):
        raise _invalid("Duplicate ProcessorParameter passed to ProcessingConfiguration.")


def _check_lambda(given: Mapping[str, str]) -> None:
    if "LambdaArn" not in given:
        raise _invalid("LambdaArn is required when Lambda processor is used.")
    if not _LAMBDA_ARN.fullmatch(given["LambdaArn"]):
        raise _invalid("Invalid lambda ARN.")
    if ("BufferSizeInMBs" in given) != ("BufferIntervalInSeconds" in given):
        raise _invalid(
            "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor."
        )
    _in_range(given, "BufferSizeInMBs", 0.2, 3, "BufferSizeInMBs for lambda processor must be between 0.2 and 3.")
    message = "BufferIntervalInSeconds for lambda processor must be between 0 and 900."
    _in_range(given, "BufferIntervalInSeconds", 0, 900, message)
    _in_range(given, "NumberOfRetries", 0, 300, "Number of retries for lambda must be between 0 and 300.")


def _in_range(given: Mapping[str, str], name: str, low: float, high: float, message: str) -> None:
    try:
        if low <= float(given.get(name, low)) <= high:
            return
    except ValueError:
        pass
    raise _invalid(message)


def _check_metadata(given: Mapping[str, str]) -> None:
    if given.get("JsonParsingEngine") != "JQ-1.6":
        raise _invalid("MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6")


def _check_deaggregation(given: Mapping[str, str]) -> None:
    if given.get("SubRecordType") not in {"JSON", "DELIMITED"}:
        raise _invalid("SubRecordType has to be one of JSON, DELIMITED")
    if given["SubRecordType"] == "DELIMITED" and not given.get("Delimiter"):
        raise _invalid("Delimiter should be present for DELIMITED")


def _check_decompression(given: Mapping[str, str]) -> None:
    if given.get("CompressionFormat") != "GZIP":
        raise _invalid("CompressionFormat has to be GZIP")


def _check_log_processing(given: Mapping[str, str]) -> None:
    if given.get("DataMessageExtraction", "false").lower() not in {"true", "false"}:
        raise _invalid("Invalid parameter value for DataMessageExtraction. Allowed values are True and False.")


def _nothing(_: Mapping[str, str]) -> None:
    """Accept any parameters."""


_CHECKS = {
    "Lambda": _check_lambda,
    "MetadataExtraction": _check_metadata,
    "RecordDeAggregation": _check_deaggregation,
    "Decompression": _check_decompression,
    "CloudWatchLogProcessing": _check_log_processing,
}


def _check_conversion(config: Config) -> None:
    conversion = config.get("DataFormatConversionConfiguration")
    if conversion is None or not conversion.get("Enabled", True):
        return
    if config.get("CompressionFormat", "UNCOMPRESSED") != "UNCOMPRESSED":
        raise _invalid(_COMPRESSED)
    size = (config.get("BufferingHints") or {}).get("SizeInMBs")
    if size is not None and size < _MIN_CONVERSION_MIB:
        raise _invalid("BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.")
    for member in ("InputFormatConfiguration", "OutputFormatConfiguration", "SchemaConfiguration"):
        if not conversion.get(member):
            raise _invalid(f"{member} must not be null")
    _only_one(conversion["InputFormatConfiguration"].get("Deserializer"), "Deserializer")
    _only_one(conversion["OutputFormatConfiguration"].get("Serializer"), "Serializer")
    for member, shown in (("RoleARN", "RoleArn"), ("DatabaseName", "DatabaseName"), ("TableName", "TableName")):
        if not conversion["SchemaConfiguration"].get(member):
            raise _invalid(f"SchemaConfiguration.{shown} must not be null or empty")
    hive = conversion["InputFormatConfiguration"]["Deserializer"].get("HiveJsonSerDe") or {}
    _check_formats(hive.get("TimestampFormats") or [])


def _only_one(chosen: Config | None, name: str) -> None:
    if not chosen:
        raise _invalid(f"{name} must not be null")
    if len(chosen) > 1:
        raise _invalid(f"More than one {name.lower()} specified. Only one may be chosen.")


def _check_formats(formats: Sequence[str]) -> None:
    try:
        for each in formats:
            if each != "millis":
                joda.reader(each)
    except joda.InvalidPattern:
        raise _invalid(
            "Invalid deserializer option(s): One or more SerDe options are invalid for"
            f" org.apache.hcatalog.data.JsonSerDe: [Key: timestamp.formats Value: {','.join(formats)}]"
        ) from None


def _check_partitioning(config: Config) -> None:
    keys = prefix.partition_keys(config.get("Prefix") or "")
    if not (config.get("DynamicPartitioningConfiguration") or {}).get("Enabled"):
        return
    hints = config.get("BufferingHints") or {}
    if hints.get("SizeInMBs", _MIN_CONVERSION_MIB) < _MIN_CONVERSION_MIB:
        raise _invalid("BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.")
    if hints.get("IntervalInSeconds", _MIN_PARTITIONING_SECONDS) < _MIN_PARTITIONING_SECONDS:
        raise _invalid(
            "BufferingHints.IntervalInSeconds must be at least 60 seconds when Dynamic Partitioning is enabled."
        )
    if not keys:
        raise _invalid("S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled")
    _check_key_sources(keys, config.get("ProcessingConfiguration") or {})


def _check_key_sources(keys: set[tuple[str, str]], processing: Config) -> None:
    if not processing.get("Enabled"):
        raise _invalid("Processing Configuration is not enabled when DataPartitioning is enabled")
    processors = {each["Type"]: defaults.parameters(each) for each in processing["Processors"]}
    namespaces = {namespace for namespace, _ in keys}
    if "partitionKeyFromLambda" in namespaces and "Lambda" not in processors:
        raise _invalid("Lambda should be present when S3 Prefix contains keys from partitionKeyFromLambda namespace")
    if "partitionKeyFromQuery" in namespaces and "MetadataExtraction" not in processors:
        raise _invalid(
            "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace"
        )
    query = processors.get("MetadataExtraction", {}).get("MetadataExtractionQuery", "")
    queried = set(re.findall(r"[{,]\s*\"?([A-Za-z_]\w*)\"?\s*:", query))
    if queried - {key for namespace, key in keys if namespace == "partitionKeyFromQuery"}:
        raise _invalid(
            "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression"
        )


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
