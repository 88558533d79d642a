"""Buffers: records wait until there are enough bytes or enough seconds have gone by."""

import asyncio
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from local.clock import Clock

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hints:
    """Whichever is reached first seals a buffer."""

    bytes: int
    seconds: float


@dataclass(slots=True)
class Buffer(Generic[Item]):
    """Items that wait together; the time counts from the first."""

    hints: Hints
    due_at: float
    """Epoch seconds at which time seals it."""
    items: list[Item] = field(default_factory=list)
    size: int = 0

    def takes(self, size: int) -> bool:
        """Say whether `size` more bytes still go in: the first item always does."""
        return not self.items or self.size + size <= self.hints.bytes

    def add(self, item: Item, size: int) -> None:
        self.items.append(item)
        self.size += size

    @property
    def full(self) -> bool:
        return self.size >= self.hints.bytes


class Buffers(Generic[Key, Item]):
    """The open buffers of one stage. Lives on the event loop."""

    def __init__(self, clock: Clock, sealed: Callable[[Key, Buffer[Item]], None]) -> None:
        """Call `sealed` with each buffer whose time or size has come."""
        self._clock = clock
        self._sealed = sealed
        self._open: dict[Key, Buffer[Item]] = {}
        self._timers: dict[Key, asyncio.Task[None]] = {}
        self.bytes = 0
        """Sum of what waits."""

    def add(self, key: Key, hints: Hints, items: Sequence[Item], sizes: Sequence[int]) -> None:
        """Put items, each of as many bytes as `sizes` has for it, into the buffer of `key`, sealing as it fills."""
        buffer, total = self._open.get(key), sum(sizes)
        if buffer is not None and buffer.size + total < buffer.hints.bytes:  # nearly always
            buffer.items += items
            buffer.size += total
            self.bytes += total
            return
        for item, size in zip(items, sizes, strict=True):
            self._add_one(key, hints, item, size)

    def _add_one(self, key: Key, hints: Hints, item: Item, size: int) -> None:
        buffer = self._open.get(key)
        if buffer is not None and not buffer.takes(size):
            self.seal(key)
            buffer = None
        if buffer is None:
            buffer = self._begin(key, hints)
        buffer.add(item, size)
        self.bytes += size
        if buffer.full:
            self.seal(key)

    def seal(self, key: Key) -> None:
        buffer = self._open.pop(key)
        self._timers.pop(key).cancel()
        self.bytes -= buffer.size
        self._sealed(key, buffer)

    def seal_all(self) -> None:
        for key in list(self._open):
            self.seal(key)

    def drop(self) -> None:
        """Forget everything that waits."""
        for timer in self._timers.values():
            timer.cancel()
        self._open.clear()
        self._timers.clear()
        self.bytes = 0

    @property
    def records(self) -> int:
        return sum(len(buffer.items) for buffer in self._open.values())

    @property
    def due_at(self) -> float | None:
        """When the next buffer is sealed by time, epoch seconds; None if nothing waits."""
        return min((buffer.due_at for buffer in self._open.values()), default=None)

    @property
    def first(self) -> Iterator[Item]:
        """What has waited longest in each buffer."""
        return (buffer.items[0] for buffer in self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def _begin(self, key: Key, hints: Hints) -> Buffer[Item]:
        buffer: Buffer[Item] = Buffer(hints, self._clock.now() + hints.seconds)
        self._open[key] = buffer
        self._timers[key] = asyncio.get_running_loop().create_task(self._wait(key, buffer.due_at))
        return buffer

    async def _wait(self, key: Key, due_at: float) -> None:
        await self._clock.sleep_until(due_at)
        # From here to the seal nothing else runs: the timer must not cancel itself.
        buffer = self._open.pop(key)
        del self._timers[key]
        self.bytes -= buffer.size
        self._sealed(key, buffer)
