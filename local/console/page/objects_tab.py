"""Objects: the bucket as a tree, what is inside an object, and error documents that can be sent again."""

from copy import deepcopy
from typing import Any

from nicegui import ui

from local.console import lake
from local.console.desk import Viewer
from local.console.page.errors_view import ErrorsView
from local.console.page.widgets import attempt, box, empty, heading, text
from local.console.screen import key as shown_key
from local.console.screen import size

COLUMNS = [
    {"name": "name", "label": "Object", "field": "name", "align": "left", "classes": "mono"},
    {"name": "rows", "label": "Rows", "field": "rows", "align": "right"},
    {"name": "size", "label": "Size", "field": "size", "align": "right"},
    {"name": "modified", "label": "Landed (UTC)", "field": "modified", "align": "right"},
]


NAME_CELL = """
<q-td :props="props"><q-btn flat dense no-caps class="mono" :label="props.row.name"
  @click="() => $parent.$emit('look', props.row.key)" /></q-td>
"""
"""A button, because a row that is clicked cannot be reached by keyboard; its label is text, never HTML."""


class ObjectsTab:
    """A tree of prefixes on the left; on the right a level of it, an object, or the error documents."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._prefix: str | None = None
        self._nodes: dict[str, dict[str, Any]] = {}
        self._roots: list[dict[str, Any]] = []
        self._errors = ErrorsView(viewer.desk)

    def build(self) -> None:
        with box("card"):
            self._errors.build()
        with box("lake"):
            with box("card"):
                with box("bunch"):
                    heading("Prefixes")
                    ui.element("div").classes("spacer")
                    ui.button(icon="refresh", on_click=self._reload).props("flat round dense aria-label='Read again'")
                self._tree = ui.tree([], label_key="label", on_select=lambda event: self._go(str(event.value or "")),
                                     on_expand=lambda event: self._expand(list(event.value)))  # fmt: skip
            with box("stack"):
                with box("card level"):
                    self._title = text("", "mono pre")
                    self._level = ui.element("div")
                self._object = ui.element("div").classes("card")
                self._object.set_visibility(False)

    def refresh(self) -> None:
        self._errors.refresh()
        if self._prefix is None and (pipeline := self._desk.source.known) is not None:
            self._prefix = pipeline.data_prefix
            ui.timer(0, self._start, once=True)
        elif self._prefix is None:
            self._desk.flow.look()

    async def _start(self) -> None:
        await self._load("")
        found = await self._load(self._prefix or "")
        if found is not None:
            self._tree.expand([self._prefix or ""])
            # Nothing lies at the top of a partitioned table: begin with its newest hour.
            if not found[0].objects and found[0].prefixes:
                self._prefix = found[0].prefixes[0]
            await self._reload()

    async def _reload(self) -> None:
        prefix = self._prefix or ""
        with_rows = await self._load(prefix)
        if with_rows:
            self._show_level(*with_rows)

    async def _load(self, prefix: str) -> tuple[lake.Listing, dict[str, int]] | None:
        found = await attempt(self._desk, "", self._desk.source.shelf.browse, prefix)
        if found is not None:
            children = [self._node(each) for each in found[0].prefixes]
            if prefix in self._nodes:
                self._nodes[prefix]["children"] = children
            elif not prefix:
                self._roots = children
            # A copy: the element tells the browser of new values, not of changes inside an old one.
            self._tree.props["nodes"] = deepcopy(self._roots)
        return found

    def _node(self, prefix: str) -> dict[str, Any]:
        if prefix not in self._nodes:
            label = shown_key(prefix.rstrip("/").rpartition("/")[2]) + "/"
            waiting = [{"id": f"{prefix} ", "label": "…"}]
            self._nodes[prefix] = {"id": prefix, "label": label, "children": waiting}
        return self._nodes[prefix]

    async def _expand(self, opened: list[str]) -> None:
        for prefix in opened:
            if self._nodes[prefix]["children"][:1] == [{"id": f"{prefix} ", "label": "…"}]:
                await self._load(prefix)

    async def _go(self, prefix: str) -> None:
        if prefix.endswith("/"):
            self._prefix = prefix
            await self._reload()

    def _show_level(self, listing: lake.Listing, rows: dict[str, int]) -> None:
        self._title.set_text(shown_key(f"s3://{self._bucket}/{listing.prefix}"))
        self._level.clear()
        with self._level:
            if not listing.objects:
                where = (
                    "Choose one of its prefixes on the left." if listing.prefixes else "Nothing has landed here yet."
                )
                empty("No object lies directly here.", where)
                return
            table = ui.table(columns=COLUMNS, rows=_rows(listing, rows), row_key="key", pagination=12)
            table.props('flat dense rows-per-page-label="Objects per page"').classes("w-full")
            table.add_slot("body-cell-name", NAME_CELL)
            table.on("look", lambda event: self._open(str(event.args)))
            more = " Only the newest are listed." if listing.more else ""
            text(f"Choose an object to look inside.{more}", "muted small")

    @property
    def _bucket(self) -> str:
        pipeline = self._desk.source.known
        return pipeline.bucket if pipeline else ""

    async def _open(self, key: str) -> None:
        pipeline = self._desk.source.known
        assert pipeline is not None
        if key.endswith(".parquet"):
            preview = await attempt(self._desk, "", self._desk.source.shelf.preview, key)
            if preview is not None:
                self._show(key, lambda: _preview(preview))
        elif pipeline.errors_prefix and key.startswith(pipeline.errors_prefix):
            await self._errors.only(key)
        else:
            head = await attempt(self._desk, "", self._desk.source.shelf.head, key)
            if head is not None:
                self._show(key, lambda: text(head or "(empty)", "mono pre scroll"))

    def _show(self, key: str, fill: Any) -> None:
        self._object.clear()
        self._object.set_visibility(True)
        with self._object:
            heading("Inside the object")
            text(shown_key(key), "mono pre muted")
            fill()


def _rows(listing: lake.Listing, rows: dict[str, int]) -> list[dict[str, str]]:
    return [
        {
            "key": each.key, "name": shown_key(each.name), "size": size(each.size),
            "modified": f"{each.modified:%Y-%m-%d %H:%M:%S}",
            "rows": f"{rows[each.key]:,}" if each.key in rows else "",
        }
        for each in listing.objects
    ]  # fmt: skip


def _preview(preview: lake.Preview) -> None:
    differing = [each for each in preview.columns if not each.agrees]
    with box("bunch"):
        text(f"{preview.rows:,} rows in {preview.row_groups} row group{'s' * (preview.row_groups != 1)}", "chip")
        text(f"written by {preview.created_by}", "chip")
        if differing:
            text(f"{len(differing)} column{'s' * (len(differing) != 1)} unlike the table", "chip bad")
        else:
            text("the table's schema", "chip good")
    with ui.expansion("Schema beside the table's", value=bool(differing)).props("dense").classes("schema"):
        _schema(preview)
    columns = [
        {"name": f"c{at}", "label": each.name, "field": f"c{at}", "align": "left"}
        for at, each in enumerate(preview.columns)
    ]
    names = [each.name for each in preview.columns]
    rows = [
        {"id": at, **{f"c{place}": row.get(name, "") for place, name in enumerate(names)}}
        for at, row in enumerate(preview.head)
    ]
    ui.table(columns=columns, rows=rows, row_key="id", pagination=10).props("flat dense").classes("mono")


def _schema(preview: lake.Preview) -> None:
    columns = [
        {"name": name, "label": label, "field": name, "align": "left"}
        for name, label in (("name", "Column"), ("here", "In the object"), ("there", "In the table"), ("said", ""))
    ]
    rows = [
        {"name": each.name, "here": each.in_object or "missing", "there": each.in_table or "missing",
         "said": "" if each.agrees else "differs"}
        for each in preview.columns
    ]  # fmt: skip
    ui.table(columns=columns, rows=rows, row_key="name", pagination=0).props(
        "flat dense wrap-cells hide-pagination"
    ).classes("mono")
