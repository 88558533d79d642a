"""What functions write: to CloudWatch Logs with the function's own role, and metrics in EMF to CloudWatch.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import asyncio
import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from botocore.exceptions import BotoCoreError

from local.clients import ClientError, Clients, RoleRefused
from local.clock import Clock
from local.metrics import Metrics
from local.runtime.functions import Function

log = logging.getLogger(__name__)

SHIP_SECONDS = 1
EVENTS_PER_CALL = 1000

EVENTS_PER_STREAM = 20_000
STREAMS_KEPT = 4
"""Per function: the emulator keeps log events in memory for ever, so what is old is deleted here."""


class _Stream(NamedTuple):
    group: str
    name: str
    role: str
    function: str


class FunctionLogs:
    """Collects log events of all functions and ships them every second of the clock."""

    def __init__(self, clients: Clients, clock: Clock, metrics: Metrics) -> None:
        self._clients = clients
        self._clock = clock
        self._metrics = metrics
        self._lock = threading.Lock()
        self._events: dict[_Stream, list[dict[str, Any]]] = {}
        self._made: set[_Stream] = set()
        self._shipped: Counter[str] = Counter()
        """Events by log group, which say when the next stream is due."""

    def add(self, function: Function, request_id: str, lines: list[str], milliseconds: float) -> str:
        """Frame the lines of one invocation as Lambda does; return them as text, for `LogType=Tail`."""
        frame = self._json_frame if function.log_format == "JSON" else _text_frame
        before, after = frame(function, request_id, milliseconds)
        framed = [*before, *lines, *after]
        for line in lines:
            self._measure(line)
        now = int(self._clock.now() * 1000)
        turn = self._shipped[function.log_group] // EVENTS_PER_STREAM
        name = f"{self._clock.now_utc():%Y/%m/%d}/[{function.version}]{function.revision[:28]}{turn:04x}"
        stream = _Stream(function.log_group, name, function.role, function.name)
        with self._lock:
            self._events.setdefault(stream, []).extend({"timestamp": now, "message": line} for line in framed)
        return "\n".join(framed)

    def _json_frame(self, function: Function, request_id: str, milliseconds: float) -> tuple[list[str], list[str]]:
        ended = self._clock.now_utc()
        metrics = {
            "durationMs": round(milliseconds, 3), "billedDurationMs": int(milliseconds) + 1,
            "memorySizeMB": function.memory_mb,
        }  # fmt: skip
        start = {"requestId": request_id, "version": function.version}
        report = {"requestId": request_id, "metrics": metrics}
        return [_platform(ended - timedelta(milliseconds=milliseconds), "start", start)], [
            _platform(ended, "report", report)
        ]

    async def ship_forever(self) -> None:
        while True:
            await self._clock.sleep(SHIP_SECONDS)
            await asyncio.to_thread(self.ship)

    def ship(self) -> None:
        """Send what was collected. A role that may not write loses its lines, as on AWS. Blocks."""
        with self._lock:
            events, self._events = self._events, {}
        for stream, batch in events.items():
            try:
                client = self._clients.in_role("logs", stream.role, "lambda.amazonaws.com", stream.function)
                self._make(client, stream)
                self._shipped[stream.group] += len(batch)
                for start in range(0, len(batch), EVENTS_PER_CALL):
                    client.put_log_events(
                        logGroupName=stream.group, logStreamName=stream.name,
                        logEvents=batch[start : start + EVENTS_PER_CALL],
                    )  # fmt: skip
            except (ClientError, BotoCoreError, RoleRefused) as error:
                self._made.discard(stream)
                log.warning("%d log lines of %s were lost: %s", len(batch), stream.function, error)

    def _make(self, client: Any, stream: _Stream) -> None:
        if stream in self._made:
            return
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_stream(logGroupName=stream.group, logStreamName=stream.name)
        self._made.add(stream)
        self._delete_old(stream.group)

    def _delete_old(self, group: str) -> None:
        logs = self._clients.own("logs")
        found = logs.describe_log_streams(logGroupName=group)["logStreams"]
        for old in sorted(found, key=lambda each: each["creationTime"])[:-STREAMS_KEPT]:
            logs.delete_log_stream(logGroupName=group, logStreamName=old["logStreamName"])

    def _measure(self, line: str) -> None:
        for namespace, dimensions, name, value, unit in emf(line):
            self._metrics.add(namespace, dimensions, name, value, unit)


def _text_frame(function: Function, request_id: str, milliseconds: float) -> tuple[list[str], list[str]]:
    report = f"Duration: {milliseconds:.2f} ms\tBilled Duration: {int(milliseconds) + 1} ms"
    return [f"START RequestId: {request_id} Version: {function.version}"], [
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\t{report}\tMemory Size: {function.memory_mb} MB",
    ]


def _platform(moment: datetime, kind: str, record: dict[str, Any]) -> str:
    """Return an event of Lambda's own as it is logged in JSON.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """
    time = f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    return orjson.dumps({"time": time, "type": f"platform.{kind}", "record": record}).decode()


def emf(line: str) -> Iterator[tuple[str, dict[str, str], str, float, str]]:
    """Yield (namespace, dimensions, metric, value, unit) of a line in the embedded metric format."""
    if '"_aws"' not in line:
        return
    try:
        document = orjson.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return
    for directive in directives:
        for keys in directive.get("Dimensions", [[]]):
            dimensions = {key: str(document[key]) for key in keys if key in document}
            for metric in directive.get("Metrics", []):
                values = document.get(metric["Name"])
                for value in values if isinstance(values, list) else [values]:
                    if isinstance(value, int | float):
                        yield (
                            directive["Namespace"],
                            dimensions,
                            metric["Name"],
                            value,
                            metric.get("Unit", "None"),
                        )
