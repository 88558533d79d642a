"""The one page: its header, its tabs, and the heartbeat that keeps the tab in view up to date."""

from collections.abc import Callable
from typing import Protocol

from nicegui import ui

from local.console.desk import Desk, Viewer
from local.console.page.controls_tab import ControlsTab
from local.console.page.flow_tab import FlowTab
from local.console.page.monitoring_tab import MonitoringTab
from local.console.page.objects_tab import ObjectsTab
from local.console.page.query_tab import QueryTab
from local.console.page.widgets import box, text

BEAT_SECONDS = 0.5


class Tab(Protocol):
    """One tab: built when it is first opened, refreshed while it is in view."""

    def build(self) -> None: ...

    def refresh(self) -> None: ...


TABS: dict[str, tuple[str, Callable[[Viewer], Tab]]] = {
    "flow": ("Flow", FlowTab),
    "monitoring": ("Monitoring", MonitoringTab),
    "objects": ("Objects", ObjectsTab),
    "query": ("Query", QueryTab),
    "controls": ("Controls", ControlsTab),
}


def show(desk: Desk, opened: str, theme: str) -> None:
    """Build the page for one viewer, with this tab in view; `theme` is light, dark or what the system prefers."""
    dark = ui.dark_mode({"light": False, "dark": True}.get(theme))
    _Page(desk, Viewer(desk, dark), opened if opened in TABS else "flow").build()


class _Page:
    def __init__(self, desk: Desk, viewer: Viewer, opened: str) -> None:
        self._desk = desk
        self._viewer = viewer
        self._opened = opened
        self._tabs: dict[str, Tab] = {name: make(viewer) for name, (_, make) in TABS.items()}
        self._built: set[str] = set()
        self._panels: dict[str, ui.tab_panel] = {}

    def build(self) -> None:
        with ui.header().classes("bar"), box("bar-in"):
            self._head()
            with ui.tabs() as tabs:
                tabs.props("dense no-caps align=left inline-label outside-arrows mobile-arrows")
                for name, (label, _) in TABS.items():
                    ui.tab(name, label=label)
        with ui.tab_panels(tabs, value=self._opened, animated=False).props("keep-alive") as self._all:
            for name in TABS:
                self._panels[name] = ui.tab_panel(name)
        with box("absent") as self._absent, box("empty"):
            self._reason = text("Looking for the stack …")
            text("This page goes on by itself as soon as there is something to show.", "small")
        self._open(self._opened)
        self._all.on_value_change(lambda event: self._open(str(event.value)))
        ui.timer(BEAT_SECONDS, self._beat)

    def _head(self) -> None:
        text("Streaming console", "brand").props("role=heading aria-level=1")
        with box("place bunch"):
            self._place = text("", "muted cut")
            source = self._desk.source
            text("local" if source.local else "AWS · read-only" if source.read_only else "AWS", "chip")
        box("spacer").props("aria-hidden=true")
        self._alarms = (
            ui.button("", color=None, on_click=lambda: self._go("monitoring"))
            .classes("chip")
            .props("flat dense no-caps")
        )
        toggle = ui.button(icon="contrast", on_click=self._toggle).props("flat round dense aria-label='Light or dark'")
        with toggle:
            ui.tooltip("Light or dark")

    async def _toggle(self) -> None:
        now_dark = self._viewer.dark.value
        if now_dark is None:
            now_dark = await ui.run_javascript("document.body.classList.contains('body--dark')")
        self._viewer.dark.set_value(not now_dark)

    def _go(self, name: str) -> None:
        self._all.set_value(name)

    def _open(self, name: str) -> None:
        self._opened = name
        if name not in self._built:
            self._built.add(name)
            with self._panels[name], box("stack"):
                self._tabs[name].build()
        self._tabs[name].refresh()
        ui.run_javascript(f"history.replaceState(null, '', '?tab={name}')")

    def _beat(self) -> None:
        self._refresh_head()
        self._show_absence()
        self._tabs[self._opened].refresh()

    def _show_absence(self) -> None:
        """Say why there is nothing to show yet, in place of every tab."""
        absent = self._desk.source.known is None
        self._all.set_visibility(not absent)
        self._absent.set_visibility(absent)
        if absent:
            self._desk.flow.look()
            if said := self._desk.flow.problem:
                self._reason.set_text(said[0].upper() + said[1:])

    def _refresh_head(self) -> None:
        source = self._desk.source
        if (pipeline := source.known) is not None:
            self._place.set_text(f"stack {pipeline.stack} · stream {pipeline.stream} · {pipeline.region}")
        alarms = self._desk.alarms.look()
        ringing = [each for each in alarms or [] if each.state == "ALARM"]
        label = f"{len(ringing)} in alarm" if ringing else "No alarm" if alarms else "Alarms: none yet"
        self._alarms.set_text(label)
        self._alarms.classes(remove="good bad", add="bad" if ringing else "good" if alarms else "")
