"""An execution's record: what of it is shown, where its result goes, what it cost. Pure."""

from collections.abc import Mapping
from typing import Any

from local.athena.executor import Outcome
from local.athena.results import invalid
from local.athena.storage import split_location

_INTERNAL = frozenset({"submitted", "asked_context", "columns", "rows", "update_count"})


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in _INTERNAL}


def destination(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the folder of results, with its slash, and PutObject's members for encryption; raises AwsError."""
    configured = settings.get("ResultConfiguration") or {}
    chosen = configured if settings.get("EnforceWorkGroupConfiguration") else {**configured, **asked}
    location = chosen.get("OutputLocation")
    if not location:
        raise invalid("No output location provided. An output location is required either through the Workgroup result"
                      " configuration setting or as an API input.")  # fmt: skip
    try:
        split_location(location)
    except ValueError as error:
        raise invalid(f"outputLocation is not a valid S3 path: {error}") from None
    return location if location.endswith("/") else f"{location}/", _encryption(
        chosen.get("EncryptionConfiguration") or {}
    )


def _encryption(asked: Mapping[str, Any]) -> dict[str, Any]:
    if asked.get("EncryptionOption") == "SSE_S3":
        return {"ServerSideEncryption": "AES256"}
    if asked.get("EncryptionOption") == "SSE_KMS":
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": asked["KmsKey"]}
    return {}


def statistics(outcome: Outcome, queued: float, begun: float, ended: float) -> dict[str, Any]:
    def milliseconds(seconds: float) -> int:
        return max(0, round(seconds * 1000))

    found: dict[str, Any] = {
        "EngineExecutionTimeInMillis": milliseconds(ended - begun - outcome.publishing_seconds),
        "DataScannedInBytes": outcome.read_bytes,
        "TotalExecutionTimeInMillis": milliseconds(ended - queued),
        "QueryQueueTimeInMillis": milliseconds(begun - queued),
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": milliseconds(outcome.planning_seconds),
        "ServiceProcessingTimeInMillis": milliseconds(outcome.publishing_seconds),
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
    if outcome.manifest is not None:
        found["DataManifestLocation"] = outcome.manifest
    return found


def typed(settings: Mapping[str, Any], *, enforced: bool) -> dict[str, Any]:
    """Give a workgroup's configuration its numbers and truths: out of a template, both come as text.

    `enforced` is what holds if the configuration does not say: every workgroup but `primary` is made so.
    """
    cutoff, enforced = (
        settings.get("BytesScannedCutoffPerQuery"),
        settings.get("EnforceWorkGroupConfiguration", enforced),
    )
    return {
        **settings,
        "EnforceWorkGroupConfiguration": str(enforced).lower() == "true",
        **({} if cutoff is None else {"BytesScannedCutoffPerQuery": int(cutoff)}),
    }
