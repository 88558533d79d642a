"""Time as an argument.

Nothing below the composition root reads the machine's clock: it is handed a `Clock`.
"""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Wall time in epoch seconds, UTC, that can be moved forward.

    `advance` moves it and wakes whoever sleeps on it, so that a test (or a person who will not wait for
    minute 10) sees in an instant what an hour would have shown. It never goes back.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return time.time() + self._offset

    def elsewhere(self) -> float:
        """Return what a process of its own takes for now: it knows the machine's clock only."""
        return self.now() - self._offset

    def now_utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    async def sleep_until(self, moment: float) -> None:
        """Return when `now()` has reached `moment` (epoch seconds)."""
        while (remaining := moment - self.now()) > 0:
            moved = self._moved
            try:
                await asyncio.wait_for(moved.wait(), remaining)
            except TimeoutError:
                continue

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self.now() + seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock forward; raises ValueError for a negative step."""
        if seconds < 0:
            raise ValueError(f"a clock cannot be moved back by {-seconds} s")
        self._offset += seconds
        self._moved.set()
        self._moved = asyncio.Event()
