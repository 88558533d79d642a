"""The first stage: what is journaled waits here for its turn, in memory while there is room, else on disk only."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from local.firehose.journal import Journal
from local.firehose.records import Record
from local.firehose.segment import Frame, Put

LOADED_BYTES = 16 * 1024 * 1024
"""Beyond this, waiting records are only in the journal and read back when their turn comes."""

READ_AT_ONCE_BYTES = 4 * 1024 * 1024


class Intake:
    """Group commit into the journal, then a queue. Lives on the event loop; `write` blocks in a thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[tuple[Put, asyncio.Future[None]]] = []
        self._committer: asyncio.Task[None] | None = None
        self._queue: deque[tuple[Frame, list[Record] | None]] = deque()
        self._filled = asyncio.Event()
        self._loaded = 0
        self.enqueued = 0
        """Frames that ever came in."""

    @property
    def oldest(self) -> int | None:
        """Arrival of the first that waits, epoch milliseconds."""
        return self._queue[0][0].arrival if self._queue else None

    def replay(self, frames: Sequence[Frame]) -> None:
        self._queue.extend((frame, None) for frame in frames)
        self.enqueued += len(frames)
        if frames:
            self._filled.set()

    async def accept(self, put: Put, thread: Callable[..., "asyncio.Future[list[Frame]]"]) -> None:
        """Return when the put is on disk; puts that come meanwhile share the next write. Raises OSError."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((put, done))
        if self._committer is None:
            self._committer = loop.create_task(self._commit(thread))
        await done

    async def _commit(self, thread: Callable[..., "asyncio.Future[list[Frame]]"]) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            puts = [put for put, _ in waiting]
            try:
                frames = await thread(self._journal.append, puts)
            except Exception as fault:  # noqa: BLE001 - whoever waits has to hear of it
                for _, done in waiting:
                    if not done.done():
                        done.set_exception(fault)
                continue
            for frame, (put, done) in zip(frames, waiting, strict=True):
                self._enqueue(frame, put)
                if not done.done():
                    done.set_result(None)
        self._committer = None

    def _enqueue(self, frame: Frame, put: Put) -> None:
        records: list[Record] | None = None
        if self._loaded + frame.size <= LOADED_BYTES:
            self._loaded += frame.size
            records = [Record(frame.first + place, put.arrival, data) for place, data in enumerate(put.data)]
        self._queue.append((frame, records))
        self.enqueued += 1
        self._filled.set()

    async def next(self) -> tuple[list[Frame], list[Record] | None]:
        """Return the next frame with its records; or the next few, whose records have to be read from the journal."""
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        frame, records = self._queue.popleft()
        if records is not None:
            self._loaded -= frame.size
            return [frame], records
        frames, size = [frame], frame.size
        while self._queue and self._queue[0][1] is None and size + self._queue[0][0].size <= READ_AT_ONCE_BYTES:
            frame, _ = self._queue.popleft()
            frames.append(frame)
            size += frame.size
        return frames, None

    def clear(self) -> None:
        self._queue.clear()
        self._loaded = 0
