"""The write-ahead journal: which sign-ups were made, which were settled, and how to make the others again.

A block is written, and on the disk, before any of its sign-ups is sent; what became of them is written after.
Whatever a killed process left unsettled is made again, to the byte, from seed and position. So the file holds no
personal data and stays small, however long the delivery stream is away.

One JSON value a line. The header, then, in the order of events:
  ["source", first, seed, start_at, lane, lanes]   accounts of the sequences from `first` on
  ["made", first, count, at]                       a block
  ["delivered", first, end] · ["dead", first, end] settled sequences, `end` not included
  ["next", sequence]                               in a rewritten journal, whose settled blocks are left out
  ["closed", unsure]                               ended in order; so many of the unsettled may have been delivered
"""

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from producer.batching import Fate
from producer.errors import StorageError
from producer.ledger import Ledger, Span
from producer.log import Lock, Log, storage, whole_lines
from producer.signups import Block, Source

FORMAT = "how-fake-accounts/producer-journal"
VERSION = 1
SUFFIX = ".journal"
_REWRITE_AT = 1024 * 1024


@dataclass
class State:
    """What a journal says."""

    producer_id: str
    target: str
    """Where the sign-ups were meant to go: they are never sent elsewhere."""
    generator: str
    """Fingerprint of the library that made them: another one would make other people."""
    named: bool
    """The producer's id was given: its sequence goes on in the next run."""
    sources: list[Source] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    unsure: int = 0
    """Unsettled sign-ups that may have been delivered all the same."""

    def lines(self) -> Iterator[str]:
        header = {"format": FORMAT, "version": VERSION, "producer_id": self.producer_id, "target": self.target}
        yield json.dumps(header | {"generator": self.generator, "named": self.named})
        for source in self.sources:
            yield json.dumps(["source", *source])
        yield json.dumps(["next", self.ledger.next])
        for block, spans in self.ledger.owed():
            yield json.dumps(["made", *block])
            for first, end in _gaps(block, spans):
                yield json.dumps(["delivered", first, end])


class Journal:
    """One producer's journal. Without a log it only counts: a killed process then loses what was on its way."""

    def __init__(self, state: State, log: Log | None = None, lock: Lock | None = None) -> None:
        self.state = state
        self.ledger = state.ledger
        self._log = log
        self._lock = lock
        self._rewrite_at = _REWRITE_AT
        self._unwritten: list[str] = []
        self._guard = threading.RLock()
        self._closed = False

    @property
    def durable(self) -> bool:
        return self._log is not None

    def follow(self, source: Source) -> None:
        """From the next sequence on, take accounts from `source`. Raises StorageError."""
        with self._guard:
            if self._log:
                self._log.append(json.dumps(["source", *source]))
            self.state.sources.append(source)

    def reserve(self, count: int, at: int) -> Block:
        """Give out a block; raises StorageError, and then gives out none."""
        with self._guard:
            if self._log:
                self._log.append(json.dumps(["made", *Block(self.ledger.next, count, at)]))
            return self.ledger.reserve(count, at)

    def commit(self) -> None:
        """Return when all reserved blocks are on the disk: before that, none of their sign-ups may be sent."""
        if self._log:
            self._log.commit()

    def settle(self, spans: Iterable[Span], fate: Fate) -> int:
        """Note what became of sign-ups; return how many were still owed. Never raises: the deed is done."""
        settled = 0
        with self._guard:
            if self._closed:
                return 0  # a straggler: it stays in the journal, and counts as perhaps delivered
            for first, end in spans:
                settled += self.ledger.settle(first, end)
                self._note(json.dumps([fate, first, end]))
        return settled

    def close(self, unsure: int) -> int:
        """End in order; return how many settled sign-ups could not be noted, and will be sent again.

        A journal with nothing left to say is removed.
        """
        self._closed = True
        if self._log is None:
            return 0
        self.state.unsure = unsure
        forgotten = 0
        if self.ledger.outstanding or self.state.named:
            try:
                self._log.replace([*self.state.lines(), json.dumps(["closed", unsure])])
            except StorageError:
                forgotten = sum(end - first for _, first, end in map(json.loads, self._unwritten))
        else:
            self._log.path.unlink(missing_ok=True)
        self._log.close()
        if self._lock:
            if not self._log.path.exists():
                self._lock.path.unlink(missing_ok=True)
            self._lock.release()
        return forgotten

    def _note(self, line: str) -> None:
        if self._log is None:
            return
        try:
            self._log.append(line)
        except StorageError:
            self._unwritten.append(line)
        if self._log.size > self._rewrite_at:
            with suppress(StorageError):  # the long journal is as good as the short one
                self._log.replace(self.state.lines())
                self._unwritten.clear()
            self._rewrite_at = max(_REWRITE_AT, 2 * self._log.size)


def open_journal(directory: Path, fresh: State) -> Journal:
    """Open the journal of `fresh.producer_id`, or begin it as `fresh`. Raises StorageError, Busy."""
    with storage(directory, "make"):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{fresh.producer_id}{SUFFIX}"
    lock = Lock(path.with_suffix(".lock"))
    try:
        state = load(path) if path.exists() else fresh
        _same_target(path, state, fresh)
        state.named = state.named or fresh.named
        return Journal(state, Log(path, state.lines()), lock)
    except BaseException:
        lock.release()
        raise


def _same_target(path: Path, state: State, wanted: State) -> None:
    if state.target != wanted.target:
        raise StorageError(f"{path} belongs to {state.target}, not to {wanted.target}: give another --producer-id")


def load(path: Path) -> State:
    """Read a journal; a line cut short at its end was never acted upon. Raises StorageError."""
    lines = whole_lines(path)
    state = _header(path, lines[0] if lines else "")
    orderly = False
    for number, line in enumerate(lines[1:], 2):
        try:
            orderly = _apply(state, json.loads(line))
        except (ValueError, TypeError, KeyError):
            raise StorageError(
                f"line {number} of {path} is damaged: move the file aside, or mend the line, and start again"
            ) from None
    if not orderly:
        state.unsure = state.ledger.outstanding
    return state


def _header(path: Path, line: str) -> State:
    try:
        header: dict[str, Any] = json.loads(line)
        known, version = header["format"] == FORMAT, header["version"]
    except (ValueError, TypeError, KeyError):
        known, version = False, None
    if not known:
        raise StorageError(f"{path} is not a journal of this producer: move it aside and start again")
    if version != VERSION:
        raise StorageError(
            f"{path} is in format {version}, and this release reads {VERSION}: finish it with the release that"
            " wrote it (python -m producer resume), or move it aside"
        )
    return State(header["producer_id"], header["target"], header["generator"], header["named"])


def _apply(state: State, entry: list[Any]) -> bool:
    """Take in one line; return whether it says that the run ended in order."""
    match entry:
        case ["source", *values]:
            state.sources.append(Source(*map(int, values)))
        case ["made", *values]:
            state.ledger.restore(Block(*map(int, values)))
        case ["delivered" | "dead", int(first), int(end)]:
            state.ledger.settle(first, end)
        case ["next", int(sequence)]:
            state.ledger.next = max(state.ledger.next, sequence)
        case ["closed", int(unsure)]:
            state.unsure = unsure
            return True
        case _:
            raise ValueError(entry)
    return False


def _gaps(block: Block, spans: list[Span]) -> Iterator[Span]:
    at = block.first
    for first, end in spans:
        if at < first:
            yield at, first
        at = end
    if at < block.end:
        yield at, block.end
