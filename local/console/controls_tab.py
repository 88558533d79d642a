"""Controls: the producer, delivery, and faults; each says what it changed."""

import json
import shlex
from typing import Any

from nicegui import ui

from local.console.desk import Viewer
from local.console.faults import SWITCHES
from local.console.screen import age, safe
from local.console.widgets import attempt, box, empty, heading, text

LINES_SHOWN = 6


class ControlsTab:
    """Cards for the producer, delivery and faults."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._versions: dict[str, int] = {}
        self._switches: dict[str, ui.switch] = {}
        self._hushed = False
        self._known = False

    def build(self) -> None:
        if self._desk.source.read_only:
            empty(
                "This page reads a real AWS account and changes nothing there.",
                "On the local gateway this tab starts the producer, flushes buffers and switches faults on.",
            )
            return
        with box("halves"):
            with box("card"):
                self._build_producer()
            with box("stack"):
                with box("card"):
                    self._build_delivery()
                with box("card"):
                    self._build_faults()

    # -- producer --------------------------------------------------------------------------------------------------

    def _build_producer(self) -> None:
        with box("bunch"):
            heading("Producer")
            self._state = text("", "chip")
        with box("bunch"):
            self._rate = ui.number("Records per second", value=50, min=0.1, max=100_000, format="%g")
            self._burst = ui.input("Burst, beside the rate", placeholder="none, or 1000/60s")
            self._pack = ui.switch("Pack records", on_change=self._preview).props("dense")
            with self._pack:
                ui.tooltip("Several documents in one record of just under 5 KB: the same data, billed less")
        for field in (self._rate, self._burst):
            field.props("dense outlined").style("width: 180px").on_value_change(self._preview)
        with box("bunch"):
            self._start_button = ui.button("Start", icon="play_arrow", on_click=self._start)
            self._stop_button = ui.button("Stop", icon="stop", on_click=self._stop)
            self._start_button.props("unelevated dense no-caps padding='3px 14px'")
            self._stop_button.props("outline dense no-caps padding='3px 12px'")
        text("The command", "muted small")
        self._command = text("", "command mono pre")
        text("What it says", "muted small")
        self._output = text("", "output mono pre").props("role=log")

    def _options(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {"rate": f"{self._rate.value or 50:g}"}
        if burst := str(self._burst.value or "").strip():
            chosen["burst"] = burst
        return chosen | ({"pack": True} if self._pack.value else {})

    def _preview(self) -> None:
        status = self._desk.producer.value or {}
        if not status.get("running"):
            self._command.set_text(shlex.join([*_plain(status), *_words(self._options())]))

    async def _start(self) -> None:
        options = self._options()
        self._busy(on=True)
        await attempt(self._desk, lambda found: f"Started: {shlex.join(found['command'])}", self._do, options)
        self._busy(on=False)

    def _do(self, options: dict[str, Any] | None) -> dict[str, Any]:
        wish = {"do": "stop"} if options is None else {"do": "start", "options": options}
        answer = self._desk.source.act("producer", **wish)
        self._desk.producer.stale()
        return answer

    async def _stop(self) -> None:
        self._busy(on=True)
        await attempt(self._desk, lambda found: f"Stopped. {(found['lines'] or [''])[-1]}", self._do, None)
        self._busy(on=False)

    def _busy(self, *, on: bool) -> None:
        for button in (self._start_button, self._stop_button):
            button.props(f"loading={'true' if on else 'false'}")

    def _show_producer(self, status: dict[str, Any]) -> None:
        running, configured = bool(status.get("running")), bool(status.get("configured"))
        said = "running" if running else "stopped" if configured else "not available"
        if running and not self._known:
            self._known = True
            self._take_over(status.get("options", {}))
        self._state.set_text(said)
        self._state.classes(remove="good", add="good" if running else "")
        self._start_button.set_text("Restart with these" if running else "Start")
        self._start_button.set_enabled(configured)
        self._stop_button.set_enabled(running)
        if running:
            self._command.set_text(shlex.join(status["command"]))
        elif configured:
            self._preview()
        else:
            self._command.set_text("This gateway was started without a producer: `make run` brings one.")
        lines = [safe(_short(line), 400) for line in status.get("lines", [])[-LINES_SHOWN:]]
        self._output.set_text("\n".join(lines) or "nothing yet")

    def _take_over(self, options: dict[str, Any]) -> None:
        """Show what a producer that runs already was started with."""
        if str(options.get("rate", "")).replace(".", "", 1).isdecimal():
            self._rate.set_value(float(options["rate"]))
        self._burst.set_value(str(options.get("burst", "")))
        self._pack.set_value("pack" in options)

    # -- delivery --------------------------------------------------------------------------------------------------

    def _build_delivery(self) -> None:
        heading("Delivery and catalog")
        with box("bunch"):
            flush = ui.button("Flush now", icon="publish", on_click=self._flush)
            self._crawl_button = ui.button("Crawl now", icon="travel_explore", on_click=self._crawl)
            for button in (flush, self._crawl_button):
                button.props("outline dense no-caps padding='3px 12px'")
        self._crawler = text("", "muted small")

    async def _flush(self) -> None:
        await attempt(self._desk, lambda count: f"{count:,} records delivered now", self._desk.source.flush)
        self._desk.flow.stale()

    async def _crawl(self) -> None:
        await attempt(self._desk, "The crawler has started; its state is below the button", self._desk.source.crawl)
        self._desk.crawler.stale()

    def _show_crawler(self, crawler: dict[str, Any]) -> None:
        self._crawl_button.set_enabled(bool(crawler) and crawler.get("State") == "READY")
        if not crawler:
            self._crawler.set_text("The stack has no crawler.")
            return
        last = crawler.get("LastCrawl") or {}
        said = f"Crawler {crawler['Name']}: {crawler.get('State', '').lower()}"
        if started := last.get("StartTime"):
            gone = age((self._desk.source.clock() - started).total_seconds())
            said += f"; last crawl {last.get('Status', '').lower()} {gone} ago"
        self._crawler.set_text(safe(said))

    # -- faults ----------------------------------------------------------------------------------------------------

    def _build_faults(self) -> None:
        heading("Faults")
        text("Break something, then watch the alarms on Monitoring and the reasons on Objects.", "muted small")
        with box("bunch"):
            malformed = ui.button("Put malformed records", icon="broken_image", on_click=self._malformed)
            drifted = ui.button("Put records of a drifted schema", icon="schema", on_click=self._drifted)
            for button in (malformed, drifted):
                button.props("outline dense no-caps padding='3px 12px'")
        self._faults = ui.element("div")

    async def _malformed(self) -> None:
        source = self._desk.source
        await attempt(
            self._desk, lambda count: f"{count} malformed records accepted; they land in errors/", source.put_malformed
        )

    async def _drifted(self) -> None:
        source = self._desk.source
        said = "records accepted whose values do not fit the table; conversion rejects them"
        await attempt(self._desk, lambda count: f"{count} {said}", source.put_drifted)

    def _show_faults(self, state: dict[str, Any]) -> None:
        if set(state) != set(self._switches):
            self._build_switches(state)
        self._hushed = True
        for name, on in state.items():
            self._switches[name].set_value(bool(on))
        self._hushed = False

    def _build_switches(self, state: dict[str, Any]) -> None:
        self._faults.clear()
        self._switches.clear()
        with self._faults:
            if not state:
                empty("This gateway has no faults to switch on.")
            for name in state:
                title, effect = SWITCHES.get(name, (name, ""))
                with box("fault"):
                    switch = ui.switch(on_change=lambda event, name=name: self._switch(name, on=bool(event.value)))
                    switch.props(f'dense aria-label="{title}"')
                    with ui.element("div"):
                        text(title)
                        text(effect, "muted small")
                    self._switches[name] = switch

    async def _switch(self, name: str, *, on: bool) -> None:
        if self._hushed:
            return
        title = SWITCHES.get(name, (name, ""))[0]
        said = f"“{title}” is {'on' if on else 'off'}"
        await attempt(self._desk, said, lambda: self._desk.source.act("faults", **{name: on}))
        self._desk.faults.stale()

    # -- what is so ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        if self._desk.source.read_only:
            return
        for name, feed, show in (
            ("producer", self._desk.producer, self._show_producer),
            ("crawler", self._desk.crawler, self._show_crawler),
            ("faults", self._desk.faults, self._show_faults),
        ):
            value = feed.look()
            if value is not None and self._versions.get(name) != feed.version:
                self._versions[name] = feed.version
                show(value)


def _plain(status: dict[str, Any]) -> list[str]:
    """Return the command without the options that were set last."""
    command = list(status.get("command", []))
    return command[: len(command) - len(_words(status.get("options", {})))]


def _words(options: dict[str, Any]) -> list[str]:
    return [
        part
        for name, value in options.items()
        for part in ([f"--{name}"] if value in {True, ""} else [f"--{name}", str(value)])
    ]


def _short(line: str) -> str:
    """Return a JSON log line as its message and whatever in it is not nothing; any other line as it is."""
    try:
        found = json.loads(line)
        message = found.pop("message")
    except (ValueError, KeyError, AttributeError, TypeError):
        return line
    told = [f"{name} {value:,}" for name, value in found.items() if isinstance(value, int | float) and value]
    return "  ".join([str(message), *told])
