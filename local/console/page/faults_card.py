"""Faults to switch on and off, and records that are bad on purpose."""

from collections.abc import Coroutine
from typing import Any

from nicegui import ui

from local.console.desk import Desk
from local.console.faults import SWITCHES
from local.console.page.widgets import News, attempt, box, empty, heading, text


class FaultsCard:
    """Renders itself where it is made; `refresh` shows which faults are on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._news = News()
        self._switches: dict[str, ui.switch] = {}
        self._hushed = False
        self._build()

    def refresh(self) -> None:
        if (state := self._news.of(self._desk.faults)) is not None:
            self._show(state)

    def _build(self) -> None:
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

    def _show(self, state: dict[str, Any]) -> None:
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
                    switch = ui.switch(on_change=lambda event, name=name: self._turned(name, on=bool(event.value)))
                    switch.props(f'dense aria-label="{title}"')
                    with ui.element("div"):
                        text(title)
                        text(effect, "muted small")
                    self._switches[name] = switch

    def _turned(self, name: str, *, on: bool) -> Coroutine[Any, Any, None] | None:
        """Switch what the viewer turned; what is only shown was turned elsewhere, and may be over by now."""
        return None if self._hushed else self._switch(name, on=on)

    async def _switch(self, name: str, *, on: bool) -> None:
        title = SWITCHES.get(name, (name, ""))[0]
        said = f"“{title}” is {'on' if on else 'off'}"
        await attempt(self._desk, said, lambda: self._desk.source.act("faults", **{name: on}))
        self._desk.faults.stale()
