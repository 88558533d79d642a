"""The cost meter: what the traffic of the last minute would cost a month, as it comes and packed."""

from nicegui import ui

from local.console import cost
from local.console.flow import Flow
from local.console.page.widgets import box, empty, text
from local.console.screen import size

SETTLED_SECONDS = 5
"""Between two bills: a sum that changes each second cannot be read."""


class CostCard:
    """Renders a bill where it is made."""

    def __init__(self, hint: str) -> None:
        self._hint = hint
        self._shown_at = float("-inf")
        self._priced = False
        self._bill = ui.element("div").classes("stack")

    def show(self, flow: Flow) -> None:
        priced, at = bool(flow.minute.records), flow.now.timestamp()
        if priced == self._priced and 0 <= at - self._shown_at < SETTLED_SECONDS:
            return
        self._priced, self._shown_at = priced, at
        self._bill.clear()
        with self._bill:
            if priced:
                _bill(flow)
            else:
                empty("No traffic in the last minute to put a price on.", self._hint)


def _bill(flow: Flow) -> None:
    records, volume, objects = flow.minute.records or 0, flow.minute.bytes or 0, flow.minute.objects
    as_is = cost.monthly(records, volume, objects)
    fewer, larger, each = cost.packed(records, volume / records)
    packed = cost.monthly(fewer, larger, objects)
    with box("bill"):
        text("USD a month, like the last minute", "muted small")
        text("as it comes", "muted small right")
        text(f"{each} per record" if each > 1 else "packed", "muted small right")
        for name in ("ingestion", "conversion", "function", "objects", "total"):
            last = " sum" if name == "total" else ""
            text(name.capitalize() if name != "objects" else "Putting objects", last)
            text(f"{getattr(as_is, name):,.2f}", f"right{last}")
            text(f"{getattr(packed, name):,.2f}", f"right{last}")
    text(
        f"A record of {size(volume / records)} is billed as {cost.billed_bytes(volume / records):,} B."
        " List prices of us-east-1, without the crawler, alarms and storage.", "muted small",
    )  # fmt: skip
