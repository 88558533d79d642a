"""Sends batches until each sign-up in them is delivered, dead-lettered or given back to the journal."""

from collections.abc import Callable
from dataclasses import dataclass, field

from producer.batching import Batch, Fate, Record, signups_in, spans_by_owner, total_bytes
from producer.deadletter import DeadLetters
from producer.errors import ProducerError
from producer.limits import BILLING_UNIT
from producer.outbox import Outbox
from producer.outcomes import PERMANENT, THROTTLED, Answered, Outcome, Put, TooLarge, Unanswered
from producer.pacing import Throttle
from producer.report import Tally


@dataclass
class Triage:
    """What one answer makes of the records of a batch."""

    delivered: list[Record] = field(default_factory=list)
    again: list[Record] = field(default_factory=list)
    hopeless: list[tuple[Record, str]] = field(default_factory=list)
    throttled: int = 0


def triage(batch: list[Record], outcome: Outcome) -> Triage:
    """Sort a batch by what became of each of its records; exactly the failed positions are to be sent again."""
    match outcome:
        case Answered(failed):
            return _triage_each(batch, failed)
        case TooLarge(reason) if len(batch) == 1:
            return Triage(hopeless=[(batch[0], reason)])
        case TooLarge():
            return Triage(again=batch)
        case Unanswered(throttled=throttled):
            return Triage(again=batch, throttled=int(throttled))


def _triage_each(batch: list[Record], failed: dict[int, str]) -> Triage:
    if not failed:
        return Triage(delivered=batch)
    sorted_out = Triage()
    for at, record in enumerate(batch):
        code = failed.get(at)
        if code is None:
            sorted_out.delivered.append(record)
        elif code in PERMANENT:
            sorted_out.hopeless.append((record, code))
        else:
            sorted_out.again.append(record)
            sorted_out.throttled += code in THROTTLED
    return sorted_out


@dataclass
class Sender:
    """The work of one sending thread; several share everything but the thread."""

    put: Put
    outbox: Outbox
    throttle: Throttle
    tally: Tally
    dead_letters: DeadLetters
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    pause: Callable[[int], float]
    """Seconds to wait after so many attempts."""
    give_up_after: float
    fail: Callable[[ProducerError], None]
    """Told of what ends the run."""
    give_up: Callable[[list[Record]], None]
    """Takes what could not be delivered in time."""

    def run(self) -> None:
        while (batch := self.outbox.take()) is not None:
            again: list[tuple[float, Record]] = []
            try:
                again = self._send(batch)
            except ProducerError as error:
                self.give_up(batch.records)
                self.fail(error)
            except BaseException as error:
                self.give_up(batch.records)
                self.fail(ProducerError(f"a defect of the producer: {type(error).__name__} while sending"))
                raise
            finally:
                self.outbox.finish(batch, again)

    def _send(self, batch: Batch) -> list[tuple[float, Record]]:
        """Send a batch once; return what is to be sent again, and when."""
        self._admit(batch)
        for owner in {record.owner for record in batch.records}:
            owner.commit()
        started = self.clock()
        outcome = self.put([record.data for record in batch.records])
        now = self.clock()
        result = triage(batch.records, outcome)
        self._count(batch, outcome, result, now - started)
        self._bury(result.hopeless)
        return self._again(result.again, outcome, started, now)

    def _admit(self, batch: Batch) -> None:
        while True:
            with self.tally.lock:
                pause = self.throttle.wait(self.clock(), len(batch.records), batch.size)
            if not pause:
                return
            self.sleep(pause)

    def _count(self, batch: Batch, outcome: Outcome, result: Triage, seconds: float) -> None:
        tally, accepted = self.tally, result.delivered
        again = [record for record in batch.records if record.attempts]
        with tally.lock:  # the report must not be drawn up between the deed and its count
            tally.requests += 1
            tally.latencies.add(seconds)
            tally.retried += signups_in(again)
            tally.throttled += result.throttled
            tally.records += len(accepted)
            tally.size += batch.size if len(accepted) == len(batch.records) else total_bytes(accepted)
            tally.units += sum([-(-len(record.data) // BILLING_UNIT) for record in accepted])
            tally.duplicated += signups_in([record for record in accepted if record.unsure])
            tally.delivered += _settle(accepted, "delivered")
            if isinstance(outcome, Unanswered):
                tally.failures += 1
                tally.last_failure = outcome.reason
            if result.throttled:
                self.throttle.throttled(self.clock())

    def _again(self, records: list[Record], outcome: Outcome, started: float, now: float) -> list[tuple[float, Record]]:
        if not records:
            return []
        for record in records:
            record.tried = started if record.tried is None else record.tried
            record.attempts += 1
            record.unsure |= isinstance(outcome, Unanswered) and outcome.unsure
        late = [record for record in records if now - (record.tried or started) >= self.give_up_after]
        self.give_up(late)
        kept = [record for record in records if now - (record.tried or started) < self.give_up_after]
        if isinstance(outcome, TooLarge):
            self.outbox.shrink(len(records) // 2)
            return [(now, record) for record in kept]
        due = now + self.pause(max((record.attempts for record in kept), default=0))
        return [(due, record) for record in kept]

    def _bury(self, hopeless: list[tuple[Record, str]]) -> None:
        for record, reason in hopeless:
            self.dead_letters.write(record.data, reason)
            with self.tally.lock:
                self.tally.duplicated += record.count if record.unsure else 0
                self.tally.dead += _settle([record], "dead")


def _settle(records: list[Record], fate: Fate) -> int:
    return sum(owner.settle(spans, fate) for owner, spans in spans_by_owner(records))
