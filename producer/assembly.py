"""Puts a run together from its settings, a destination and a clock."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import Protocol

from how_fake_accounts.cpf import CPFS
from how_fake_accounts.generator import AccountGenerator
from producer.batching import Batcher, Packer
from producer.deadletter import DeadLetters
from producer.errors import Busy
from producer.journal import SUFFIX, Journal, State, load, open_journal
from producer.limits import BILLING_UNIT, MAX_BATCH_BYTES, MAX_BATCH_RECORDS
from producer.outbox import Outbox
from producer.outcomes import Put
from producer.pacing import Pacer, Throttle, back_off
from producer.profile import DayProfile
from producer.progress import Moment
from producer.report import Place, Tally
from producer.run import Clock, Line, Run, Stop
from producer.schedules import Bursts, Constant, Ramp, Schedule
from producer.sender import Sender
from producer.settings import Settings
from producer.signups import Maker, Source, instant, moment_of

_ROOM_BYTES = 4 * 1024 * 1024
"""For each request in flight: what is sent, and what is made meanwhile."""


class Destination(Protocol):
    region: str

    @property
    def target(self) -> str: ...

    @property
    def put(self) -> Put: ...


class Assembly:
    """The parts of one run. Opening the journals may raise StorageError."""

    def __init__(
        self,
        settings: Settings,
        destination: Destination,
        clock: Clock,
        *,
        resume_only: bool = False,
        pause: Callable[[int], float] | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.destination = destination
        self.clock = clock
        self.warn = warn
        self.pause = pause or _full_jitter
        self.tally = Tally()
        self.stop = Stop(clock.monotonic)
        self.quota = settings.quota_in(destination.region)
        self.throttle = Throttle(self.quota)
        batch_bytes = int(min(MAX_BATCH_BYTES, max(BILLING_UNIT, self.quota.size / 4)))
        self.outbox = Outbox(
            clock.monotonic,
            max_records=MAX_BATCH_RECORDS,
            max_bytes=batch_bytes,
            room_records=2 * settings.in_flight * MAX_BATCH_RECORDS,
            # A second's worth of a small quota: what is made has to go out before the run can end.
            room_bytes=int(min(settings.in_flight * _ROOM_BYTES, self.quota.size)),
        )
        self.inherited, self.own = self._lines(resume_only=resume_only)
        self.run = self._run(batch_bytes)

    @property
    def place(self) -> Place:
        producer_id = self.own.journal.state.producer_id if self.own else "resume"
        settings = self.settings
        return Place(settings.delivery_stream, self.destination.region, producer_id, durable=settings.journal)

    def __call__(self, heartbeat: Callable[[], None] = lambda: None) -> None:
        """Run to the end and close the journals; `run.error` and the tally tell the rest."""
        self.run.heartbeat = heartbeat
        try:
            self.run([self._sender() for _ in range(self.settings.in_flight)])
        finally:
            self.run.close()

    def moment(self) -> Moment:
        with self.tally.lock:
            used = self.throttle.used(self.clock.monotonic()) / self.quota.size
        waiting = self.tally.accepted - self.tally.delivered - self.tally.dead
        return Moment(waiting, self.outbox.in_flight, self.throttle.share, used)

    def _lines(self, *, resume_only: bool) -> tuple[list[Line], Line | None]:
        settings = self.settings
        own_id = settings.producer_id or self._new_id()
        if not settings.journal:
            return [], self._line(self._with_source(Journal(self._state(own_id))))
        inherited = [self._line(journal) for journal in self._unfinished(None if resume_only else own_id)]
        if resume_only:
            return inherited, None
        journal = open_journal(settings.journal_directory, self._state(own_id))
        return inherited, self._line(self._with_source(journal))

    def _unfinished(self, own_id: str | None) -> Iterator[Journal]:
        """Open the journals of other producers that still owe sign-ups to this stream, and that nobody works on."""
        for path in sorted(self.settings.journal_directory.glob(f"*{SUFFIX}")):
            state = load(path)
            if state.producer_id == own_id:
                continue
            if not state.ledger.outstanding:
                self._tidy_up(state)
                continue
            if state.target != self.destination.target:
                self.warn(f"{state.ledger.outstanding:,} sign-ups in {path} wait for {state.target}")
                continue
            with suppress(Busy):
                yield self._inherit(path, state)

    def _tidy_up(self, state: State) -> None:
        """Remove what a killed producer left though all it made was delivered."""
        if not state.named:
            with suppress(Busy):
                open_journal(self.settings.journal_directory, state).close(unsure=0)

    def _inherit(self, path: Path, state: State) -> Journal:
        # Begun anew, and empty, if its own producer finished it a moment ago.
        nothing = State(state.producer_id, state.target, state.generator, state.named)
        journal = open_journal(self.settings.journal_directory, nothing)
        if journal.state.generator != _fingerprint():
            self.warn(f"{path} is of another release: its sign-ups keep their identity and get other people's data")
        return journal

    def _new_id(self) -> str:
        return f"{moment_of(self.clock.epoch_ms()):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"

    def _state(self, producer_id: str) -> State:
        named = self.settings.producer_id is not None
        return State(producer_id, self.destination.target, _fingerprint(), named)

    def _with_source(self, journal: Journal) -> Journal:
        """Let the journal go on with the accounts that the settings name: where it is with them, if it knows them."""
        settings, known = self.settings, journal.state.sources
        asked = {"seed", "start_at", "lane", "lanes"} & settings.model_fields_set
        if known and not asked:
            return journal
        seed = secrets.randbits(63) if settings.seed is None else settings.seed
        wanted = Source(journal.ledger.next, seed, settings.start_at, settings.lane, settings.lanes)
        if not known or known[-1][1:] != wanted[1:]:
            journal.follow(wanted)
        return journal

    def _line(self, journal: Journal) -> Line:
        return Line(journal, Maker(journal.state.producer_id, journal.state.sources, _accounts))

    def _run(self, batch_bytes: int) -> Run:
        settings = self.settings
        started = moment_of(self.clock.epoch_ms())
        schedule: Schedule = Constant(settings.rate)
        if settings.ramp:
            schedule = Ramp(*settings.ramp)
        elif settings.profile:
            schedule = DayProfile(settings.rate, started)
        if settings.burst:
            schedule = Bursts(schedule, *settings.burst)
        return Run(
            own=self.own,
            inherited=self.inherited,
            pacer=Pacer(schedule, settings.total, settings.for_),
            packer=Packer(BILLING_UNIT if settings.pack else None),
            batcher=Batcher(max_bytes=batch_bytes),
            outbox=self.outbox,
            tally=self.tally,
            clock=self.clock,
            stop=self.stop,
            linger=settings.linger,
            drain_timeout=settings.drain_timeout,
            accounts_a_lane=lambda source: CPFS // source.lanes,
        )

    def _sender(self) -> Sender:
        settings = self.settings
        path = settings.dead_letter_file or settings.journal_directory / "dead-letters.ndjson"
        return Sender(
            put=self.destination.put,
            outbox=self.outbox,
            throttle=self.throttle,
            tally=self.tally,
            dead_letters=DeadLetters(path, lambda: instant(self.clock.epoch_ms())),
            clock=self.clock.monotonic,
            sleep=self.clock.sleep,
            pause=self.pause,
            give_up_after=settings.give_up_after,
            fail=self.run.fail,
            give_up=self.run.give_up,
        )


_random = Random(os.urandom(16))


def _full_jitter(attempts: int) -> float:
    return back_off(attempts, _random.random())


def _accounts(source: Source, position: int) -> Iterator[str]:
    return AccountGenerator(source.seed, start_at=position, lane=source.lane, lanes=source.lanes).members()


def _fingerprint() -> str:
    """Return what tells generators apart that make other people of the same seed and position."""
    people = "\n".join(islice(AccountGenerator(0).members(), 100))
    return sha256(people.encode()).hexdigest()[:12]
