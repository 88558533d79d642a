"""Progress while it runs: a live line on a terminal, one JSON line per interval elsewhere."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table

from producer.log import storage
from producer.report import Place, Tally, details, numbers

_TOUCH = 1.0
_NAMESPACE = "HowFake/Producer"
_COUNTED = ("Generated", "Resumed", "Delivered", "DeadLettered", "Retried", "Throttled", "PossiblyDuplicated")
_METRICS = dict.fromkeys((*_COUNTED, "FailedRequests", "Requests", "Records"), "Count") | {
    "Bytes": "Bytes",
    "LatencyP50": "Milliseconds",
    "LatencyP99": "Milliseconds",
    "Waiting": "Count",
}
_LEVELS = frozenset({"LatencyP50", "LatencyP99", "Waiting"})
"""Read as they are; the others are counted since the line before."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What only the running parts know."""

    waiting: int
    """Sign-ups made and not settled."""
    in_flight: int
    share: float
    """Of the quota that throttling leaves, 0 to 1."""
    used: float
    """Bytes a second, over the quota; 0 without one."""


class Display(Protocol):
    def show(self, now: float, moment: Moment) -> None: ...
    def close(self) -> None: ...
    def end(self, seconds: float, cost: str) -> None: ...


class JsonLines:
    """One JSON object per interval, counts since the one before; with EMF, CloudWatch makes metrics of it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """

    def __init__(
        self, tally: Tally, place: Place, *, emf: bool, epoch_ms: Callable[[], int], out: TextIO = sys.stdout
    ) -> None:
        self._tally, self._place, self._emf, self._epoch_ms, self._out = tally, place, emf, epoch_ms, out
        self._before: dict[str, int | float] = {}

    def show(self, now: float, moment: Moment) -> None:
        del now
        totals = numbers(self._tally)
        counts = {
            name: value if name in _LEVELS else value - self._before.get(name, 0) for name, value in totals.items()
        }
        self._before = totals
        line: dict[str, Any] = {
            "message": "progress",
            "DeliveryStream": self._place.delivery_stream,
            "producer_id": self._place.producer_id,
            **counts,
            "Waiting": moment.waiting,
            "in_flight": moment.in_flight,
            "quota_used": round(moment.used, 3),
            "quota_share": round(moment.share, 3),
        }
        if self._tally.last_failure and counts["FailedRequests"]:
            line["last_failure"] = self._tally.last_failure
        print(json.dumps((self._metadata() if self._emf else {}) | line), file=self._out, flush=True)

    def close(self) -> None:
        pass

    def end(self, seconds: float, cost: str) -> None:
        line = {"message": "final", **numbers(self._tally), "Journaled": self._tally.owed}
        print(json.dumps(line | {"seconds": round(seconds, 3), "cost": cost}), file=self._out, flush=True)

    def _metadata(self) -> dict[str, Any]:
        metrics = [{"Name": name, "Unit": unit} for name, unit in _METRICS.items()]
        directive = {"Namespace": _NAMESPACE, "Dimensions": [["DeliveryStream"]], "Metrics": metrics}
        return {"_aws": {"Timestamp": self._epoch_ms(), "CloudWatchMetrics": [directive]}}


class TextLines:
    """One short sentence per interval, for a person who reads it in somebody else's window."""

    def __init__(self, tally: Tally, now: float, out: TextIO = sys.stdout) -> None:
        self._tally, self._out = tally, out
        self._pace = Pace(now)

    def show(self, now: float, moment: Moment) -> None:
        tally = self._tally
        parts = [f"{self._pace.of(now, tally.delivered):,.0f} sign-ups/s", f"delivered {tally.delivered:,}"]
        for name, count in (("sent again", tally.retried), ("throttled", tally.throttled), ("dead", tally.dead)):
            parts += [f"{name} {count:,}"] if count else []
        print(" · ".join([*parts, f"waiting {moment.waiting:,}"]), file=self._out, flush=True)

    def close(self) -> None:
        pass

    def end(self, seconds: float, cost: str) -> None:
        print(*details(self._tally, seconds, cost), sep="\n", file=self._out, flush=True)


class Pace:
    """How many a second, since the last time it was asked."""

    def __init__(self, now: float) -> None:
        self._before = now, 0

    def of(self, now: float, count: int) -> float:
        then, before = self._before
        self._before = (now, count)
        return (count - before) / max(now - then, 0.001)


class Terminal:
    """A table of a few lines that is drawn again and again."""

    def __init__(self, tally: Tally, place: Place, now: float, console: Console) -> None:
        self._tally, self._place, self._console = tally, place, console
        self._pace = Pace(now)
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def show(self, now: float, moment: Moment) -> None:
        rate = self._pace.of(now, self._tally.delivered)
        self._live.update(self._table(rate, moment), refresh=True)

    def close(self) -> None:
        self._live.stop()

    def end(self, seconds: float, cost: str) -> None:
        self._console.print(*details(self._tally, seconds, cost), sep="\n", highlight=False)

    def _table(self, rate: float, moment: Moment) -> Table:
        tally = self._tally
        table = Table(title=f"{self._place.producer_id} → {self._place.delivery_stream}", title_justify="left")
        cells = {
            "sign-ups/s": f"{rate:,.0f}",
            "delivered": f"{tally.delivered:,}",
            "waiting": f"{moment.waiting:,}",
            "in flight": f"{moment.in_flight}",
            "sent again": f"{tally.retried:,}",
            "throttled": f"{tally.throttled:,}",
            "dead": f"{tally.dead:,}",
            "of quota": f"{moment.used:.0%}",
        }
        for name in cells:
            table.add_column(name, justify="right", no_wrap=True)
        table.add_row(*cells.values())
        if tally.last_failure and tally.failures:
            table.caption = tally.last_failure
        return table


@dataclass
class Heartbeat:
    """Called over and over by the run: shows progress per interval, touches the liveness file.

    Raises StorageError if that file cannot be touched, and stops the run when nobody reads its progress any more.
    """

    display: Display
    interval: float
    liveness_file: Path | None
    clock: Callable[[], float]
    moment: Callable[[], Moment]
    unheard: Callable[[], None]
    """Called when the reader of the progress is gone."""
    _shown: float | None = None
    _touched: float = float("-inf")

    def __call__(self) -> None:
        now = self.clock()
        if self.liveness_file and now - self._touched >= _TOUCH:
            self._touched = now
            with storage(self.liveness_file, "touch"):
                self.liveness_file.touch()
        if self._shown is None:
            self._shown = now
        elif now - self._shown >= self.interval:
            self._shown = now
            try:
                self.display.show(now, self.moment())
            except BrokenPipeError:
                self.unheard()
