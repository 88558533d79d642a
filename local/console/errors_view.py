"""Error documents, decoded: the reason in words, the record masked, and sending it again for one, some or all."""

from collections import Counter

from nicegui import ui

from local.console.desk import Desk
from local.console.explain import why
from local.console.failures import Failure
from local.console.screen import safe
from local.console.widgets import attempt, box, empty, heading, problem, text

DECODED_OBJECTS = 40
"""Error objects read at once, newest first; the next follow when these are gone."""

SHOWN = 50


class ErrorsView:
    """The failed records of the newest error objects."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keys: list[str] | None = None
        self._only: str | None = None
        self._found: list[Failure] = []
        self._chosen: dict[tuple[str, int], ui.checkbox] = {}
        self._reading = False

    def build(self) -> None:
        with box("bunch"):
            heading("Failed records")
            self._summary = text("", "muted small")
            ui.element("div").classes("spacer")
            self._all = ui.button("All error objects", on_click=self._everything).props("flat dense no-caps")
            self._some_button = ui.button("Redrive chosen", icon="replay", on_click=self._redrive_chosen)
            self._all_button = ui.button("Redrive all", icon="replay", on_click=self._redrive_all)
            for button in (self._some_button, self._all_button):
                button.props("outline dense no-caps padding='2px 10px'").set_visibility(False)
        self._all.set_visibility(False)
        self._list = ui.element("div").classes("stack failures")

    def refresh(self) -> None:
        feed = self._desk.flow
        flow = feed.look()
        if flow is None:
            return
        keys = [each.key for each in flow.errors][:DECODED_OBJECTS]
        if self._only is not None or self._reading or keys == self._keys:
            return
        self._keys = keys
        ui.timer(0, lambda: self._read(keys), once=True)

    async def only(self, key: str) -> None:
        """Show the records of one error object."""
        self._only = key
        self._all.set_visibility(True)
        await self._read([key])

    async def _everything(self) -> None:
        self._only = None
        self._all.set_visibility(False)
        await self._read(self._keys or [])

    async def _read(self, keys: list[str]) -> None:
        self._reading = True
        try:
            found = await self._desk.feeds.thread(self._desk.source.failures, keys)
        except Exception as error:  # noqa: BLE001 - shown in place, and the next look tries again
            self._list.clear()
            with self._list:
                problem(why(error))
            return
        finally:
            self._reading = False
        self._found = sorted(found, key=lambda each: (each.arrived is not None, each.arrived, each.line), reverse=True)
        self._show()

    def _show(self) -> None:
        self._list.clear()
        self._chosen.clear()
        writable = bool(self._found) and not self._desk.source.read_only
        self._some_button.set_visibility(writable)
        self._all_button.set_visibility(writable)
        codes = Counter(each.code for each in self._found)
        self._summary.set_text(" · ".join(f"{count:,} {code}" for code, count in codes.most_common()))
        with self._list:
            if not self._found:
                empty("Nothing in the error prefix: every record was transformed and converted.",
                      "The Controls tab can put malformed records, to see what becomes of them.")  # fmt: skip
            for failure in self._found[:SHOWN]:
                self._row(failure)
            if len(self._found) > SHOWN:
                text(f"{len(self._found) - SHOWN:,} more are not listed; “Redrive all” sends them too.", "muted small")

    def _row(self, failure: Failure) -> None:
        with box("failure"):
            chosen = ui.checkbox().props(f"dense aria-label='Choose record {failure.line + 1}'")
            chosen.set_visibility(not self._desk.source.read_only)
            self._chosen[failure.key, failure.line] = chosen
            with box("stack").style("gap: 3px"):
                text(failure.words)
                text(f"{failure.code}: {failure.message}", "muted small pre")
                for document in failure.shown[:3]:
                    text(document or "(an empty record)", "mono pre scroll record")
            with box("stack").style("gap: 3px"):
                text(f"{failure.arrived:%H:%M:%S}" if failure.arrived else "", "muted small num")
                if not self._desk.source.read_only:
                    button = ui.button("Redrive", on_click=lambda: self._redrive([failure]))
                    button.props("flat dense no-caps")
        self._chosen[failure.key, failure.line].tooltip(safe(failure.key))

    async def _redrive_chosen(self) -> None:
        wanted = [each for each in self._found if (box_ := self._chosen.get((each.key, each.line))) and box_.value]
        if not wanted:
            ui.notify("Choose records first: each has a box on its left.")
            return
        await self._redrive(wanted)

    async def _redrive_all(self) -> None:
        await self._redrive(self._found)

    async def _redrive(self, failures: list[Failure]) -> None:
        answer = await attempt(self._desk, _said, self._desk.source.redrive, failures)
        if answer is not None:
            self._desk.flow.stale()
            await self._everything()


def _said(answer: tuple[int, int]) -> str:
    accepted, refused = answer
    said = f"{accepted:,} record{'s' * (accepted != 1)} sent again"
    return f"{said}; {refused:,} were refused and stay" if refused else f"{said}; watch them land, or fail again"
