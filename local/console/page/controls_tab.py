"""Controls: the producer, delivery and catalog, faults; each says what it changed."""

from typing import Any

from nicegui import ui

from local.console.desk import Viewer
from local.console.page.faults_card import FaultsCard
from local.console.page.producer_card import ProducerCard
from local.console.page.widgets import News, attempt, box, empty, heading, text
from local.console.screen import age, safe


class ControlsTab:
    """Cards for the producer, delivery and faults; nothing of it on a page that only reads."""

    def __init__(self, viewer: Viewer) -> None:
        self._desk = viewer.desk
        self._news = News()

    def build(self) -> None:
        if self._desk.source.read_only:
            empty(
                "This page reads a real AWS account and changes nothing there.",
                "On the local gateway this tab starts the producer, flushes buffers and switches faults on.",
            )
            return
        with box("halves"):
            with box("card"):
                self._producer = ProducerCard(self._desk)
            with box("stack"):
                with box("card"):
                    self._build_delivery()
                with box("card"):
                    self._faults = FaultsCard(self._desk)

    def refresh(self) -> None:
        if self._desk.source.read_only:
            return
        self._producer.refresh()
        self._faults.refresh()
        if (crawler := self._news.of(self._desk.crawler)) is not None:
            self._show_crawler(crawler)

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
