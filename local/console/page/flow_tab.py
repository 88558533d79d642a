"""Flow: the pipeline as a live picture."""

from nicegui import ui

from local.console.desk import Viewer
from local.console.flow import Flow, Landed, Waiting, drawn
from local.console.page.charts import lines
from local.console.page.cost_card import CostCard
from local.console.page.stage import Stage, looks
from local.console.page.widgets import box, empty, heading, plural, problem, text
from local.console.screen import key, number, safe, size

SHOWN = 8
FEW = 3
"""Points that need dots to be seen."""
FASTEST, SLOWEST = 0.25, 2.0
"""Seconds in which a dot of a wire moves on, by rate."""


class FlowTab:
    """Producer, stream, transform, objects, table; rates, buffers, errors, what is new and what it costs."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._version = -1
        self._said: list[str] = []
        self._listed: list[str] | None = None
        self._seen: set[str] = set()
        self._stages: dict[str, Stage] = {}
        self._wires: list[ui.element] = []

    def build(self) -> None:
        self._problem = box("stack")
        with box("line"):
            self._stages["producer"] = Stage("sensors", "Producer")
            self._wire()
            self._stages["stream"] = Stage("stream", "Delivery stream")
            self._wire()
            self._stages["transform"] = Stage("transform", "Transform", fill=True)
            self._wire("out")
            self._stages["objects"] = Stage("inventory_2", "Objects", fill=True)
            self._wire("out")
            self._stages["table"] = Stage("table_chart", "Table")
        self._errors = ui.element("div").classes("errors-strip")
        with self._errors:
            self._errors_icon = ui.icon("check_circle").classes("good").style("font-size: 18px")
            self._errors_text = text()
            self._failing = text("", "bad num")
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
                self._cost = CostCard(self._start_hint)
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
            for name, look in looks(flow, pipeline).items():
                self._stages[name].show(look)
            self._pace(flow)
            self._trouble(flow)
            self._draw(flow)
            self._cost.show(flow)
            self._list(flow)

    @property
    def _start_hint(self) -> str:
        if self._desk.source.read_only:
            return "Put records into the stream: a producer may run anywhere with the stack's ProducerTaskRole."
        return "Start the producer on the Controls tab, or put a record with any AWS client."

    def _complain(self, said: list[str]) -> None:
        if said != self._said:
            self._said = said
            self._problem.clear()
            with self._problem:
                for each in said:
                    problem(each)

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
        self._errors_text.set_text(_in_errors(waiting, writable=not self._desk.source.read_only))
        failing_now = [f"{number(each)} records/s {said}" for each, said in
                       ((flow.failed, "failing"), (flow.throttled, "throttled")) if each]  # fmt: skip
        self._failing.set_text(" · ".join(failing_now))
        self._retries.set_text(_retries(flow))
        self._retrying.set_text(f"trying again: {safe(flow.retrying, 200)}" if flow.retrying else "")

    def _draw(self, flow: Flow) -> None:
        points, (start, end) = drawn(flow, self._desk.source.live.pulse.points)
        options = self._chart.options
        options["xAxis"] |= {"min": start, "max": end}
        for place, line in enumerate(options["series"], 1):
            line["showSymbol"] = len(points) < FEW
            line["data"] = [[each[0], each[place]] for each in points]
        self._chart.update()

    def _list(self, flow: Flow) -> None:
        keys = [each.object.key for each in flow.landed[:SHOWN]]
        if keys == self._listed:
            return
        self._listed = keys
        self._objects.clear()
        with self._objects:
            if not flow.landed:
                empty("No object has been delivered yet.", self._start_hint)
                return
            _landed(flow, self._seen)
        self._seen = {each.object.key for each in flow.landed}


def _in_errors(waiting: Waiting, *, writable: bool) -> str:
    if waiting.problem:
        return "What lies in errors/ is for operators only: see Objects"
    if not waiting.objects:
        return "Nothing waits in errors/" if waiting.healed else "Nothing in errors/"
    volume = size(sum(each.size for each in waiting.objects))
    more = "more than " * waiting.more
    said = f"{more}{plural(len(waiting.objects), 'error object')}, {volume}"
    return f"{said}: see Objects for the reasons{' and to send them again' * writable}"


def _retries(flow: Flow) -> str:
    if flow.retries is None:
        return "retries: - (AWS publishes no count of them)"
    return f"{plural(flow.retries, 'retry', 'retries')} since the gateway started"


def _landed(flow: Flow, seen: set[str]) -> None:
    with box("objects num"):
        for landed in flow.landed[:SHOWN]:
            fresh = " fresh" if seen and landed.object.key not in seen else ""
            text(key(landed.object.key), f"mono cut{fresh}")
            text(_rows(landed), f"right{fresh}")
            text(size(landed.object.size), f"right wide{fresh}")
            text(f"{landed.object.modified:%H:%M:%S}", f"right muted{fresh}")


def _rows(landed: Landed) -> str:
    return "" if landed.footer is None else f"{landed.footer.rows:,} rows"
