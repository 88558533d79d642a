"""Documents into records, records into batches, within Firehose's limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from producer.ledger import Span
from producer.limits import MAX_BATCH_BYTES, MAX_BATCH_RECORDS

Fate = Literal["delivered", "dead"]


class Owner(Protocol):
    """Whoever answers for sign-ups until they are settled: their producer's journal."""

    def commit(self) -> None:
        """Return when they may be sent."""

    def settle(self, spans: Iterable[Span], fate: Fate) -> int:
        """Note what became of them; return how many were still owed."""


@dataclass(slots=True, eq=False)
class Record:
    """One Data blob: the sign-ups `first` to `first + count - 1` of one producer."""

    owner: Owner
    first: int
    count: int
    data: bytes
    made: int
    """Epoch milliseconds; the older goes first."""
    tried: float | None = None
    """When it was first sent without success, on the monotonic clock."""
    attempts: int = 0
    unsure: bool = False
    """It was sent at least once without an answer: sending it again may duplicate it."""

    @property
    def age_key(self) -> tuple[int, int]:
        return self.made, self.first


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The records of one PutRecordBatch."""

    records: list[Record]
    size: int
    """Bytes, before base64."""


def total_bytes(records: list[Record]) -> int:
    return sum([len(record.data) for record in records])


def signups_in(records: list[Record]) -> int:
    return sum([record.count for record in records])


def spans_by_owner(records: list[Record]) -> list[tuple[Owner, list[Span]]]:
    """Return the sequences of `records`, touching ones joined where they follow one another."""
    found: dict[int, tuple[Owner, list[Span]]] = {}
    owner: Owner | None = None
    spans: list[Span] = []
    end = 0
    for record in records:
        if record.owner is not owner:
            owner = record.owner
            spans = found.setdefault(id(owner), (owner, []))[1]
            end = -1
        if record.first == end:
            end += record.count
            spans[-1] = (spans[-1][0], end)
        else:
            end = record.first + record.count
            spans.append((record.first, end))
    return list(found.values())


class Packer:
    """Joins documents of consecutive sequences into records of at most `limit` bytes; without one, one each."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._open: list[bytes] = []
        self._size = 0
        self._owner: Owner | None = None
        self._first = 0
        self._made = 0

    def add(self, owner: Owner, first: int, made: int, documents: list[bytes]) -> list[Record]:
        """Return the records that are complete; the rest waits for more or for `flush`."""
        if self._limit is None:
            return [Record(owner, sequence, 1, data, made) for sequence, data in enumerate(documents, first)]
        full = []
        if owner is not self._owner or first != self._first + len(self._open):
            full = self.flush()
        for sequence, document in enumerate(documents, first):
            if self._size + len(document) > self._limit:
                full += self.flush()
            if not self._open:
                self._owner, self._first, self._made = owner, sequence, made
            self._open.append(document)
            self._size += len(document)
        return full

    def flush(self) -> list[Record]:
        if not self._open:
            return []
        assert self._owner is not None
        record = Record(self._owner, self._first, len(self._open), b"".join(self._open), self._made)
        self._open, self._size = [], 0
        return [record]


class Batcher:
    """Collects records into batches that one PutRecordBatch may carry."""

    def __init__(self, max_records: int = MAX_BATCH_RECORDS, max_bytes: float = MAX_BATCH_BYTES) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._open: list[Record] = []
        self._size = 0

    def add(self, records: Iterable[Record]) -> list[Batch]:
        """Return the batches that are full."""
        full = []
        for record in records:
            size = len(record.data)
            if self._open and (len(self._open) == self._max_records or self._size + size > self._max_bytes):
                full += self.flush()
            self._open.append(record)
            self._size += size
        if len(self._open) == self._max_records:
            full += self.flush()
        return full

    def flush(self) -> list[Batch]:
        batch = Batch(self._open, self._size)
        self._open, self._size = [], 0
        return [batch] if batch.records else []


def batches(records: Iterable[Record], max_records: int, max_bytes: float) -> list[Batch]:
    """Cut `records` into batches, their order kept."""
    batcher = Batcher(max_records, max_bytes)
    return batcher.add(records) + batcher.flush()
