"""What every viewer of the page shares: the source, and one feed for each thing that is watched."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.console.actions import Missing
from local.console.feeds import Feed, Feeds
from local.console.metrics import Drawn
from local.console.source import Source

if TYPE_CHECKING:
    from local.console import questions
    from local.console.flow import Flow
    from local.console.signals import Alarm, Event

FAST, SLOW = 1.0, 10.0
"""Seconds between looks at the gateway."""

AWS_FAST, AWS_SLOW = 15.0, 60.0
"""The same on AWS, where a look costs requests and metrics come once a minute."""

SPANS = {900: "15 min", 3600: "1 h", 10_800: "3 h", 43_200: "12 h", 86_400: "1 d", 604_800: "1 w"}
PERIODS = {60: "1 min", 300: "5 min", 3600: "1 h"}


@dataclass
class Desk:
    """Source and feeds."""

    source: Source
    feeds: Feeds = field(default_factory=Feeds)
    _charts: dict[tuple[int, int], Feed[list[Drawn]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fast, slow = (FAST, SLOW) if self.source.local else (AWS_FAST, AWS_SLOW)
        self._slow = slow
        self.flow: Feed[Flow] = self.feeds.add(self.source.live.glance, fast)
        self.alarms: Feed[list[Alarm]] = self.feeds.add(self.source.alarms, slow)
        self.events: Feed[list[Event]] = self.feeds.add(self.source.events, slow)
        self.history: Feed[list[questions.Execution]] = self.feeds.add(self.source.history, slow)
        self.named: Feed[list[questions.Named]] = self.feeds.add(self.source.named_queries, 60)
        self.crawler: Feed[dict[str, Any]] = self.feeds.add(self.source.crawler, 2 * fast)
        self.producer: Feed[dict[str, Any]] = self.feeds.add(lambda: self._status("producer", do="status"), 2 * fast)
        self.faults: Feed[dict[str, Any]] = self.feeds.add(lambda: self._status("faults"), 2 * fast)

    def _status(self, action: str, **members: Any) -> dict[str, Any]:
        """Return what the action says, or nothing where there is no such action."""
        try:
            return self.source.act(action, **members)
        except Missing:
            return {}

    def charts(self, span: int, period: int) -> Feed[list[Drawn]]:
        """Return the feed of the charts over so many seconds in such periods."""
        if (span, period) not in self._charts:
            self._charts[span, period] = self.feeds.add(lambda: self.source.charts(span, period), self._slow)
        return self._charts[span, period]

    def shortest_period(self, span: int) -> int:
        """Return the shortest period that keeps a chart below about 200 points."""
        return next((each for each in PERIODS if span / each <= 200), max(PERIODS))  # noqa: PLR2004 - points a chart can show


@dataclass(frozen=True)
class Viewer:
    """One open page."""

    desk: Desk
    dark: Any
    """NiceGUI's dark mode of this page."""
