"""The composition root: wires one run from its settings, and answers with an exit code."""

import json
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from how_fake_accounts.cpf import CPFS
from how_fake_accounts.generator import AccountGenerator
from producer import cost, options
from producer.batching import Batcher, Packer
from producer.deadletter import DeadLetters
from producer.delivery import Delivery
from producer.errors import Exit, ProducerError
from producer.journal import Journal, State, load, open_journal
from producer.limits import BILLING_UNIT, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, Quota
from producer.outbox import Outbox
from producer.pacing import Pacer, Throttle
from producer.progress import Display, Heartbeat, JsonLines, Moment, Terminal
from producer.report import Place, Tally, balance, balanced, details, numbers
from producer.run import Line, Run, Stop
from producer.schedules import Bursts, Constant, DayProfile, Ramp, Schedule
from producer.sender import Sender
from producer.settings import Settings
from producer.signups import Maker, Source, instant


class MachineClock:
    """The machine's clocks; the only place where they are read."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    @staticmethod
    def epoch_ms() -> int:
        return time.time_ns() // 1_000_000


CLOCK = MachineClock()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the producer; return its exit code."""
    try:
        command, settings = options.parse(sys.argv[1:] if arguments is None else arguments)
        return _Production(settings, resume_only=command == "resume")()
    except ProducerError as error:
        options.warn(str(error))
        return error.exit_code


def accounts(source: Source, position: int) -> Iterator[str]:
    return AccountGenerator(source.seed, start_at=position, lane=source.lane, lanes=source.lanes).members()


def accounts_a_lane(source: Source) -> int:
    return CPFS // source.lanes


class _Production:
    """One run, put together."""

    def __init__(self, settings: Settings, *, resume_only: bool) -> None:
        self.settings = settings
        self.delivery = Delivery(
            settings.delivery_stream,
            settings.region,
            connections=settings.in_flight,
            timeout=settings.request_timeout,
        )
        quota = settings.quota_in(self.delivery.region)
        self.quota = quota
        self.tally = Tally()
        self.throttle = Throttle(quota)
        self.stop = Stop()
        self.inherited, self.own = self._lines(resume_only=resume_only)
        self.place = Place(
            settings.delivery_stream,
            self.delivery.region,
            self.own.journal.state.producer_id if self.own else "resume",
            durable=settings.journal,
        )
        self.outbox = self._outbox(quota)
        self.display = self._display()
        self.run = self._run(quota)

    def __call__(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop.ask)
        started = CLOCK.monotonic()
        try:
            self.run(self._senders())
        finally:
            self.run.close()
            self.display.close()
        self._report(CLOCK.monotonic() - started)
        return self._exit_code()

    def _lines(self, *, resume_only: bool) -> tuple[list[Line], Line | None]:
        settings = self.settings
        own_id = settings.producer_id or f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        if not settings.journal:
            fresh = self._state(own_id)
            return [], self._line(self._with_source(Journal(fresh)))
        inherited = [self._line(journal) for journal in self._unfinished(own_id)]
        if resume_only:
            return inherited, None
        journal = open_journal(settings.journal_directory, self._state(own_id))
        return inherited, self._line(self._with_source(journal))

    def _unfinished(self, own_id: str) -> Iterator[Journal]:
        """Open the journals of other producers that still owe sign-ups to this stream."""
        for path in sorted(self.settings.journal_directory.glob("*.journal")):
            state = load(path)
            if path.stem == own_id or not state.ledger.outstanding:
                continue
            if state.target != self.delivery.target:
                options.warn(f"{state.ledger.outstanding:,} sign-ups in {path} wait for {state.target}")
                continue
            yield open_journal(self.settings.journal_directory, state)

    def _state(self, producer_id: str) -> State:
        named = self.settings.producer_id is not None
        return State(producer_id, self.delivery.target, _release(), named)

    def _with_source(self, journal: Journal) -> Journal:
        """Let the journal go on with the accounts that the settings name, where it is with them."""
        settings, known = self.settings, journal.state.sources
        if known and settings.seed is None and not settings.start_at:
            return journal
        seed = secrets.randbits(63) if settings.seed is None else settings.seed
        wanted = Source(journal.ledger.next, seed, settings.start_at, settings.lane, settings.lanes)
        if not known or known[-1][1:] != wanted[1:]:
            journal.follow(wanted)
        return journal

    def _line(self, journal: Journal) -> Line:
        return Line(journal, Maker(journal.state.producer_id, journal.state.sources, accounts))

    def _outbox(self, quota: Quota) -> Outbox:
        return Outbox(
            CLOCK.monotonic,
            max_records=MAX_BATCH_RECORDS,
            max_bytes=_batch_bytes(quota),
            room_records=2 * self.settings.in_flight * MAX_BATCH_RECORDS,
            room_bytes=4 * self.settings.in_flight * 1024 * 1024,
        )

    def _display(self) -> Display:
        on_terminal = sys.stdout.isatty() if self.settings.log_format == "auto" else self.settings.log_format == "rich"
        if on_terminal:
            return Terminal(self.tally, self.place, Console())
        on_ecs = "ECS_CONTAINER_METADATA_URI_V4" in os.environ
        emf = on_ecs if self.settings.emf is None else self.settings.emf
        return JsonLines(self.tally, self.place, emf=emf, epoch_ms=CLOCK.epoch_ms)

    def _run(self, quota: Quota) -> Run:
        settings = self.settings
        return Run(
            own=self.own,
            inherited=self.inherited,
            pacer=Pacer(_schedule(settings), settings.total, settings.for_),
            packer=Packer(BILLING_UNIT if settings.pack else None),
            batcher=Batcher(max_bytes=_batch_bytes(quota)),
            outbox=self.outbox,
            tally=self.tally,
            clock=CLOCK,
            stop=self.stop,
            linger=settings.linger,
            drain_timeout=settings.drain_timeout,
            accounts_a_lane=accounts_a_lane,
            heartbeat=Heartbeat(self.display, settings.interval, settings.liveness_file, CLOCK.monotonic, self._moment),
        )

    def _senders(self) -> list[Sender]:
        return [self._sender() for _ in range(self.settings.in_flight)]

    def _sender(self) -> Sender:
        run = self.run
        path = self.settings.dead_letter_file or self.settings.journal_directory / "dead-letters.ndjson"
        return Sender(
            put=self.delivery.put,
            outbox=self.outbox,
            throttle=self.throttle,
            tally=self.tally,
            journals=run.journals,
            dead_letters=DeadLetters(path, lambda: instant(CLOCK.epoch_ms())),
            clock=CLOCK.monotonic,
            sleep=CLOCK.sleep,
            draw=random.Random().random,
            give_up_after=self.settings.give_up_after,
            fail=run.fail,
            give_up=run.give_up,
        )

    def _moment(self) -> Moment:
        with self.tally.lock:
            used = self.throttle.used(CLOCK.monotonic()) / self.quota.size
        waiting = self.tally.accepted - self.tally.delivered - self.tally.dead
        return Moment(waiting, self.outbox.in_flight, self.throttle.share, used)

    def _report(self, seconds: float) -> None:
        tally = self.tally
        price = cost.sentence(self.delivery.region, tally.delivered, tally.units, tally.size)
        if isinstance(self.display, JsonLines):
            print(json.dumps({"message": "final", **numbers(tally), "Journaled": tally.owed, "cost": price}))
        else:
            print(*details(tally, seconds, price), sep="\n")
        print(balance(tally, self.place), flush=True)

    def _exit_code(self) -> int:
        if not balanced(self.tally):
            options.warn("the numbers do not balance: this is a defect, please report it with the lines above")
            return Exit.BROKEN
        if self.run.error:
            options.warn(str(self.run.error))
            return self.run.error.exit_code
        if self.tally.owed or self.tally.dead:
            options.warn(self._unfinished_business())
            return Exit.UNFINISHED
        return Exit.DELIVERED

    def _unfinished_business(self) -> str:
        settings = self.settings
        if self.tally.owed and not settings.journal:
            return f"{self.tally.owed:,} sign-ups were not delivered, and there is no journal to keep them"
        if self.tally.owed:
            return f"send what is left with: python -m producer resume --delivery-stream {settings.delivery_stream}"
        return "the records that can never be sent are in the dead-letter file"


def _schedule(settings: Settings) -> Schedule:
    schedule: Schedule = Constant(settings.rate)
    if settings.ramp:
        schedule = Ramp(*settings.ramp)
    elif settings.profile:
        schedule = DayProfile(settings.rate, datetime.now(UTC))
    return Bursts(schedule, *settings.burst) if settings.burst else schedule


def _batch_bytes(quota: Quota) -> int:
    """Return a quarter of a second's quota: batches of whole seconds' worth would be throttled."""
    return int(min(MAX_BATCH_BYTES, max(BILLING_UNIT, quota.size / 4)))


def _release() -> str:
    try:
        return version("how-fake-accounts")
    except PackageNotFoundError:
        return "unknown"


__all__ = ["Path", "main"]
