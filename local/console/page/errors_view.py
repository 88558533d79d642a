"""Error documents, decoded: the reason in words, the record masked, and sending it again for one, some or all."""

from collections import Counter

from nicegui import ui

from local.console.backlog import Opened
from local.console.desk import Desk
from local.console.explain import why
from local.console.failures import Failure
from local.console.flow import Waiting
from local.console.page.widgets import attempt, box, empty, heading, plural, problem, text
from local.console.screen import key, safe
from local.redrive.sending import Sent
from local.redrive.stream import Report

DECODED_OBJECTS = 40
"""Error objects read at once, newest first; the next follow when these are gone."""

SHOWN = 50


class ErrorsView:
    """The failed records of the newest error objects that wait, or of one error object."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting = Waiting()
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
            self._all = ui.button("Back to all error objects", icon="arrow_back", on_click=self._everything)
            self._all.props("flat dense no-caps").set_visibility(False)
            self._some_button = ui.button("Redrive chosen", icon="replay", on_click=self._redrive_chosen)
            self._all_button = ui.button("Redrive all", icon="replay", on_click=self._redrive_all)
            self._remove_button = ui.button("", icon="delete_sweep", on_click=self._remove)
            for button in (self._some_button, self._all_button, self._remove_button):
                button.props("outline dense no-caps padding='2px 10px'").set_visibility(False)
        self._list = ui.element("div").classes("stack failures").props("tabindex=0 role=region")
        self._list.props('aria-label="Failed records"')

    def refresh(self) -> None:
        flow = self._desk.flow.look()
        if flow is None:
            return
        self._offer_removal(flow.waiting)
        keys = [each.key for each in flow.waiting.objects][:DECODED_OBJECTS]
        known = self._keys == keys and self._waiting.problem == flow.waiting.problem
        self._waiting = flow.waiting
        if self._only is not None or self._reading or known:
            return
        self._keys = keys
        ui.timer(0, lambda: self._read(keys), once=True)

    async def only(self, key: str) -> None:
        """Show the records of one error object, those too that were sent again."""
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
            opened = await self._desk.feeds.thread(self._desk.source.backlog.open, keys)
        except Exception as error:  # noqa: BLE001 - shown in place, and the next look tries again
            self._list.clear()
            with self._list:
                problem(why(error))
            return
        finally:
            self._reading = False
        found = [each for each in opened.failures if self._only or not each.sent]
        self._found = sorted(found, key=lambda each: (each.document.arrived, each.document.place), reverse=True)
        self._show(opened)

    def _show(self, opened: Opened) -> None:
        self._list.clear()
        self._chosen.clear()
        writable = any(not each.sent for each in self._found) and not self._desk.source.read_only
        self._some_button.set_visibility(writable)
        self._all_button.set_visibility(writable)
        codes = Counter(each.code for each in self._found)
        self._summary.set_text(" · ".join(f"{count:,} {code}" for code, count in codes.most_common()))
        with self._list:
            if self._waiting.problem:
                problem(self._waiting.problem)
            elif not self._found and not opened.unreadable:
                self._nothing()
            for said in opened.unreadable[:SHOWN]:
                problem(safe(said))
            for failure in self._found[:SHOWN]:
                self._row(failure)
            self._rest()

    def _nothing(self) -> None:
        if self._waiting.healed:
            said = plural(self._waiting.healed, "error object")
            empty("Nothing is left to send again: every record was transformed and converted, or sent again since.",
                  f"{said} of before will expire by the bucket's lifecycle.")  # fmt: skip
        else:
            empty("Nothing in the error prefix: every record was transformed and converted.",
                  "" if self._desk.source.read_only else
                  "The Controls tab can put malformed records, to see what becomes of them.")  # fmt: skip

    def _rest(self) -> None:
        if len(self._found) > SHOWN:
            text(f"{len(self._found) - SHOWN:,} more are not listed; “Redrive all” sends them too.", "muted small")
        if self._only is None and len(self._waiting.objects) > DECODED_OBJECTS:
            count = f"{len(self._waiting.objects):,}{'+' * self._waiting.more}"
            text(f"The newest {DECODED_OBJECTS} of {count} error objects are shown.", "muted small")

    def _row(self, failure: Failure) -> None:
        offered = not (self._desk.source.read_only or failure.sent)
        with box("failure" if offered else "failure told"):
            if offered:
                chosen = ui.checkbox().props(f"dense aria-label='Choose record {failure.document.place + 1}'")
                chosen.tooltip(key(failure.document.object))
                self._chosen[failure.key] = chosen
            with box("stack").style("gap: 3px"):
                text(failure.words)
                text(f"{failure.code}: {failure.message}", "muted small pre")
                for document in failure.shown[:3]:
                    text(document or "(an empty record)", "mono pre scroll record")
            with box("stack").style("gap: 3px"):
                text(f"{failure.arrived:%H:%M:%S}" if failure.arrived else "", "muted small num right")
                if offered:
                    button = ui.button("Redrive", on_click=lambda: self._redrive([failure]))
                    button.props("flat dense no-caps")
                elif failure.sent:
                    text("sent again", "chip good")

    def _offer_removal(self, waiting: Waiting) -> None:
        self._remove_button.set_visibility(bool(waiting.healed) and not self._desk.source.read_only)
        self._remove_button.set_text(f"Remove {plural(waiting.healed, 'sent object')}")

    async def _redrive_chosen(self) -> None:
        wanted = [each for each in self._found if (mark := self._chosen.get(each.key)) and mark.value]
        if not wanted:
            ui.notify("Choose records first: each has a box on its left.")
            return
        await self._redrive(wanted)

    async def _redrive_all(self) -> None:
        if self._only is not None:
            await self._redrive([each for each in self._found if not each.sent])
        elif await attempt(self._desk, _said_all, self._desk.source.backlog.send_all) is not None:
            self._desk.flow.stale()
            await self._everything()

    async def _redrive(self, failures: list[Failure]) -> None:
        documents = [each.document for each in failures]
        if await attempt(self._desk, _said, self._desk.source.backlog.send, documents) is not None:
            self._desk.flow.stale()
            await self._read([self._only] if self._only else self._keys or [])

    async def _remove(self) -> None:
        def said(removed: int) -> str:
            return f"{plural(removed, 'error object')} removed: every record in there was sent again"

        if await attempt(self._desk, said, self._desk.source.backlog.remove_sent) is not None:
            self._desk.flow.stale()
            await self._everything()


def _said(done: Sent) -> str:
    if not done.sent and not done.refused:
        return "Nothing was sent: these records were sent again before"
    said = f"{plural(done.sent, 'record')} sent again"
    return f"{said}; {done.refused:,} were refused and stay" if done.refused else f"{said}; watch them land"


def _said_all(report: Report) -> str:
    said = _said(Sent(report.sent, report.failed))
    before = f" ({report.already_sent:,} were sent before)" if report.already_sent else ""
    return said + before
