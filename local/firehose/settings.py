"""A delivery stream's configuration, typed, in the words of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.firehose import defaults, prefix
from local.firehose.buffer import MIB, Hints
from local.firehose.store import Stored


@dataclass(frozen=True, slots=True)
class LogTarget:
    group: str
    stream: str


@dataclass(frozen=True, slots=True)
class S3Target:
    """Where objects go: the destination itself, or the backup."""

    bucket: str
    bucket_arn: str
    role_arn: str
    prefix: str
    error_prefix: str
    hints: Hints
    compression: str
    extension: str | None
    """Replaces the compression's own; None keeps it."""
    time_zone: str
    kms_key: str | None
    log: LogTarget | None


@dataclass(frozen=True, slots=True)
class Transform:
    """The Lambda processor."""

    function_arn: str
    role_arn: str
    retries: int
    hints: Hints


@dataclass(frozen=True, slots=True)
class Schema:
    """Which Glue table gives the columns."""

    role_arn: str
    catalog_id: str
    database: str
    table: str
    region: str
    version: str


@dataclass(frozen=True, slots=True)
class Conversion:
    schema: Schema
    deserializer: str
    """`OpenXJsonSerDe` or `HiveJsonSerDe`."""
    deserializer_options: Mapping[str, Any]
    serializer: str
    """`ParquetSerDe` or `OrcSerDe`."""
    serializer_options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deaggregation:
    kind: str
    """`JSON` or `DELIMITED`."""
    delimiter: str
    """Base64, as configured."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that delivery needs to know of a stream, at one version of it."""

    name: str
    arn: str
    version: int
    target: S3Target
    backup: S3Target | None
    transform: Transform | None
    conversion: Conversion | None
    deaggregation: Deaggregation | None
    decompression: bool
    log_messages_only: bool | None
    """None: no CloudWatchLogProcessing; else whether only the messages are taken out."""
    append_delimiter: bool
    partitioned: bool
    metadata_query: str | None

    @property
    def partition_keys(self) -> list[tuple[str, str]]:
        return sorted(prefix.partition_keys(self.target.prefix)) if self.partitioned else []


def read(stored: Stored, account: str, region: str) -> Settings | None:
    """Return the settings of a stored stream; None when it has no S3 destination to deliver to."""
    destination = destination_of(stored)
    if destination is None:
        return None
    config = filled(destination)
    processors = _processors(config)
    decompression = "Decompression" in processors
    partitioning = config.get("DynamicPartitioningConfiguration") or {}
    return Settings(
        name=stored["name"],
        arn=stored["arn"],
        version=int(stored["version"]),
        target=_target(config),
        backup=_backup(config),
        transform=_transform(processors.get("Lambda")),
        conversion=_conversion(config, account, region),
        deaggregation=_deaggregation(processors.get("RecordDeAggregation")),
        decompression=decompression,
        log_messages_only=_log_processing(processors.get("CloudWatchLogProcessing")),
        append_delimiter="AppendDelimiterToRecord" in processors,
        partitioned=bool(partitioning.get("Enabled")),
        metadata_query=processors.get("MetadataExtraction", {}).get("MetadataExtractionQuery"),
    )


def destination_of(stored: Stored) -> Mapping[str, Any] | None:
    """Return the first S3 destination of a stored stream, or None."""
    found = (each for each in stored.get("destinations", []) if each["type"] in {"ExtendedS3", "S3"})
    return next(found, None)


def filled(destination: Mapping[str, Any]) -> defaults.Config:
    fill = defaults.extended if destination["type"] == "ExtendedS3" else defaults.plain
    return fill(destination["config"])


def _processors(config: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    processing = config.get("ProcessingConfiguration") or {"Processors": []}
    return {each["Type"]: defaults.parameters(each) for each in processing["Processors"]}


def _target(config: Mapping[str, Any]) -> S3Target:
    hints = config["BufferingHints"]
    logging = config["CloudWatchLoggingOptions"]
    encryption = config["EncryptionConfiguration"].get("KMSEncryptionConfig") or {}
    return S3Target(
        bucket=config["BucketARN"].rpartition(":")[2],
        bucket_arn=config["BucketARN"],
        role_arn=config["RoleARN"],
        prefix=config.get("Prefix", ""),
        error_prefix=config.get("ErrorOutputPrefix", ""),
        hints=Hints(hints["SizeInMBs"] * MIB, hints["IntervalInSeconds"]),
        compression=config["CompressionFormat"],
        extension=config.get("FileExtension") or None,
        time_zone=config.get("CustomTimeZone") or "UTC",
        kms_key=encryption.get("AWSKMSKeyARN"),
        log=LogTarget(logging["LogGroupName"], logging["LogStreamName"]) if logging.get("Enabled") else None,
    )


def _backup(config: Mapping[str, Any]) -> S3Target | None:
    backup = config.get("S3BackupConfiguration")
    return _target(backup) if backup and config.get("S3BackupMode") == "Enabled" else None


def _transform(parameters: Mapping[str, str] | None) -> Transform | None:
    if parameters is None:
        return None
    return Transform(
        function_arn=parameters["LambdaArn"],
        role_arn=parameters["RoleArn"],
        retries=int(parameters["NumberOfRetries"]),
        hints=Hints(int(float(parameters["BufferSizeInMBs"]) * MIB), float(parameters["BufferIntervalInSeconds"])),
    )


def _conversion(config: Mapping[str, Any], account: str, region: str) -> Conversion | None:
    conversion = config.get("DataFormatConversionConfiguration")
    if not conversion or not conversion["Enabled"]:
        return None
    schema = conversion["SchemaConfiguration"]
    [(deserializer, reading)] = conversion["InputFormatConfiguration"]["Deserializer"].items()
    [(serializer, writing)] = conversion["OutputFormatConfiguration"]["Serializer"].items()
    return Conversion(
        schema=Schema(
            role_arn=schema["RoleARN"],
            catalog_id=schema.get("CatalogId") or account,
            database=schema["DatabaseName"],
            table=schema["TableName"],
            region=schema.get("Region") or region,
            version=schema.get("VersionId") or "LATEST",
        ),
        deserializer=deserializer,
        deserializer_options=reading or {},
        serializer=serializer,
        serializer_options=writing or {},
    )


def _deaggregation(parameters: Mapping[str, str] | None) -> Deaggregation | None:
    if parameters is None:
        return None
    return Deaggregation(parameters["SubRecordType"], parameters.get("Delimiter", ""))


def _log_processing(parameters: Mapping[str, str] | None) -> bool | None:
    return None if parameters is None else parameters.get("DataMessageExtraction", "false").lower() == "true"
