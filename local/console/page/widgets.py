"""Small parts of the page. Content always goes in as text: nothing here takes HTML."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError
from nicegui import ui

from local.clients import ClientError
from local.console.desk import Desk
from local.console.explain import why
from local.console.feeds import Feed
from local.errors import LocalError

T = TypeVar("T")


def box(classes: str) -> ui.element:
    return ui.element("div").classes(classes)


def heading(text: str) -> None:
    ui.label(text).classes("head").props("role=heading aria-level=2")


def text(content: str = "", classes: str = "") -> ui.label:
    return ui.label(content).classes(classes)


def plural(count: int, one: str, many: str = "") -> str:
    """Return `1 record`, `2,000 records`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def empty(what: str, hint: str = "") -> None:
    """Say that there is nothing, and what to do to have something."""
    with box("empty"):
        text(what)
        if hint:
            text(hint, "small")


def problem(said: str) -> None:
    with box("problem") as element:
        element.props("role=alert")
        text(said, "pre")


@dataclass
class News:
    """What a feed has that was not shown yet."""

    _shown: int = -1

    def of(self, feed: Feed[T]) -> T | None:
        """Keep the feed coming; return its value if it is a new one."""
        value = feed.look()
        if feed.version == self._shown:
            return None
        self._shown = feed.version
        return value


async def attempt(desk: Desk, done: str | Callable[[T], str], function: Callable[..., T], *arguments: Any) -> T | None:
    """Do something blocking; say what it changed, or why it did not. Returns None when it did not."""
    try:
        answer = await desk.feeds.thread(function, *arguments)
    except (ClientError, BotoCoreError, LocalError, OSError) as error:
        ui.notify(why(error), type="negative", multi_line=True, timeout=8000, close_button="Close")
        return None
    if said := done if isinstance(done, str) else done(answer):
        ui.notify(said, type="positive", multi_line=True)
    return answer
