"""The live picture: how fast records move now, what waits where, what is new, what it costs."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import dropwhile
from typing import Any

from local.console.lake import Footer, Object

KEPT = 300
WINDOW_SECONDS = 10.0
"""Rates are means over this time."""

LEAST_SECONDS = 3.0
"""Shorter ones would show the rhythm of the buffers, not the flow."""

SHOWN_SECONDS, AWS_SHOWN_SECONDS = 300, 3600
"""What the chart looks back on, where rates are of this moment, and where they are of whole minutes."""

LATE_SECONDS = 300
"""Metrics of AWS come some minutes late; what is older is not of now."""

GAP_MILLISECONDS = 30_000
"""Nobody looked for so long: the line is broken, not drawn across."""

Point = tuple[int, float | None, float | None]
"""Epoch milliseconds, records/s in, records/s delivered."""

COUNTED = {"IncomingRecords": "Sum", "IncomingBytes": "Sum", "DeliveryToS3.Records": "Sum", "ThrottledRecords": "Sum",
           "FailedConversion.Records": "Sum", "DeliveryToS3.DataFreshness": "Maximum"}  # fmt: skip


UNTOUCHED: Mapping[str, Any] = {
    "retries": 0, "transform": {"bytes": 0, "records": 0}, "destination": {"bytes": 0, "records": 0},
}  # fmt: skip
"""What there is to say of a stream that has not taken a record since the gateway started."""


@dataclass(frozen=True)
class Held:
    """What one buffer holds. None: not known (AWS does not tell)."""

    bytes: int | None = None
    records: int | None = None
    flush_in: float | None = None


@dataclass(frozen=True)
class Landed:
    """A new object and, for Parquet, what its footer says."""

    object: Object
    footer: Footer | None


@dataclass(frozen=True)
class Waiting:
    """The error objects of the stream, newest first."""

    objects: list[Object] = field(default_factory=list)
    """Those of whose records not all were sent again."""
    healed: int = 0
    """How many others there are."""
    more: bool = False
    problem: str = ""
    """Why they cannot be listed."""


@dataclass(frozen=True)
class Minute:
    """Means per second over the last minute, for what is billed."""

    records: float | None
    bytes: float | None
    objects: float


@dataclass(frozen=True)
class Flow:
    """One look at the pipeline. Rates are per second; None: not known yet."""

    now: datetime
    live: bool
    """Whether rates are of this moment (the gateway tells) or of the last minute (CloudWatch)."""
    records_in: float | None
    bytes_in: float | None
    records_out: float | None
    throttled: float | None
    failed: float | None
    retries: int | None
    """Since the gateway started; AWS has no metric of them."""
    retrying: str
    """Why a delivery is being tried again just now."""
    transform: Held
    destination: Held
    freshness: float | None
    """Age of the oldest record not delivered, seconds, as CloudWatch has it."""
    landed: list[Landed]
    waiting: Waiting
    newest_row: datetime | None
    minute: Minute
    history: list[Point]
    """Of whole minutes, as CloudWatch has them."""
    problems: list[str] = field(default_factory=list)
    """What the viewer may not see, and why."""

    @property
    def row_age(self) -> float | None:
        """Return how old the newest queryable row is, in seconds."""
        return None if self.newest_row is None else max(0.0, (self.now - self.newest_row).total_seconds())


@dataclass(frozen=True)
class Sample:
    """Totals at one moment, or rates where totals are not known."""

    at: float
    totals: dict[str, float]


@dataclass
class Tape:
    """The last samples, to make rates of totals."""

    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, at: float, totals: Mapping[str, float]) -> None:
        # A gateway that was started anew counts from zero again.
        if self.samples and any(totals[name] < self.samples[-1].totals.get(name, 0) for name in totals):
            self.samples.clear()
        self.samples.append(Sample(at, dict(totals)))

    def rate(self, name: str, window: float = WINDOW_SECONDS) -> float | None:
        """Return the mean per second over so many seconds; None before there is enough to take a mean of."""
        if not self.samples:
            return None
        last = self.samples[-1]
        first = next(each for each in self.samples if last.at - each.at <= window)
        span = last.at - first.at
        return (last.totals[name] - first.totals[name]) / span if span >= LEAST_SECONDS else None


def totals(stream: Mapping[str, Any]) -> dict[str, float]:
    """Return the counters of the gateway's `streams` action, flat."""
    accepted, delivered, failed = (stream.get(each, {}) for each in ("accepted", "delivered", "failed"))
    return {
        "records_in": accepted.get("records", 0),
        "bytes_in": accepted.get("bytes", 0),
        "records_out": delivered.get("records", 0),
        "failed": failed.get("records", 0),
        "throttled": stream.get("throttled", 0),
    }


def held(buffer: Mapping[str, Any]) -> Held:
    return Held(buffer.get("bytes"), buffer.get("records"), buffer.get("flush_in"))


@dataclass
class Pulse:
    """Points of the live chart, one for each look."""

    points: deque[Point] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, at: float, records_in: float | None, records_out: float | None) -> None:
        """Add a look at `at` (epoch seconds)."""
        now = int(at * 1000)
        if self.points and now - self.points[-1][0] > GAP_MILLISECONDS:
            self.points.append((now - 1, None, None))
        self.points.append((now, records_in, records_out))


def drawn(flow: Flow, live: Iterable[Point]) -> tuple[list[Point], tuple[int, int]]:
    """Return what the chart shows, and (from, to): minutes as far back as nobody looked, then look by look."""
    end = int(flow.now.timestamp() * 1000)
    start = end - 1000 * (SHOWN_SECONDS if flow.live else AWS_SHOWN_SECONDS)
    looks = list(dropwhile(_unknown, (each for each in live if each[0] >= start))) if flow.live else []
    seen = [each[0] for each in looks if not _unknown(each)]
    missed = [
        minute for minute in flow.history
        if start <= minute[0] < end and all(abs(minute[0] - at) > GAP_MILLISECONDS for at in seen)
    ]  # fmt: skip
    unfilled = [each for each in looks if not _unknown(each) or not _follows(each, missed)]
    return sorted([*missed, *unfilled], key=lambda each: each[0]), (start, end)


def _unknown(point: Point) -> bool:
    return point[1] is None


def _follows(gap: Point, minutes: Iterable[Point]) -> bool:
    """Say whether there is a minute shortly before a gap's end, so that it need not be left open."""
    return any(0 <= gap[0] - each[0] <= 4 * GAP_MILLISECONDS for each in minutes)


def latest(series: Mapping[str, list[tuple[int, float]]], now: datetime) -> dict[str, float]:
    """Return every metric's value in the newest minute of which there is any, unless that is long ago."""
    newest = max((points[-1][0] for points in series.values() if points), default=0)
    if newest / 1000 < now.timestamp() - LATE_SECONDS:
        return {}
    return {name: points[-1][1] for name, points in series.items() if points and points[-1][0] == newest}


def minutes(series: Mapping[str, list[tuple[int, float]]]) -> list[Point]:
    """Return a point in the middle of each minute; one of which CloudWatch has nothing had no record."""
    came, went = (dict(series.get(name, [])) for name in ("IncomingRecords", "DeliveryToS3.Records"))
    return [(at + 30_000, came.get(at, 0) / 60, went.get(at, 0) / 60) for at in sorted({*came, *went})]


def newest_row(landed: list[Landed]) -> datetime | None:
    """Return the time of the newest queryable row: the latest timestamp in it, or when its object landed."""
    # A producer may say any time: no row is newer than its object.
    rows = [
        min(each.footer.newest.replace(tzinfo=UTC), each.object.modified)
        for each in landed
        if each.footer and each.footer.newest
    ]
    return max(rows, default=landed[0].object.modified if landed else None)
