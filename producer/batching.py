"""Documents into records, records into batches, within Firehose's limits."""

from collections.abc import Iterable
from dataclasses import dataclass

from producer.ledger import Ledger
from producer.limits import MAX_BATCH_BYTES, MAX_BATCH_RECORDS


@dataclass(slots=True, eq=False)
class Record:
    """One Data blob: the sign-ups `first` to `first + count - 1` of one producer."""

    ledger: Ledger
    first: int
    count: int
    data: bytes
    made: int
    """Epoch milliseconds; the older goes first."""
    tried: float | None = None
    """When it was first sent, on the monotonic clock."""
    attempts: int = 0
    unsure: bool = False
    """It was sent at least once without an answer: sending it again may duplicate it."""

    @property
    def age_key(self) -> tuple[int, int]:
        return self.made, self.first


def total_bytes(records: Iterable[Record]) -> int:
    return sum(len(record.data) for record in records)


def signups_in(records: Iterable[Record]) -> int:
    return sum(record.count for record in records)


class Packer:
    """Joins documents of consecutive sequences into records of at most `limit` bytes; without one, one each."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._open: list[bytes] = []
        self._size = 0
        self._ledger: Ledger | None = None
        self._first = 0
        self._made = 0

    def add(self, ledger: Ledger, first: int, made: int, documents: list[bytes]) -> list[Record]:
        """Return the records that are complete; the rest waits for more or for `flush`."""
        if self._limit is None:
            return [Record(ledger, sequence, 1, data, made) for sequence, data in enumerate(documents, first)]
        full = []
        if ledger is not self._ledger or first != self._first + len(self._open):
            full = self.flush()
        for sequence, document in enumerate(documents, first):
            if self._size + len(document) > self._limit:
                full += self.flush()
            if not self._open:
                self._ledger, self._first, self._made = ledger, sequence, made
            self._open.append(document)
            self._size += len(document)
        return full

    def flush(self) -> list[Record]:
        if not self._open:
            return []
        assert self._ledger is not None
        record = Record(self._ledger, self._first, len(self._open), b"".join(self._open), self._made)
        self._open, self._size = [], 0
        return [record]


class Batcher:
    """Collects records into batches that one PutRecordBatch may carry."""

    def __init__(self, max_records: int = MAX_BATCH_RECORDS, max_bytes: float = MAX_BATCH_BYTES) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._open: list[Record] = []
        self._size = 0

    def add(self, records: Iterable[Record]) -> list[list[Record]]:
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

    def flush(self) -> list[list[Record]]:
        batch, self._open, self._size = self._open, [], 0
        return [batch] if batch else []


def batches(records: Iterable[Record], max_records: int, max_bytes: float) -> list[list[Record]]:
    """Cut `records` into batches, their order kept."""
    batcher = Batcher(max_records, max_bytes)
    return batcher.add(records) + batcher.flush()
