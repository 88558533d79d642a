"""What the page shows, fetched once for all viewers, only while somebody looks, and never faster than its interval."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError

from local.clients import ClientError
from local.console.explain import why
from local.errors import LocalError

T = TypeVar("T")
P = ParamSpec("P")
log = logging.getLogger(__name__)

THREADS = 3
"""Few on purpose: the console shares its process with the data plane."""

WANTED_SECONDS = 5.0
TICK_SECONDS = 0.25


@dataclass
class Feed(Generic[T]):
    """The latest value of one thing; `version` grows with every fetch."""

    fetch: Callable[[], T]
    interval: float
    value: T | None = None
    problem: str = ""
    version: int = 0
    fetched_at: float = float("-inf")
    wanted_at: float = float("-inf")
    fetching: bool = False

    def look(self) -> T | None:
        """Return the latest value, and keep it coming."""
        self.wanted_at = time.monotonic()
        return self.value

    def stale(self) -> None:
        """Ask for a new value as soon as possible: something was changed."""
        self.fetched_at = float("-inf")

    def due(self, now: float) -> bool:
        return not self.fetching and now - self.wanted_at < WANTED_SECONDS and now - self.fetched_at >= self.interval


@dataclass
class Feeds:
    """All feeds, and the threads in which whatever blocks runs."""

    _feeds: list[Feed[Any]] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "console"))
    _task: "asyncio.Task[None] | None" = None
    _fetches: "set[asyncio.Task[None]]" = field(default_factory=set)

    def add(self, fetch: Callable[[], T], interval: float) -> Feed[T]:
        feed = Feed(fetch, interval)
        self._feeds.append(feed)
        return feed

    def drop(self, feed: Feed[Any]) -> None:
        if feed in self._feeds:
            self._feeds.remove(feed)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        for task in [self._task, *self._fetches]:
            if task is not None:
                task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function in one of the console's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))

    async def _run(self) -> None:
        while True:
            now = time.monotonic()
            for feed in self._feeds:
                if feed.due(now):
                    feed.fetching = True
                    task = asyncio.create_task(self._fetch(feed))
                    self._fetches.add(task)
                    task.add_done_callback(self._fetches.discard)
            await asyncio.sleep(TICK_SECONDS)

    async def _fetch(self, feed: Feed[Any]) -> None:
        try:
            feed.value = await self.thread(feed.fetch)
            feed.problem = ""
        except (ClientError, BotoCoreError, LocalError, OSError) as error:
            feed.problem = why(error)
        except Exception as error:
            log.exception("the console could not read something")
            feed.problem = why(error)
        finally:
            feed.fetched_at = time.monotonic()
            feed.version += 1
            feed.fetching = False
