"""One run: make what is due, hand it to the senders, and account for each sign-up at the end."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from producer.batching import Batcher, Packer, Record
from producer.errors import ProducerError, Refused
from producer.journal import Journal
from producer.ledger import Span, spans_of
from producer.outbox import Outbox
from producer.pacing import Pacer
from producer.report import Tally
from producer.sender import Sender
from producer.signups import Block, Maker, Source

_BLOCK = 1_000
"""Sign-ups made at once at most: they share one `created_at`."""
_TICK = 0.02
"""Seconds between two looks at the clock while nothing is due."""
_MANY_BLOCKS = 50_000
"""Unsettled blocks above which no sign-ups are made: some ten megabytes of memory, hours without an endpoint."""


class Clock(Protocol):
    def monotonic(self) -> float: ...
    def epoch_ms(self) -> int: ...
    def sleep(self, seconds: float) -> None: ...


@dataclass
class Stop:
    """Set by signals: the first one ends the run in order, one a second later ends it at once.

    What comes within the second is the same wish, told twice: Ctrl-C reaches a whole process group.
    """

    clock: Callable[[], float]
    asked: int = 0
    _since: float = 0.0

    def ask(self, *_: object) -> None:
        if not self.asked:
            self.asked, self._since = 1, self.clock()
        elif self.clock() - self._since > 1.0:
            self.asked = 2


@dataclass
class Line:
    """A producer's journal and what makes its sign-ups."""

    journal: Journal
    maker: Maker


@dataclass
class Abandoned:
    """Sign-ups of one producer that were given up."""

    spans: list[Span] = field(default_factory=list)
    unsure: int = 0

    def add(self, record: Record) -> None:
        self.spans.append((record.first, record.first + record.count))
        self.unsure += record.count if record.unsure else 0
        if len(self.spans) % 1_000 == 0:
            self.spans = spans_of(sorted(self.spans))


@dataclass
class Run:
    own: Line | None
    """None when only journals are to be sent."""
    inherited: list[Line]
    """Unfinished producers of earlier runs, to be sent first."""
    pacer: Pacer
    packer: Packer
    batcher: Batcher
    outbox: Outbox
    tally: Tally
    clock: Clock
    stop: Stop
    linger: float
    drain_timeout: float
    accounts_a_lane: Callable[[Source], int]
    heartbeat: Callable[[], None] = lambda: None
    error: ProducerError | None = None
    _abandoned: dict[int, "Abandoned"] = field(default_factory=dict)
    _delivered_before: int = 0
    _backlog: deque[tuple[Line, Block, list[Span]]] = field(default_factory=deque)
    _lines: dict[int, Line] = field(default_factory=dict)
    _waiting_since: float | None = None
    _last_at: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        for line in [*self.inherited, *([self.own] if self.own else [])]:
            self._lines[id(line.journal)] = line

    def __call__(self, senders: list[Sender]) -> None:
        """Run to the end; `error` then says what ended it early, if anything did."""
        for line in self._lines.values():
            self.tally.resumed += self._queue_owed(line, 1, line.journal.ledger.next)
            self.tally.duplicated += line.journal.state.unsure
        threads = [threading.Thread(target=sender.run, daemon=True, name="sender") for sender in senders]
        for thread in threads:
            thread.start()
        try:
            self._make()
        except ProducerError as error:
            self.fail(error)
        self._drain(threads)

    def fail(self, error: ProducerError) -> None:
        """End the run because of `error`; the first one counts."""
        with self._guard:
            self.error = self.error or error

    def give_up(self, records: list[Record]) -> None:
        """Leave sign-ups to the journal, until the delivery stream answers again."""
        with self._guard:
            for record in records:
                abandoned = self._abandoned.setdefault(id(record.owner), Abandoned())
                abandoned.add(record)
            if records:
                self._delivered_before = self.tally.delivered

    def _make(self) -> None:
        started: float | None = None
        while not (self.stop.asked or self.error):
            self.heartbeat()
            if not self.outbox.wait_for_room(0.2):
                continue
            self._recover()
            if self._backlog:
                self._send_backlog()
                continue
            now = self.clock.monotonic()
            started = now if started is None else started
            if self.own is None or self.pacer.finished(now - started):
                if self._settled_down():
                    return
                continue
            if not self._make_due(self.own, now - started):
                self._flush_when_waiting(now)
                self.clock.sleep(_TICK)

    def _make_due(self, own: Line, elapsed: float) -> bool:
        count = self.pacer.allowance(elapsed, _BLOCK)
        if not count or len(own.journal.ledger) >= _MANY_BLOCKS:
            return False
        count = min(count, self._accounts_left(own.journal))
        at = self._last_at = max(self.clock.epoch_ms(), self._last_at + 1)
        block = own.journal.reserve(count, at)
        self.tally.generated += count
        self.pacer.took(count)
        self._pass_on(own, block, [(block.first, block.end)])
        return True

    def _accounts_left(self, journal: Journal) -> int:
        """Return how many accounts the seed has left; when there are none, go on with the next seed."""
        source = journal.state.sources[-1]
        left = self.accounts_a_lane(source) - source.start_at - (journal.ledger.next - source.first)
        if left <= 0:
            source = Source(journal.ledger.next, source.seed + 1, 0, source.lane, source.lanes)
            journal.follow(source)
            left = self.accounts_a_lane(source)
        return left

    def _pass_on(self, line: Line, block: Block, spans: list[Span]) -> None:
        documents = line.maker.documents(block)
        for first, end in spans:
            chosen = documents[first - block.first : end - block.first]
            self._queue(self.packer.add(line.journal, first, block.at, chosen))

    def _queue(self, records: list[Record]) -> None:
        for batch in self.batcher.add(records):
            self.outbox.put(batch)
            self._waiting_since = None
        if self._waiting_since is None:
            self._waiting_since = self.clock.monotonic()

    def _flush_when_waiting(self, now: float) -> None:
        if self._waiting_since is not None and now - self._waiting_since >= self.linger:
            self._flush()

    def _flush(self) -> None:
        for batch in self.batcher.add(self.packer.flush()) + self.batcher.flush():
            self.outbox.put(batch)
        self._waiting_since = None

    def _queue_owed(self, line: Line, first: int, end: int) -> int:
        owed = [(line, block, spans) for block, spans in line.journal.ledger.owed(first, end)]
        self._backlog += owed
        return sum(b - a for _, _, spans in owed for a, b in spans)

    def _send_backlog(self) -> None:
        while self._backlog and self.outbox.has_room() and not (self.stop.asked or self.error):
            self._pass_on(*self._backlog.popleft())
        if not self._backlog:
            self._flush()

    def _recover(self) -> None:
        """Take back what was given up, once something was delivered after it."""
        with self._guard:
            if not self._abandoned or self.tally.delivered == self._delivered_before:
                return
            taken, self._abandoned = self._abandoned, {}
        for key, abandoned in taken.items():
            for first, end in spans_of(sorted(abandoned.spans)):
                self._queue_owed(self._lines[key], first, end)
            with self.tally.lock:
                self.tally.duplicated += abandoned.unsure

    def _settled_down(self) -> bool:
        """Return whether all that can be sent is sent; otherwise see to it that it goes out."""
        self._flush()
        if self.outbox.empty:
            return True
        self.clock.sleep(_TICK)
        return False

    def _drain(self, threads: list[threading.Thread]) -> None:
        """Let what is under way arrive; after `drain_timeout`, or a second signal, leave it to the journal."""
        self._flush()
        self.outbox.close()
        deadline = self.clock.monotonic() + self.drain_timeout
        while not self.outbox.empty and not isinstance(self.error, Refused) and self.clock.monotonic() < deadline:
            if self.stop.asked > 1:
                break
            self.heartbeat()
            self.clock.sleep(_TICK)
        self.give_up(self.outbox.abandon())
        for thread in threads:
            thread.join(0.2)

    def close(self) -> None:
        """Close the journals; from here on the tally does not change."""
        with self.tally.lock:
            for line in self._lines.values():
                journal = line.journal
                unsure = self._abandoned.get(id(journal), Abandoned()).unsure
                self.tally.owed += journal.ledger.outstanding
                self.tally.duplicated += journal.close(min(unsure, journal.ledger.outstanding))
