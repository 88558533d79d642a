"""Flow: the pipeline as a live picture."""

from typing import Any

from nicegui import ui

from local.console import cost
from local.console.backlog import Waiting
from local.console.desk import Viewer
from local.console.flow import Flow, Held, Landed
from local.console.pipeline import Pipeline
from local.console.screen import age, number, safe, size
from local.console.widgets import box, empty, heading, lines, plural, problem, text

SHOWN = 8
BILL_EVERY = 5
"""Looks between two bills: a sum that changes each second cannot be read."""

FEW = 3
"""Points that need dots to be seen."""
FASTEST, SLOWEST = 0.25, 2.0
"""Seconds in which a dot of a wire moves on, by rate."""


class FlowTab:
    """Producer, stream, transform, objects, table; rates, buffers, errors, what is new and what it costs."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._version = -1
        self._billed = 0
        self._said: list[str] = []
        self._listed: list[str] | None = None
        self._seen: set[str] = set()
        self._stages: dict[str, _Stage] = {}
        self._wires: list[ui.element] = []

    def build(self) -> None:
        self._problem = box("stack")
        with box("line"):
            self._stages["producer"] = _Stage("sensors", "Producer")
            self._wire()
            self._stages["stream"] = _Stage("stream", "Delivery stream")
            self._wire()
            self._stages["transform"] = _Stage("transform", "Transform", fill=True)
            self._wire("out")
            self._stages["objects"] = _Stage("inventory_2", "Objects", fill=True)
            self._wire("out")
            self._stages["table"] = _Stage("table_chart", "Table")
        self._errors = ui.element("div").classes("errors-strip")
        with self._errors:
            self._errors_icon = ui.icon("check_circle").classes("good").style("font-size: 18px")
            self._errors_text = text()
            self._retries = text("", "muted num")
            self._retrying = text("", "bad pre")
        with box("grid2"):
            with box("card live"):
                heading("Records per second")
                self._chart = ui.echart(
                    lines([("In", [], False), ("Delivered", [], False)], "count", area=True), renderer="svg"
                )
            with box("card"):
                heading("What this would cost on AWS")
                self._bill = ui.element("div").classes("stack")
        with box("card"):
            heading("Newest objects")
            self._objects = ui.element("div").classes("stack")

    def _wire(self, kind: str = "") -> None:
        self._wires.append(ui.element("div").classes(f"wire {kind}").props("aria-hidden=true"))

    def refresh(self) -> None:
        feed = self._desk.flow
        flow = feed.look()
        if feed.version == self._version:
            return
        self._version = feed.version
        self._complain([feed.problem] if feed.problem else flow.problems if flow else [])
        if flow is not None and (pipeline := self._desk.source.known) is not None:
            self._picture(flow, pipeline)
            self._draw()
            self._cost(flow)
            self._list(flow)

    def _complain(self, said: list[str]) -> None:
        if said != self._said:
            self._said = said
            self._problem.clear()
            with self._problem:
                for each in said:
                    problem(each)

    def _picture(self, flow: Flow, pipeline: Pipeline) -> None:
        stages = self._stages
        stages["producer"].show("PutRecordBatch", rate(flow.records_in), ["now" if flow.live else "in the last minute"])
        stages["stream"].show(pipeline.stream, (f"{size(flow.bytes_in or 0)}/s", "accepted"), [_refused(flow)])
        if pipeline.transform:
            transform, until = pipeline.transform, _until(flow.transform, pipeline.transform.interval)
            full = _fill(flow.transform, transform.size_bytes, transform.interval)
            stages["transform"].show(transform.function, _held(flow.transform), [until], fill=full)
        else:
            stages["transform"].show("none", ("-", ""), ["records go on as they are"])
        full = _fill(flow.destination, pipeline.size_bytes, pipeline.interval)
        figure = _held(flow.destination) if flow.live else rate(flow.records_out)
        newest = f"newest {_ago(flow, flow.landed[0])}" if flow.landed else "none yet"
        notes = [_until(flow.destination, pipeline.interval), newest]
        stages["objects"].show(pipeline.bucket, figure, notes, fill=full)
        queryable = (age(flow.row_age), "newest row") if flow.newest_row else ("-", "no row yet")
        fresh = (
            f"oldest undelivered {age(flow.freshness)}" if flow.freshness is not None else "queryable as objects land"
        )
        stages["table"].show(f"{pipeline.database}.{pipeline.table}", queryable, [fresh])
        self._pace(flow)
        self._trouble(flow)

    def _pace(self, flow: Flow) -> None:
        for wire, moving in zip(self._wires, [flow.records_in] * 2 + [flow.records_out] * 2, strict=True):
            if moving and moving > 0:
                pace = max(FASTEST, SLOWEST / (1 + moving) ** 0.3)
                wire.classes(add="on").style(f"--pace: {pace:.2f}s")
            else:
                wire.classes(remove="on")

    def _trouble(self, flow: Flow) -> None:
        waiting, failing = flow.waiting, bool(flow.failed or flow.throttled or flow.retrying)
        hurt = bool(waiting.objects) or failing
        self._errors.classes(remove="hurt", add="hurt" if hurt else "")
        self._errors_icon.props(f"name={'error' if hurt else 'lock' if waiting.problem else 'check_circle'}")
        self._errors_icon.classes(
            remove="good bad muted", add="bad" if hurt else "muted" if waiting.problem else "good"
        )
        self._errors_text.set_text(_in_errors(waiting))
        counted = (
            "" if flow.retries is None else f"{plural(flow.retries, 'retry', 'retries')} since the gateway started"
        )
        self._retries.set_text(counted or "retries: - (AWS publishes no count of them)")
        self._retrying.set_text(f"trying again: {safe(flow.retrying, 200)}" if flow.retrying else "")

    def _draw(self) -> None:
        points = list(self._desk.source.live.pulse.points)
        for line in self._chart.options["series"]:
            line["showSymbol"] = len(points) < FEW
        self._chart.options["series"][0]["data"] = [[at, come] for at, come, _ in points]
        self._chart.options["series"][1]["data"] = [[at, gone] for at, _, gone in points]
        self._chart.update()

    def _cost(self, flow: Flow) -> None:
        if self._version < self._billed + BILL_EVERY and self._billed and flow.records_in:
            return
        self._billed = self._version if flow.records_in else 0
        self._bill.clear()
        with self._bill:
            if not flow.records_in:
                empty("No traffic to put a price on.", "Start the producer on the Controls tab.")
                return
            _bill(flow)

    def _list(self, flow: Flow) -> None:
        keys = [each.object.key for each in flow.landed[:SHOWN]]
        if keys == self._listed:
            return
        self._listed = keys
        self._objects.clear()
        with self._objects:
            if not flow.landed:
                empty(
                    "No object has been delivered yet.",
                    "Start the producer on the Controls tab, or put a record with any AWS client.",
                )
                return
            _landed(flow, self._seen)
        self._seen |= {each.object.key for each in flow.landed}


class _Stage:
    """One box of the picture."""

    def __init__(self, icon: str, title: str, *, fill: bool = False) -> None:
        with box("stage") as self.element:
            with box("name"):
                ui.icon(icon).props("aria-hidden=true")
                text(title)
            self._resource = text("", "mono muted cut")
            with box("big"):
                self._figure = ui.element("span")
                with self._figure:
                    self._number = text()
                self._unit = text("", "muted small")
            self._bar: Any = None
            if fill:
                with box("fill"):
                    self._bar = ui.element("div").style("width: 0%")
            self._notes = text("", "muted small pre")

    def show(self, resource: str, figure: tuple[str, str], notes: list[str], *, fill: float = 0) -> None:
        self._resource.set_text(resource)
        self._number.set_text(figure[0])
        self._unit.set_text(figure[1])
        self._notes.set_text("\n".join(notes))
        if self._bar is not None:
            self._bar.style(f"width: {min(100, max(0, fill * 100)):.0f}%")


def _in_errors(waiting: Waiting) -> str:
    if waiting.problem:
        return "What lies in errors/ is for operators only: see Objects"
    if not waiting.objects:
        return "Nothing waits in errors/" if waiting.healed else "Nothing in errors/"
    volume = size(sum(each.size for each in waiting.objects))
    more = "more than " * waiting.more
    said = f"{more}{plural(len(waiting.objects), 'error object')}, {volume}"
    return f"{said}: see Objects for the reasons and to send them again"


def rate(per_second: float | None) -> tuple[str, str]:
    return ("-", "records/s") if per_second is None else (number(per_second), "records/s")


def _refused(flow: Flow) -> str:
    return f"{number(flow.throttled)} records/s throttled" if flow.throttled else "none throttled"


def _held(held: Held) -> tuple[str, str]:
    if held.bytes is None:
        return "-", "what it holds is not reported"
    return size(held.bytes), f"buffered, {held.records or 0:,} records"


def _until(held: Held, interval: int) -> str:
    if held.flush_in is None:
        return f"flushes every {interval} s or when full"
    return f"flushes in {max(0, held.flush_in):.0f} s"


def _fill(held: Held, limit: int, interval: int) -> float:
    """Return how near the buffer is to its next flush, by bytes or by time, whichever comes first."""
    by_time = 0 if held.flush_in is None or not interval else 1 - held.flush_in / interval
    return max((held.bytes or 0) / limit, by_time)


def _bill(flow: Flow) -> None:
    records, volume = flow.records_in or 0, flow.bytes_in or 0
    as_is = cost.monthly(records, volume, flow.objects_out)
    fewer, larger, each = cost.packed(records, volume / records)
    packed = cost.monthly(fewer, larger, flow.objects_out)
    with box("bill"):
        text("USD a month, if it went on so", "muted small")
        text("as it comes", "muted small right")
        text(f"{each} per record" if each > 1 else "packed", "muted small right")
        for name in ("ingestion", "conversion", "function", "objects", "total"):
            last = " sum" if name == "total" else ""
            text(name.capitalize() if name != "objects" else "Putting objects", last)
            text(f"{getattr(as_is, name):,.2f}", f"right{last}")
            text(f"{getattr(packed, name):,.2f}", f"right{last}")
    text(
        f"A record of {volume / records:,.0f} B is billed as {cost.billed_bytes(volume / records):,} B."
        " List prices of us-east-1, without the crawler, alarms and storage.", "muted small",
    )  # fmt: skip


def _landed(flow: Flow, seen: set[str]) -> None:
    with box("objects num"):
        for landed in flow.landed[:SHOWN]:
            fresh = " fresh" if seen and landed.object.key not in seen else ""
            text(landed.object.key, f"mono cut{fresh}")
            text(_rows(landed), f"right{fresh}")
            text(size(landed.object.size), f"right wide{fresh}")
            text(f"{landed.object.modified:%H:%M:%S}", f"right muted{fresh}")


def _ago(flow: Flow, landed: Landed) -> str:
    return f"{age((flow.now - landed.object.modified).total_seconds())} ago"


def _rows(landed: Landed) -> str:
    return "" if landed.footer is None else f"{landed.footer.rows:,} rows"
