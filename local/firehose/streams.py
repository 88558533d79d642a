"""The streams at work: opened when they are needed, forgotten when they are deleted, whoever deletes them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from local.firehose.control import Control
from local.firehose.journal import Journal
from local.firehose.settings import Settings
from local.firehose.store import Stored, StreamStore
from local.firehose.stream import Stream, Workshop

_SUFFIX = ".journal"


class Streams:
    """Lives on the event loop."""

    def __init__(self, workshop: Workshop, control: Control, store: StreamStore, journals: Path) -> None:
        """Keep each stream's journal in a folder of its own under `journals`."""
        self._workshop = workshop
        self._control = control
        self._store = store
        self._journals = journals
        self._streams: dict[str, tuple[float, Stream]] = {}
        self._opening: dict[str, asyncio.Lock] = {}

    def __iter__(self) -> Iterator[Stream]:
        return iter([stream for _, stream in self._streams.values()])

    async def get(self, name: str) -> Stream:
        """Return the running stream, started if it is not; raises AwsError when it does not exist."""
        stored = self._control.existing(name)
        kept = self._streams.get(name)
        if kept and kept[0] == stored["created_at"]:
            return kept[1]
        async with self._opening.setdefault(name, asyncio.Lock()):
            kept = self._streams.get(name)
            if kept and kept[0] != stored["created_at"]:
                await self.forget(name)
                kept = None
            return kept[1] if kept else await self._open(name, stored)

    async def _open(self, name: str, stored: Stored) -> Stream:
        created_at = stored["created_at"]
        first = int(self._workshop.plant.clock.now() * 1_000_000)
        journal = Journal(self._journals / f"{name}{_SUFFIX}", start_at=first)
        stream = Stream(name, self._workshop, journal, lambda: self._current(name, created_at))
        await stream.start()
        self._streams[name] = created_at, stream
        return stream

    async def forget(self, name: str) -> None:
        """Discard what the stream of that name holds: it was deleted."""
        _, stream = self._streams.pop(name, (0.0, None))
        if stream:
            await stream.discard()

    def _current(self, name: str, created_at: float) -> Settings | None:
        stored = self._store.get(name)
        if stored is None or stored["created_at"] != created_at:
            return None
        return self._control.settings(stored)

    async def open_left_over(self) -> None:
        """Start the streams that have undelivered records; those of unknown streams are kept, not touched."""
        known = set(self._store.names())
        for directory in self._journals.glob(f"*{_SUFFIX}"):
            name = directory.name.removesuffix(_SUFFIX)
            if name in known and name not in self._streams:
                await self.get(name)

    async def tidy(self) -> None:
        """Notice what CloudFormation deleted or restored."""
        known = self._store.names()
        for name in [name for name in self._streams if name not in known]:
            await self.forget(name)
        await self.open_left_over()

    async def close(self) -> None:
        """Stop them all; what is not delivered stays in their journals."""
        await asyncio.gather(*(stream.close() for stream in self))
        self._streams.clear()
