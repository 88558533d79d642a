"""The producer: how fast, in bursts or packed; started and stopped by the command line that a user would type."""

import json
import shlex
from typing import Any

from nicegui import ui

from local.console.desk import Desk
from local.console.page.widgets import News, attempt, box, heading, text
from local.console.screen import safe

LINES_SHOWN = 6


class ProducerCard:
    """Renders itself where it is made; `refresh` shows how the producer is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._news = News()
        self._known = False
        self._build()

    def refresh(self) -> None:
        if (status := self._news.of(self._desk.producer)) is not None:
            self._show(status)

    def _build(self) -> None:
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

    def _show(self, status: dict[str, Any]) -> None:
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
