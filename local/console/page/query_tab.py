"""Query: ask Athena, see the answer as a grid or a chart, what it scanned and would cost, and what was asked before."""

import asyncio

from nicegui import ui

from local.console import cost, questions
from local.console.desk import Viewer
from local.console.page.result_view import show_result
from local.console.page.widgets import attempt, box, empty, heading, problem, text
from local.console.questions import Execution
from local.console.screen import safe, size

FIRST_POLL, LONGEST_POLL = 0.15, 2.0

BEGINNING = """-- What arrived last? Ctrl+Enter runs it; Esc, then Tab, leaves the editor.
SELECT *
FROM {table}
LIMIT 50"""


class QueryTab:
    """Named queries, editor, result, history."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._dark = viewer.dark
        self._versions = {"named": -1, "history": -1}
        self._running = ""
        self._last: Execution | None = None
        self._chosen: list[ui.element] = []
        self._begun = False

    def build(self) -> None:
        with box("ask"):
            with box("card"):
                heading("Named queries")
                self._named = box("scroll")
            with box("stack"):
                with box("card"):
                    heading("SQL")
                    self._editor = ui.codemirror("", language="SQL", theme="vscodeLight", line_wrapping=True,
                                                 keymap={"Mod-Enter": self._run})  # fmt: skip
                    with box("bunch"):
                        self._run_button = ui.button("Run", icon="play_arrow", on_click=self._run)
                        self._run_button.props("unelevated dense no-caps padding='3px 14px'")
                        self._cancel_button = ui.button("Cancel", icon="stop", on_click=self._cancel)
                        self._csv_button = ui.button("CSV", icon="download", on_click=self._download)
                        for button in (self._cancel_button, self._csv_button):
                            button.props("outline dense no-caps padding='3px 12px'").disable()
                        self._status = text("", "muted small num").props("aria-live=polite")
                self._answer = box("stack")
        with box("card"):
            heading("History")
            self._history = box("stack").style("gap: 0")

    def refresh(self) -> None:
        self._editor.set_theme("vscodeDark" if self._dark.value else "vscodeLight")
        named, history, pipeline = self._desk.named, self._desk.history, self._desk.source.known
        found, asked = named.look(), history.look()
        if pipeline is None:
            self._desk.flow.look()
        elif not self._begun:
            self._begun = True
            self._editor.set_value(BEGINNING.format(table=pipeline.table or "…"))
        if self._versions["named"] != named.version:
            self._versions["named"] = named.version
            self._show_named(found, named.problem)
        if self._versions["history"] != history.version:
            self._versions["history"] = history.version
            self._show_history(asked or [], history.problem)

    def _show_named(self, found: list[questions.Named] | None, trouble: str) -> None:
        self._named.clear()
        self._chosen.clear()
        with self._named:
            if trouble:
                problem(trouble)
            elif found is not None and not found:
                empty("The workgroup has no named query.", "AWS::Athena::NamedQuery in the template makes one.")
            for each in found or []:
                with ui.element("button").classes("asked") as button:
                    text(each.name)
                    text(each.description, "muted small")
                button.on("click", lambda each=each, button=button: self._choose(each, button))
                self._chosen.append(button)

    async def _choose(self, query: questions.Named, button: ui.element) -> None:
        for other in self._chosen:
            other.classes(remove="chosen")
        button.classes(add="chosen")
        self._editor.set_value(query.sql)
        if questions.reads(query.sql):
            await self._run()
        else:
            self._status.set_text("This one changes something: run it when you mean to.")

    async def _run(self) -> None:
        if self._running:
            return
        sql = self._editor.value.strip().rstrip(";")
        if not sql:
            self._status.set_text("Write a query first, or choose one on the left.")
            return
        identifier = await attempt(self._desk, "", self._desk.source.ask, sql)
        if identifier is None:
            return
        self._running = identifier
        self._run_button.disable()
        self._cancel_button.enable()
        try:
            await self._follow(identifier)
        finally:
            self._running = ""
            self._run_button.enable()
            self._cancel_button.disable()
            self._desk.history.stale()

    async def _follow(self, identifier: str) -> None:
        wait = FIRST_POLL
        while True:
            found = await attempt(self._desk, "", self._desk.source.look, identifier)
            if found is None:
                return
            self._status.set_text(_summary(found))
            if found.finished:
                break
            await asyncio.sleep(wait)
            wait = min(LONGEST_POLL, wait * 1.5)
        self._last = found
        if found.state == "SUCCEEDED":
            await self._show_result(found)
        else:
            self._answer.clear()
            with self._answer:
                problem(found.reason or found.state)

    async def _show_result(self, execution: Execution) -> None:
        result = await attempt(self._desk, "", self._desk.source.result, execution.identifier)
        if result is None:
            return
        self._csv_button.set_enabled(bool(execution.output))
        self._answer.clear()
        with self._answer, box("card"):
            show_result(result)

    async def _cancel(self) -> None:
        if self._running:
            await attempt(self._desk, "The query was asked to stop", self._desk.source.cancel, self._running)

    async def _download(self) -> None:
        if self._last is None:
            return
        body = await attempt(
            self._desk, lambda found: f"{size(len(found))} of CSV downloaded", self._desk.source.csv, self._last.output
        )
        if body is not None:
            ui.download.content(body, f"{self._last.identifier}.csv", "text/csv")

    def _show_history(self, asked: list[Execution], trouble: str) -> None:
        self._history.clear()
        with self._history:
            if trouble:
                problem(trouble)
            elif not asked:
                empty("Nothing was asked in this workgroup yet.", "Choose a named query, or write one.")
            for each in asked[:12]:
                with ui.element("button").classes("asked event") as row:
                    text(f"{each.submitted:%H:%M:%S}" if each.submitted else "", "muted small num")
                    kind = {"SUCCEEDED": "good", "FAILED": "bad"}.get(each.state, "warn")
                    text(_summary(each), f"small num {kind}")
                    text(" ".join(safe(each.sql, 300).split()), "mono cut muted")
                row.on("click", lambda each=each: self._editor.set_value(each.sql))


def _summary(found: Execution) -> str:
    state = found.state.lower()
    if not found.finished:
        return f"{state} …"
    scanned = f"{size(found.scanned_bytes)} scanned"
    return f"{state} · {found.milliseconds:,} ms · {scanned} · ${cost.query(found.scanned_bytes):,.5f} on AWS"
