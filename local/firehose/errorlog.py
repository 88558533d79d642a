"""The error events that Firehose writes to CloudWatch Logs, sampled, never with a record's content.

https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from local.clients import Clients, RoleRefused
from local.clock import Clock
from local.firehose.settings import S3Target, Settings

SAMPLES_A_MINUTE = 10
PRINCIPAL = "firehose.amazonaws.com"
SESSION = "AWSFirehoseToS3"
_log = logging.getLogger(__name__)


@dataclass
class ErrorLog:
    """Writes events with the role of the destination that they are about. Its methods block."""

    clients: Clients
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _minute: int = 0
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def report(self, settings: Settings, target: S3Target, code: str, message: str, processor: str = "") -> None:
        """Write one event; if the log refuses it, only this program's own log hears of it."""
        _log.warning("delivery stream %s: %s: %s", settings.name, code, message)
        if target.log is None or not self._sampled(settings.name, code):
            return
        event: dict[str, Any] = {
            "deliveryStreamARN": settings.arn,
            "destination": target.bucket_arn,
            "deliveryStreamVersionId": str(settings.version),  # of S3 it is text (radkawar/stackd, us-east-1)
            "message": message,
            "errorCode": code,
        }
        if processor:
            event["processor"] = processor
        try:
            self._put(target, event)
        except (ClientError, BotoCoreError, RoleRefused) as refusal:
            _log.warning("delivery stream %s cannot log to %s: %s", settings.name, target.log.group, refusal)

    def _put(self, target: S3Target, event: dict[str, Any]) -> None:
        assert target.log is not None
        logs = self.clients.in_role("logs", target.role_arn, PRINCIPAL, SESSION)
        logs.put_log_events(
            logGroupName=target.log.group,
            logStreamName=target.log.stream,
            logEvents=[{"timestamp": int(self.clock.now() * 1000), "message": orjson.dumps(event).decode()}],
        )

    def _sampled(self, stream: str, code: str) -> bool:
        minute = int(self.clock.now() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._seen.clear()
            self._seen[stream, code] += 1
            return self._seen[stream, code] <= SAMPLES_A_MINUTE
