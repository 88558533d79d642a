"""The live picture, taken piece by piece: counters each time, what changes more slowly less often."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local.clients import ClientError
from local.console import flow, lake, metrics
from local.console.access import Access
from local.console.actions import Missing
from local.console.backlog import Backlog
from local.console.explain import why
from local.console.pipeline import Pipeline
from local.console.shelf import Shelf

LANDED_SECONDS, WAITING_SECONDS, MINUTE_SECONDS = 2, 5, 15
FOOTERS = 8
"""Newest objects whose rows are counted."""

KEPT_OBJECTS = 200
MINUTE = 60

T = TypeVar("T")


@dataclass
class Live:
    """Looks at the pipeline. Blocks; raises LocalError and BotoCoreError."""

    access: Access
    shelf: Shelf
    backlog: Backlog
    pulse: flow.Pulse = field(default_factory=flow.Pulse)
    _watch: lake.Watch = field(default_factory=lake.Watch)
    _tape: flow.Tape = field(default_factory=flow.Tape)
    _problems: dict[str, str] = field(default_factory=dict)

    def glance(self) -> flow.Flow:
        """Return one look at the pipeline; what the viewer may not see is said, and left out."""
        pipeline = self.access.pipeline()
        landed: list[flow.Landed] = self._part("landed", LANDED_SECONDS, self._landed, [])
        series: dict[str, list[tuple[int, float]]] = self._part("minute", MINUTE_SECONDS, self._minutes, {})
        now = self.access.now()
        minute = flow.latest(series, now)
        stream = self._counters(pipeline)
        rates = _last_minute(minute) if stream is None else self._rates(stream)
        counters = stream or {}
        seen = flow.Flow(
            now=now, live=stream is not None,
            records_in=rates["records_in"], bytes_in=rates["bytes_in"], records_out=rates["records_out"],
            throttled=rates["throttled"], failed=rates["failed"],
            retries=counters.get("retries"), retrying=counters.get("retrying") or "",
            transform=flow.held(counters.get("transform", {})), destination=flow.held(counters.get("destination", {})),
            freshness=minute.get("DeliveryToS3.DataFreshness"),
            landed=landed, waiting=self._part("waiting", WAITING_SECONDS, self.backlog.waiting, flow.Waiting()),
            newest_row=flow.newest_row(landed), history=flow.minutes(series),
            minute=flow.Minute(
                self._tape.rate("records_in", MINUTE) if stream else rates["records_in"],
                self._tape.rate("bytes_in", MINUTE) if stream else rates["bytes_in"],
                sum((now - each.object.modified).total_seconds() <= MINUTE for each in landed) / MINUTE,
            ),
            problems=list(dict.fromkeys(self._problems.values())),
        )  # fmt: skip
        self.pulse.add(now.timestamp(), seen.records_in, seen.records_out)
        return seen

    def _part(self, name: str, seconds: float, look: Callable[[], T], missing: T) -> T:
        try:
            found = self.access.often(name, seconds, look)
        except ClientError as error:
            self._problems[name] = why(error)
            return missing
        self._problems.pop(name, None)
        return found

    def _counters(self, pipeline: Pipeline) -> dict[str, Any] | None:
        """Return what the gateway counts of the stream; None on AWS, which has no such thing."""
        try:
            return dict(self.access.actions.do("streams").get(pipeline.stream, flow.UNTOUCHED))
        except Missing:
            return None

    def _rates(self, stream: dict[str, Any]) -> dict[str, float | None]:
        counted = flow.totals(stream)
        self._tape.add(time.monotonic(), counted)
        return {name: self._tape.rate(name) for name in counted}

    def _landed(self) -> list[flow.Landed]:
        pipeline = self.access.pipeline()
        objects = self._watch.newest(
            self.access.client("s3"), pipeline.bucket, pipeline.data_prefix, time.monotonic(), KEPT_OBJECTS
        )
        return [
            flow.Landed(each, self.shelf.footer(each) if place < FOOTERS else None)
            for place, each in enumerate(objects)
        ]

    def _minutes(self) -> dict[str, list[tuple[int, float]]]:
        cloudwatch, span = self.access.client("cloudwatch"), flow.AWS_SHOWN_SECONDS
        return metrics.recent(cloudwatch, self.access.pipeline(), flow.COUNTED, end=self.access.now(), span=span)


def _last_minute(minute: dict[str, float]) -> dict[str, float | None]:
    """Return means over the last minute that CloudWatch has; None for all where it has none."""
    names = {
        "records_in": "IncomingRecords", "bytes_in": "IncomingBytes", "records_out": "DeliveryToS3.Records",
        "throttled": "ThrottledRecords", "failed": "FailedConversion.Records",
    }  # fmt: skip
    return {name: minute.get(metric, 0) / MINUTE if minute else None for name, metric in names.items()}
