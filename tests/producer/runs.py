"""Runs of the producer inside the test, against destinations that fail after a script."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from producer.assembly import Assembly
from producer.outcomes import Answered, Outcome, TooLarge, Unanswered
from producer.run import Clock
from producer.settings import Settings


@dataclass
class Step:
    """What becomes of one request: the outcome it is told, and the positions that are written."""

    tell: Callable[[int], Outcome]
    writes: Callable[[int], bool] = lambda _: True


def fine() -> Step:
    return Step(lambda _: Answered())


def partial(failing: Iterable[int], code: str = "ServiceUnavailableException") -> Step:
    """Answer that the given positions were not written, and write the others."""
    chosen = set(failing)
    return Step(
        lambda size: Answered({at: code for at in chosen if at < size}), lambda position: position not in chosen
    )


def refused_for_now(*, throttled: bool = False) -> Step:
    return Step(lambda _: Unanswered("not now", unsure=False, throttled=throttled), lambda _: False)


def unknown(*, written: bool) -> Step:
    return Step(lambda _: Unanswered("cut", unsure=True), lambda _: written)


def too_large(limit: int) -> Step:
    return Step(
        lambda size: TooLarge("Records size exceeds 4 MB limit") if size > limit else Answered(),
        lambda _: True,
    )


@dataclass
class Destination:
    """A delivery stream in memory."""

    script: list[Step] = field(default_factory=list)
    region: str = "us-east-1"
    target: str = "us-east-1/signups"
    written: list[bytes] = field(default_factory=list)
    sure: Counter[bytes] = field(default_factory=Counter)
    """How often each record was written and said to be."""
    always: Step | None = None
    requests: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, records: Sequence[bytes]) -> Outcome:
        with self._lock:
            self.requests.append(len(records))
            step = self.script.pop(0) if self.script else self.always or fine()
            outcome = step.tell(len(records))
            if not isinstance(outcome, TooLarge):
                kept = [record for at, record in enumerate(records) if step.writes(at)]
                self.written += kept
                if isinstance(outcome, Answered):
                    self.sure.update(kept)
            return outcome

    def sequences(self) -> Counter[tuple[str, int]]:
        return sequences(self.written)


def sequences(records: Iterable[bytes]) -> Counter[tuple[str, int]]:
    """Count the sign-ups in `records` by producer and sequence."""
    documents = (orjson.loads(line) for record in records for line in record.splitlines())
    return Counter((document["producer_id"], document["sequence"]) for document in documents)


class RealClock:
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def epoch_ms(self) -> int:
        return time.time_ns() // 1_000_000


def assembled(
    directory: Path, destination: Any, *, resume_only: bool = False, clock: Clock | None = None, **options: Any
) -> Assembly:
    """Return a run that hurries: hardly a pause before it tries again, hardly a wait for more."""
    chosen: dict[str, Any] = {
        "delivery_stream": "signups", "rate": "max", "seed": 7, "linger": 0, "quota": "none", "in_flight": 2,
        "journal_directory": directory, "give_up_after": 5, "drain_timeout": 5,
    }  # fmt: skip
    settings = Settings(**(chosen | options))
    jitter = random.Random(1)
    return Assembly(
        settings, destination, clock or RealClock(), resume_only=resume_only, pause=lambda _: 0.002 * jitter.random()
    )


def run(directory: Path, destination: Any, **options: Any) -> Assembly:
    """Run to the end and return what is to be looked at."""
    assembly = assembled(directory, destination, **options)
    assembly()
    return assembly
