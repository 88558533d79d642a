"""One delivery stream at work: journal, transform buffer, destination buffers, deliveries."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from local.firehose import partition, sources
from local.firehose.buffer import MIB, Buffer, Buffers
from local.firehose.delivery import Delivery
from local.firehose.intake import Intake
from local.firehose.invoker import Invoker
from local.firehose.journal import Journal
from local.firehose.packing import Packer
from local.firehose.plant import Plant
from local.firehose.prefix import DECOMPRESSION_FAILED, PROCESSING_FAILED
from local.firehose.records import Failure, Record
from local.firehose.retries import Retries
from local.firehose.segment import Put
from local.firehose.settings import Settings
from local.firehose.settlement import Settlement
from local.firehose.shipment import BACKUP, DATA, Shipment

MARGIN_BYTES = 64 * MIB
"""What a stream may hold in memory beyond its full buffers; more waits in the journal."""
CONCURRENT_TRANSFORMS = 2
_log = logging.getLogger(__name__)

Shelf = tuple[str, tuple[str, ...]]
"""Which destination buffer: `data`, `backup` or an error type; and the partition."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """The stages that the streams share."""

    plant: Plant
    packer: Packer
    invoker: Invoker
    writer: ThreadPoolExecutor
    """Threads that write journals: an acknowledgement never waits behind a delivery."""


class Stream:
    """Takes puts, delivers objects. Lives on the event loop."""

    def __init__(self, name: str, workshop: Workshop, journal: Journal, current: Callable[[], Settings | None]) -> None:
        self.name = name
        self._plant = workshop.plant
        self._workshop = workshop
        self._journal = journal
        self._current = current
        self._intake = Intake(journal)
        self._settlement = Settlement(self._plant, journal)
        self._batches: Buffers[str, Record] = Buffers(self._plant.clock, self._batch_sealed)
        self._shelves: Buffers[Shelf, Record | Failure] = Buffers(self._plant.clock, self._shelf_sealed)
        self._retries = Retries()
        self._delivery = Delivery(self._plant, workshop.packer, current, self._retries)
        self._transforms = asyncio.Semaphore(CONCURRENT_TRANSFORMS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._moving = 0
        self._under_way: dict[int, int] = {}
        self._transforms_running: set[int] = set()
        self._untried: set[int] = set()
        self._blocked = self._stopped = False
        self._pumped = 0
        self._progress = asyncio.Event()

    async def start(self) -> None:
        """Open the journal and begin to deliver what it holds."""
        frames = await self._plant.thread(self._journal.open)
        self._intake.replay(frames)
        self._spawn(self._pump())

    @property
    def journal_bytes(self) -> int:
        return self._journal.bytes

    @property
    def oldest(self) -> int | None:
        """Arrival of the oldest record that is not delivered, epoch milliseconds."""
        waiting = [_arrival(each) for each in (*self._batches.first, *self._shelves.first)]
        waiting += [*self._under_way.values()]
        if self._intake.oldest is not None:
            waiting.append(self._intake.oldest)
        return min(waiting, default=None)

    def holding(self) -> dict[str, Any]:
        """Return what waits in the two buffers, for how many seconds still, and what is being tried again."""
        now = self._plant.clock.now()
        return {
            "retries": self._retries.count,
            "retrying": self._retries.reason,
            "transform": _filling(self._batches, now),
            "destination": _filling(self._shelves, now),
        }

    async def accept(self, put: Put) -> None:
        """Return when the put's records are on disk. Raises OSError."""
        loop = asyncio.get_running_loop()
        await self._intake.accept(put, lambda *call: loop.run_in_executor(self._workshop.writer, *call))

    async def flush(self) -> int:
        """Deliver now what has been put so far; return how many records were.

        What the destination refuses stays, and is tried again by and by.
        """
        before, target = self._settlement.count, self._intake.enqueued
        while True:
            await self._until(lambda: self._pumped >= target or self._blocked)
            self._batches.seal_all()
            await self._until_gone(self._transforms_running)
            self._shelves.seal_all()
            await self._until_gone(self._untried)
            if self._pumped >= target or self._blocked or self._stopped:
                break
        await self._settlement.written()
        return self._settlement.count - before

    async def _until_gone(self, running: set[int]) -> None:
        """Wait for what is running now; what begins meanwhile is not waited for."""
        now = set(running)
        await self._until(lambda: not running & now)

    async def _until(self, true: Callable[[], Any]) -> None:
        while not (self._stopped or true()):
            self._progress.clear()
            await self._progress.wait()

    async def close(self) -> None:
        """Stop at once; what is not delivered stays in the journal."""
        await self._cancel()
        await self._plant.thread(self._journal.close)

    async def discard(self) -> None:
        """Stop at once and forget everything: the stream was deleted."""
        await self._cancel()
        await self._plant.thread(self._journal.discard)

    async def _pump(self) -> None:
        while True:
            frames, records = await self._intake.next()
            settings = self._current()
            if settings is None:
                self._stopped = True
                self._progress.set()
                return
            await self._room(settings)
            if records is None:
                records = await self._plant.thread(self._journal.read, frames)
            await self._enter(settings, records)
            self._pumped += len(frames)
            self._progress.set()

    async def _room(self, settings: Settings) -> None:
        """Wait until memory is within its bound: full buffers and a margin."""
        limit = settings.target.hints.bytes + MARGIN_BYTES
        while not self._stopped and self._batches.bytes + self._shelves.bytes + self._moving > limit:
            if not self._moving:
                self._batches.seal_all()
                self._shelves.seal_all()
            self._blocked = True
            self._progress.set()
            await self._released()
        self._blocked = False

    async def _released(self) -> None:
        moving = self._moving
        await self._until(lambda: self._moving < moving)

    async def _enter(self, settings: Settings, records: list[Record]) -> None:
        if settings.backup:
            self._settlement.goes_another_way(records)
            self._shelves.add((BACKUP, ()), settings.backup.hints, records, _sizes(records))
        if sources.needed(settings):
            now = self._plant.now_ms()
            records, failures = await self._plant.thread(sources.prepare, settings, records, now)
            self._settlement.goes_another_way([record for record in records if record.part])
            self._fail(settings, DECOMPRESSION_FAILED, failures)
        if settings.transform:
            self._batches.add("", settings.transform.hints, records, _sizes(records))
        else:
            await self._route(settings, records, {})

    def _batch_sealed(self, _: str, buffer: Buffer[Record]) -> None:
        self._transforms_running.add(id(buffer))
        self._work(self._transform(buffer), buffer)

    async def _transform(self, buffer: Buffer[Record]) -> None:
        batch = buffer.items
        try:
            settings = self._current()
            if settings is None:
                return
            if settings.transform is None:  # switched off while the batch waited
                await self._route(settings, batch, {})
                return
            async with self._transforms:
                answer = await self._workshop.invoker.run(settings, settings.transform, batch, self._retries)
            self._settlement.settle(answer.processed.dropped)
            self._fail(settings, PROCESSING_FAILED, answer.failures)
            await self._route(settings, answer.processed.ok, answer.processed.keys)
        finally:
            self._transforms_running.discard(id(buffer))
            self._progress.set()

    async def _route(self, settings: Settings, records: list[Record], keys: partition.LambdaKeys) -> None:
        hints = settings.target.hints
        if not settings.partitioned:
            self._shelves.add((DATA, ()), hints, records, _sizes(records))
            return
        now = self._plant.now_ms()
        assigned, failures = await self._plant.thread(partition.assign, settings, records, keys, now)
        for record in assigned:
            shelf = (DATA, record.partition)
            if shelf not in self._shelves and len(self._shelves) >= partition.MAX_ACTIVE:
                failures += partition.refuse([record], now)
            else:
                self._shelves.add(shelf, hints, [record], [len(record.data)])
        self._plant.metrics.add(settings.name, "PartitionCount", len(self._shelves))
        self._fail(settings, PROCESSING_FAILED, failures)

    def _fail(self, settings: Settings, kind: str, failures: Sequence[Failure]) -> None:
        sizes = [len(failure.record.data) for failure in failures]
        self._shelves.add((kind, ()), settings.target.hints, failures, sizes)

    def _shelf_sealed(self, shelf: Shelf, buffer: Buffer[Record | Failure]) -> None:
        kind = shelf[0]
        if kind in {DATA, BACKUP}:
            shipment = Shipment(kind, cast("list[Record]", buffer.items))
        else:
            failures = cast("list[Failure]", buffer.items)
            shipment = Shipment(kind, [failure.record for failure in failures], failures)
        self._untried.add(id(shipment))
        self._work(self._deliver(shipment), buffer)

    async def _deliver(self, shipment: Shipment) -> None:
        try:
            await self._delivery.deliver(shipment, _Watch(self, self._settlement, id(shipment)))
        finally:
            self.tried(id(shipment))

    def tried(self, shipment: int) -> None:
        self._untried.discard(shipment)
        self._progress.set()

    def _work(self, work: Coroutine[Any, Any, None], buffer: Buffer[Any]) -> None:
        self._moving += buffer.size
        self._under_way[id(buffer)] = _arrival(buffer.items[0])

        def finished(_: asyncio.Task[None]) -> None:
            self._moving -= buffer.size
            del self._under_way[id(buffer)]
            self._progress.set()

        self._spawn(work).add_done_callback(finished)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            _log.error("delivery stream %s: a stage failed", self.name, exc_info=fault)

    async def _cancel(self) -> None:
        self._stopped = True
        self._progress.set()
        self._batches.drop()
        self._shelves.drop()
        await self._settlement.written()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Watch:
    stream: Stream
    settlement: Settlement
    shipment: int

    def settle(self, records: Sequence[Record]) -> None:
        self.settlement.settle(records)

    def tried(self) -> None:
        self.stream.tried(self.shipment)


def _filling(buffers: Buffers[Any, Any], now: float) -> dict[str, Any]:
    due = buffers.due_at
    return {
        "bytes": buffers.bytes,
        "records": buffers.records,
        "flush_in": None if due is None else max(0.0, round(due - now, 1)),
    }


def _arrival(item: Record | Failure) -> int:
    return item.record.arrival if isinstance(item, Failure) else item.arrival


def _sizes(records: Sequence[Record]) -> list[int]:
    return [len(record.data) for record in records]
