"""What DescribeDeliveryStream shows of a stored stream, defaults filled in.

Localstack's AWS-validated snapshots (2022-2023), radkawar/stackd captures.
"""

from collections.abc import Mapping
from typing import Any

from local.firehose import defaults
from local.firehose.store import Stored

DESTINATION_ID = "destinationId-000000000001"
_ONLY_EXTENDED = frozenset({
    "ProcessingConfiguration", "S3BackupMode", "S3BackupConfiguration", "DataFormatConversionConfiguration",
    "DynamicPartitioningConfiguration", "FileExtension", "CustomTimeZone",
})  # fmt: skip


def description(stored: Stored) -> dict[str, Any]:
    """Return the DeliveryStreamDescription."""
    shown: dict[str, Any] = {
        "DeliveryStreamName": stored["name"],
        "DeliveryStreamARN": stored["arn"],
        "DeliveryStreamStatus": stored["status"],
        "DeliveryStreamType": stored["type"],
        "VersionId": str(stored["version"]),
        "CreateTimestamp": stored["created_at"],
        "Destinations": [_destination(each) for each in stored["destinations"]],
        "HasMoreDestinations": False,
    }
    if stored["updated_at"] != stored["created_at"]:
        shown["LastUpdateTimestamp"] = stored["updated_at"]
    if stored["type"] == "KinesisStreamAsSource":
        shown["Source"] = {"KinesisStreamSourceDescription": stored.get("kinesis_source") or {}}
    else:
        shown["DeliveryStreamEncryptionConfiguration"] = stored.get("encryption") or {"Status": "DISABLED"}
    return shown


def _destination(destination: Mapping[str, Any]) -> dict[str, Any]:
    kind = destination["type"]
    if kind not in {"ExtendedS3", "S3"}:
        return {"DestinationId": DESTINATION_ID, f"{kind}DestinationDescription": destination["config"]}
    # A stream made with the deprecated S3DestinationConfiguration is described as an extended one too.
    extended = defaults.extended(destination["config"])
    plain = {name: value for name, value in extended.items() if name not in _ONLY_EXTENDED}
    if backup := extended.pop("S3BackupConfiguration", None):
        extended["S3BackupDescription"] = backup
    return {
        "DestinationId": DESTINATION_ID,
        "S3DestinationDescription": plain,
        "ExtendedS3DestinationDescription": extended,
    }
