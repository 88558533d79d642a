"""The boxes of the live picture: what each says, worked out from one look at the pipeline."""

from dataclasses import dataclass
from typing import Any

from nicegui import ui

from local.console.flow import Flow, Held
from local.console.page.widgets import box, text
from local.console.pipeline import Pipeline
from local.console.screen import age, number, size


@dataclass(frozen=True)
class Look:
    """What one box says."""

    resource: str
    figure: str
    unit: str
    notes: list[str]
    full: float = 0
    """How near a buffer is to its next flush, from 0 to 1."""


class Stage:
    """One box: a name, a resource, a figure and notes; `fill` adds a bar."""

    def __init__(self, icon: str, title: str, *, fill: bool = False) -> None:
        with box("stage"):
            with box("name"):
                ui.icon(icon).props("aria-hidden=true")
                text(title)
            self._resource = text("", "mono muted cut")
            with box("big"):
                self._number = text()
                self._unit = text("", "muted small")
            self._bar: Any = None
            if fill:
                with box("fill"):
                    self._bar = ui.element("div").style("width: 0%")
            self._notes = text("", "muted small pre")

    def show(self, look: Look) -> None:
        self._resource.set_text(look.resource)
        self._number.set_text(look.figure)
        self._unit.set_text(look.unit)
        self._notes.set_text("\n".join(look.notes))
        if self._bar is not None:
            self._bar.style(f"width: {min(100, max(0, look.full * 100)):.0f}%")


def looks(flow: Flow, pipeline: Pipeline) -> dict[str, Look]:
    """Return what every box says, by its name."""
    return {
        "producer": Look("PutRecordBatch", *_rate(flow.records_in), ["now" if flow.live else "in the last minute"]),
        "stream": _stream(flow, pipeline),
        "transform": _transform(flow, pipeline),
        "objects": _objects(flow, pipeline),
        "table": _table(flow, pipeline),
    }


def _stream(flow: Flow, pipeline: Pipeline) -> Look:
    figure = "-" if flow.bytes_in is None else f"{size(flow.bytes_in)}/s"
    throttled = f"{number(flow.throttled)} records/s throttled" if flow.throttled else "none throttled"
    return Look(pipeline.stream, figure, "accepted", [throttled])


def _transform(flow: Flow, pipeline: Pipeline) -> Look:
    if (transform := pipeline.transform) is None:
        return Look("none", "-", "", ["records go on as they are"])
    notes = [_until(flow.transform, transform.interval)]
    full = _full(flow.transform, transform.size_bytes, transform.interval)
    return Look(transform.function, *_held(flow.transform), notes, full)


def _objects(flow: Flow, pipeline: Pipeline) -> Look:
    figure = _held(flow.destination) if flow.live else _rate(flow.records_out)
    newest = flow.landed[0].object.modified if flow.landed else None
    landed = f"newest {age((flow.now - newest).total_seconds())} ago" if newest else "none yet"
    notes = [_until(flow.destination, pipeline.interval), landed]
    return Look(pipeline.bucket, *figure, notes, _full(flow.destination, pipeline.size_bytes, pipeline.interval))


def _table(flow: Flow, pipeline: Pipeline) -> Look:
    queryable = (age(flow.row_age), "age of the newest row") if flow.newest_row else ("-", "no row yet")
    undelivered = f"oldest undelivered {age(flow.freshness)}"
    notes = ["queryable as objects land" if flow.freshness is None else undelivered]
    return Look(f"{pipeline.database}.{pipeline.table}" if pipeline.table else "none", *queryable, notes)


def _rate(per_second: float | None) -> tuple[str, str]:
    return ("-", "records/s") if per_second is None else (number(per_second), "records/s")


def _held(held: Held) -> tuple[str, str]:
    if held.bytes is None:
        return "-", "what it holds is not reported"
    return size(held.bytes), f"buffered, {held.records or 0:,} records"


def _until(held: Held, interval: int) -> str:
    if held.flush_in is None:
        return f"flushes every {interval} s or when full"
    return f"flushes in {max(0, held.flush_in):.0f} s"


def _full(held: Held, limit: int, interval: int) -> float:
    """Return how near the buffer is to its next flush, by bytes or by time, whichever comes first."""
    by_time = 0 if held.flush_in is None or not interval else 1 - held.flush_in / interval
    return max((held.bytes or 0) / limit, by_time)
