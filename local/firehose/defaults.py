"""What AWS fills in where a configuration is silent, whichever door it came in by.

Stored defaults as seen by DescribeDeliveryStream (localstack snapshots of AWS 2022-2023; floci-io/floci#3236,
#3375, 2026-09).
"""

from collections.abc import Mapping
from typing import Any

from local.firehose import model

SIZE_MIB = 5
CONVERSION_SIZE_MIB = 128
PARTITIONING_SIZE_MIB = 64
INTERVAL_SECONDS = 300
PARTITIONING_RETRY_SECONDS = 300
LAMBDA_DEFAULTS = {"NumberOfRetries": "3", "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "60"}
LAMBDA_ORDER = ("LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds")

Config = dict[str, Any]


def extended(config: Mapping[str, Any]) -> Config:
    """Return an ExtendedS3DestinationConfiguration with the API's types and every default filled in."""
    filled: Config = model.coerce("ExtendedS3DestinationConfiguration", config)
    _common(filled, _default_size(filled))
    filled.setdefault("S3BackupMode", "Disabled")
    if (conversion := filled.get("DataFormatConversionConfiguration")) is not None:
        conversion.setdefault("Enabled", True)
    if (partitioning := filled.get("DynamicPartitioningConfiguration")) and partitioning.get("Enabled"):
        partitioning.setdefault("RetryOptions", {}).setdefault("DurationInSeconds", PARTITIONING_RETRY_SECONDS)
    if (processing := filled.get("ProcessingConfiguration")) is not None:
        filled["ProcessingConfiguration"] = processing_configuration(processing, filled.get("RoleARN", ""))
    if (backup := filled.get("S3BackupConfiguration")) is not None:
        filled["S3BackupConfiguration"] = plain(backup)
    return filled


def plain(config: Mapping[str, Any]) -> Config:
    """Return an S3DestinationConfiguration with the API's types and every default filled in."""
    filled: Config = model.coerce("S3DestinationConfiguration", config)
    _common(filled, SIZE_MIB)
    return filled


def processing_configuration(processing: Mapping[str, Any], role_arn: str) -> Config:
    """Canonical form: an omitted `Enabled` is false, a disabled block keeps no processors."""
    if not processing.get("Enabled"):
        return {"Enabled": False, "Processors": []}
    return {
        "Enabled": True,
        "Processors": [_processor(each, role_arn) for each in processing.get("Processors", [])],
    }


def parameters(processor: Mapping[str, Any]) -> dict[str, str]:
    return {each["ParameterName"]: each["ParameterValue"] for each in processor.get("Parameters") or []}


def _processor(processor: Mapping[str, Any], role_arn: str) -> Config:
    if processor["Type"] == "AppendDelimiterToRecord":
        return {"Type": processor["Type"], "Parameters": []}
    if processor["Type"] != "Lambda":
        return {"Type": processor["Type"], "Parameters": list(processor.get("Parameters") or [])}
    given = {**LAMBDA_DEFAULTS, "RoleArn": role_arn, **parameters(processor)}
    known = [{"ParameterName": name, "ParameterValue": given[name]} for name in LAMBDA_ORDER if name in given]
    return {"Type": "Lambda", "Parameters": known}


def _common(filled: Config, size: int) -> None:
    hints = filled.setdefault("BufferingHints", {})
    filled["BufferingHints"] = {"SizeInMBs": size, "IntervalInSeconds": INTERVAL_SECONDS, **hints}
    filled.setdefault("CompressionFormat", "UNCOMPRESSED")
    filled.setdefault("EncryptionConfiguration", {"NoEncryptionConfig": "NoEncryption"})
    filled.setdefault("CloudWatchLoggingOptions", {"Enabled": False})


def _default_size(config: Mapping[str, Any]) -> int:
    conversion = config.get("DataFormatConversionConfiguration")
    if conversion is not None and conversion.get("Enabled", True):
        return CONVERSION_SIZE_MIB
    partitioning = config.get("DynamicPartitioningConfiguration") or {}
    return PARTITIONING_SIZE_MIB if partitioning.get("Enabled") else SIZE_MIB
