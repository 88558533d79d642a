"""Monitoring: the charts of the Firehose console, alarms with their reasons, log events of failed deliveries."""

from itertools import groupby
from typing import Any

from nicegui import ui

from local.console.desk import PERIODS, SPANS, Viewer
from local.console.feeds import Feed
from local.console.metrics import CHARTS, Drawn
from local.console.page.charts import lines
from local.console.page.widgets import box, empty, heading, problem, text
from local.console.screen import number, size
from local.console.signals import Alarm, Event

STATES = {"ALARM": ("bad", "notifications_active"), "OK": ("good", "check_circle"),
          "INSUFFICIENT_DATA": ("warn", "hourglass_empty")}  # fmt: skip

SMALL = 10
"""Percent below which one digit is said."""


class MonitoringTab:
    """Charts over a range in a period; quota lines on or off."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._span = 3600
        self._period = 60
        self._quotas = True
        self._shown: dict[str, tuple[object, ...]] = {}
        self._charts: list[tuple[ui.echart, ui.label]] = []
        self._rung: list[Alarm] | None = None

    def build(self) -> None:
        with box("card"):
            heading("Alarms")
            self._alarms = ui.element("div")
        self._problem = ui.element("div")
        for section, charts in groupby(CHARTS, lambda chart: chart.section):
            with box("bunch"):
                heading(section)
                if not self._charts:
                    self._choices()
            with box("grid3"):
                for chart in charts:
                    with box("card chart"):
                        heading(chart.title)
                        note = text("", "muted small")
                        drawing = ui.echart(
                            lines([(each.label, [], each.limit) for each in chart.lines], chart.unit), renderer="svg"
                        )
                        drawing.props(f'role=img aria-label="{chart.title}"')
                        self._charts.append((drawing, note))
        with box("card"):
            heading("Error logs")
            self._events = ui.element("div")

    def _choices(self) -> None:
        ui.element("div").classes("spacer")
        for label, choices, value, act in (
            ("Range", SPANS, self._span, self._range), ("Period", PERIODS, self._period, self._every),
        ):  # fmt: skip
            select = ui.select(
                choices, value=value, label=label, on_change=lambda event, act=act: act(int(event.value))
            )
            select.props("dense outlined options-dense").style("min-width: 105px")
            if label == "Period":
                self._periods = select
        ui.switch("Quota lines", value=True, on_change=lambda event: self._quota(on=bool(event.value))).props("dense")

    def _range(self, span: int) -> None:
        self._span = span
        self._period = self._desk.shortest_period(span)
        self._periods.set_value(self._period)

    def _every(self, period: int) -> None:
        self._period = max(period, self._desk.shortest_period(self._span))
        if self._period != period:
            ui.notify(f"Over {SPANS[self._span]} the shortest period shown is {PERIODS[self._period]}")
            self._periods.set_value(self._period)

    def _quota(self, *, on: bool) -> None:
        self._quotas = on

    def refresh(self) -> None:
        charts, alarms, events = self._desk.charts(self._span, self._period), self._desk.alarms, self._desk.events
        drawn, rung, logged = charts.look(), alarms.look(), events.look()
        if self._news("alarms", alarms) and rung is not None:
            self._show_alarms(rung)
        if self._news("charts", charts, self._span, self._period, self._quotas):
            self._problem.clear()
            if charts.problem:
                with self._problem:
                    problem(charts.problem)
            if drawn is not None:
                self._show_charts(drawn)
        if self._news("events", events):
            self._show_events(logged or [], events.problem)

    def _news(self, name: str, feed: Feed[Any], *settings: object) -> bool:
        state = (feed.version, *settings)
        changed = feed.version > 0 and self._shown.get(name) != state
        if changed:
            self._shown[name] = state
        return changed

    def _show_alarms(self, alarms: list[Alarm]) -> None:
        if alarms == self._rung:
            return  # what somebody has opened stays open
        self._rung = alarms
        self._alarms.clear()
        with self._alarms:
            if not alarms:
                empty("The stack has no alarm.", "template.yaml describes them: AWS::CloudWatch::Alarm.")
            with box("alarms"):
                for alarm in alarms:
                    _alarm(alarm)

    def _show_charts(self, drawn: list[Drawn]) -> None:
        for each, (drawing, note) in zip(drawn, self._charts, strict=True):
            chart = each.chart
            pairs = [
                (line, points) for line, points in zip(chart.lines, each.data, strict=True)
                if self._quotas or not line.limit
            ]  # fmt: skip
            limit = next((points[-1][1] for line, points in pairs if line.limit and points), None)
            series = [
                (line.label, [(at, value if limit is None or value > 0 else None) for at, value in points], line.limit)
                for line, points in pairs
            ]
            end = int(self._desk.source.clock().timestamp() * 1000)
            span = (end - self._span * 1000, end)
            options = lines(series, chart.unit, logarithmic=limit is not None, span=span)
            drawing.options.clear()
            drawing.options.update(options)
            drawing.update()
            note.set_text(_note(each, limit))

    def _show_events(self, events: list[Event], trouble: str) -> None:
        self._events.clear()
        with self._events:
            if trouble:
                problem(trouble)
            elif not events:
                hint = "" if self._desk.source.read_only else "Switch on a fault on the Controls tab to see one."
                empty("No failed delivery was logged.", hint)
            for event in events:
                with box("event"):
                    text(f"{event.at:%H:%M:%S}", "num muted small").tooltip(f"{event.at:%Y-%m-%d %H:%M:%S} UTC")
                    text(event.code, "mono bad cut")
                    text(event.message, "small pre")


def _alarm(alarm: Alarm) -> None:
    kind, icon = STATES[alarm.state]
    ringing = alarm.state == "ALARM"
    with ui.element("details").classes("alarm ringing" if ringing else "alarm") as details:
        if ringing:
            details.props("open")
        with ui.element("summary"):
            ui.icon(icon).classes(kind).style("font-size: 17px").props("aria-hidden=true")
            text(alarm.name, "strong cut")
            text(alarm.state.replace("_", " ").lower(), f"{kind} small")
            ui.icon("expand_more").style("font-size: 18px").props("aria-hidden=true")
        with box("told"):
            text(alarm.description, "small muted")
            since = f" (since {alarm.changed:%Y-%m-%d %H:%M:%S} UTC)" if alarm.changed else ""
            text(f"{alarm.reason or 'not evaluated yet'}{since}", "small pre")


def _note(drawn: Drawn, limit: float | None) -> str:
    """Return the latest value in words, and how much of the quota the highest one used."""
    pairs = zip(drawn.chart.lines, drawn.data, strict=True)
    found = [(line, points) for line, points in pairs if not line.limit and points]
    if not found:
        return "no data in this range"
    named = [
        _amount(points[-1][1], drawn.chart.unit)
        + (f" {line.label}" if sum(not each.limit for each in drawn.chart.lines) > 1 else "")
        for line, points in found
    ]
    said = f"latest {' · '.join(named)}"
    points = found[0][1]
    if limit:
        used = 100 * max(value for _, value in points) / limit
        said += f" · at most {used:.1g} % of the quota" if used < SMALL else f" · at most {used:.0f} % of the quota"
    return said


def _amount(value: float, unit: str) -> str:
    if unit == "bytes":
        return size(value)
    return number(value) + {"percent": " %", "seconds": " s", "milliseconds": " ms"}.get(unit, "")
