"""What calls for attention: the stack's alarms, and the log events of failed deliveries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.console.screen import safe

EVENTS_SHOWN = 50
STATES = ("ALARM", "INSUFFICIENT_DATA", "OK")
"""The worst first."""


@dataclass(frozen=True)
class Alarm:
    """One alarm of the stack, by its name in the template."""

    name: str
    description: str
    state: str
    reason: str
    changed: datetime | None


@dataclass(frozen=True)
class Event:
    """One log event of the delivery stream."""

    at: datetime
    code: str
    message: str


def alarms(cloudwatch: Any, names: Mapping[str, str]) -> list[Alarm]:
    """Return these alarms (by name, their names in the template), the worst first. Blocks; raises ClientError."""
    if not names:
        return []
    found = cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"]
    told = [
        Alarm(
            names[each["AlarmName"]],
            each.get("AlarmDescription", ""),
            each["StateValue"],
            safe(each.get("StateReason", "")),
            each.get("StateUpdatedTimestamp"),
        )
        for each in found
    ]
    return sorted(told, key=lambda each: (STATES.index(each.state), each.name))


def events(logs: Any, group: str, stream: str) -> list[Event]:
    """Return the latest log events, newest first; none where nothing is logged. Blocks; raises ClientError."""
    if not group:
        return []
    found = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=EVENTS_SHOWN, startFromHead=False)
    return sorted((_event(each) for each in found["events"]), key=lambda each: each.at, reverse=True)


def _event(found: Mapping[str, Any]) -> Event:
    at = datetime.fromtimestamp(found["timestamp"] / 1000, UTC)
    try:
        message = json.loads(found["message"])
        return Event(at, safe(message.get("errorCode", "")), safe(message.get("message", "")))
    except (ValueError, AttributeError):
        return Event(at, "", safe(found["message"]))
