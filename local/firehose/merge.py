"""UpdateDestination: which members of a configuration are replaced, and which are merged.

Processing is replaced whole, conversion is merged member by member (floci-io/floci#3236, #3375, 2026-09).
"""

from collections.abc import Mapping
from typing import Any

from local.errors import AwsError

Config = dict[str, Any]


def destination(config: Mapping[str, Any], update: Mapping[str, Any]) -> Config:
    """Return the configuration after an …S3DestinationUpdate; raises AwsError."""
    if config.get("S3BackupMode") == "Enabled" and update.get("S3BackupMode") == "Disabled":
        raise AwsError("InvalidArgumentException", "Disabling S3 backup is not currently supported.")
    merged: Config = {**config, **{name: value for name, value in update.items() if name not in _MERGED}}
    for name, (member, merge) in _MERGED.items():
        if name in update:
            merged[member] = merge(config.get(member) or {}, update[name])
    if "Decompression" in _kinds(merged) and not _kinds(config) & {"Decompression", "Lambda"}:
        message = "Enabling source decompression is not supported for existing stream with no Lambda function attached."
        raise AwsError("InvalidArgumentException", message)
    return merged


def _kinds(config: Mapping[str, Any]) -> set[str]:
    processing = config.get("ProcessingConfiguration") or {}
    return {each["Type"] for each in processing.get("Processors") or []}


def _shallow(old: Mapping[str, Any], new: Mapping[str, Any]) -> Config:
    return {**old, **new}


def _processing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Config:
    """Keep only whether it is enabled, when the update does not say."""
    return {"Enabled": old.get("Enabled", False), **new}


def _conversion(old: Mapping[str, Any], new: Mapping[str, Any]) -> Config:
    merged: Config = {**old, **new}
    if old.get("SchemaConfiguration") and new.get("SchemaConfiguration"):
        merged["SchemaConfiguration"] = {**old["SchemaConfiguration"], **new["SchemaConfiguration"]}
    return merged


def _backup(old: Mapping[str, Any], new: Mapping[str, Any]) -> Config:
    return destination(old, new)


_MERGED = {
    "BufferingHints": ("BufferingHints", _shallow),
    "ProcessingConfiguration": ("ProcessingConfiguration", _processing),
    "DataFormatConversionConfiguration": ("DataFormatConversionConfiguration", _conversion),
    "S3BackupUpdate": ("S3BackupConfiguration", _backup),
}
