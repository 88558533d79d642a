"""What waits to be sent: bounded, the oldest first, what failed before what is new."""

import threading
from collections import deque
from collections.abc import Callable

from producer.batching import Batch, Record, batches, total_bytes

_POLL = 0.2
"""Seconds after which a waiting thread looks again; only the end of a run depends on it."""


class Outbox:
    """Hands batches from one maker to several senders, and takes back what failed."""

    def __init__(
        self, clock: Callable[[], float], *, max_records: int, max_bytes: float, room_records: int, room_bytes: int
    ) -> None:
        """Batches are of `max_records` and `max_bytes` at most; `room_*` bounds all that is under way."""
        self._clock = clock
        self._batch = (max_records, max_bytes)
        self._room = (room_records, room_bytes)
        self._changed = threading.Condition()
        self._fresh: deque[Batch] = deque()
        self._again: list[tuple[float, Record]] = []
        self._closed = False
        self._records = 0
        self._bytes = 0
        self._flying: dict[int, Batch] = {}

    @property
    def in_flight(self) -> int:
        """Return the number of batches being sent."""
        return len(self._flying)

    @property
    def empty(self) -> bool:
        return self._records == 0

    def put(self, batch: Batch) -> None:
        """Add a batch; whoever calls this asked `has_room` first."""
        with self._changed:
            self._fresh.append(batch)
            self._count(len(batch.records), batch.size)
            self._changed.notify()

    def has_room(self) -> bool:
        return self._records < self._room[0] and self._bytes < self._room[1]

    def wait_for_room(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(self.has_room, seconds)

    def take(self) -> Batch | None:
        """Return the next batch, waiting for it; None when there will be none any more."""
        with self._changed:
            while not (batch := self._next()):
                if self._closed and self.empty:
                    return None
                self._changed.wait(min(_POLL, self._pause()))
            self._flying[id(batch)] = batch
            return batch

    def finish(self, batch: Batch, again: list[tuple[float, Record]]) -> None:
        """End a batch that was taken: what is not to be sent `again`, at the given times, leaves."""
        with self._changed:
            if self._flying.pop(id(batch), None) is None:
                return  # it was given up meanwhile
            self._again += again
            self._count(len(again) - len(batch.records), total_bytes([record for _, record in again]) - batch.size)
            self._changed.notify_all()

    def shrink(self, max_records: int) -> None:
        """From now on put fewer records into what is sent again: a batch was refused for its size."""
        with self._changed:
            self._batch = (max(1, min(max_records, self._batch[0])), self._batch[1])

    def close(self) -> None:
        """Let senders stop when all is done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> list[Record]:
        """Give up everything that waits, and what is being sent, which may have been delivered then."""
        with self._changed:
            flying = [record for batch in self._flying.values() for record in batch.records]
            for record in flying:
                record.unsure = True
            left = [record for batch in self._fresh for record in batch.records] + [record for _, record in self._again]
            left += flying
            self._fresh.clear()
            self._again.clear()
            self._flying.clear()
            self._count(-len(left), -total_bytes(left))
            self._closed = True
            self._changed.notify_all()
            return left

    def _next(self) -> Batch | None:
        now = self._clock()
        due = sorted((record for at, record in self._again if at <= now), key=lambda record: record.age_key)
        if not due:
            return self._fresh.popleft() if self._fresh else None
        batch = batches(due, *self._batch)[0]
        taken = set(map(id, batch.records))
        self._again = [(at, record) for at, record in self._again if id(record) not in taken]
        return batch

    def _pause(self) -> float:
        if not self._again:
            return _POLL
        return max(0.001, min(at for at, _ in self._again) - self._clock())

    def _count(self, records: int, size: int) -> None:
        self._records += records
        self._bytes += size
