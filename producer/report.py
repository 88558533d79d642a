"""What happened, in numbers: while it runs and at its end."""

import threading
from bisect import bisect_right
from dataclasses import dataclass, field


class Latencies:
    """The distribution of request times in buckets that grow by a tenth: flat memory, 5 % of error."""

    _EDGES = tuple(0.0001 * 1.1**step for step in range(160))

    def __init__(self) -> None:
        self._counts = [0] * (len(self._EDGES) + 1)
        self._total = 0

    def add(self, seconds: float) -> None:
        self._counts[bisect_right(self._EDGES, seconds)] += 1
        self._total += 1

    def quantile(self, share: float) -> float:
        """Return seconds; 0 when nothing was measured."""
        wanted, seen = share * self._total, 0
        for at, count in enumerate(self._counts):
            seen += count
            if seen and seen >= wanted:
                return self._EDGES[min(at, len(self._EDGES) - 1)]
        return 0.0


@dataclass
class Tally:
    """Counts of sign-ups, unless they say otherwise; several threads add to it."""

    generated: int = 0
    """Made in this run."""
    resumed: int = 0
    """Taken over from journals of earlier runs."""
    delivered: int = 0
    dead: int = 0
    owed: int = 0
    """Neither delivered nor dead-lettered when the run ended: in the journal, if there is one."""
    retried: int = 0
    """Sent again, counted each time."""
    throttled: int = 0
    """Answers, of a record or of a request, that said to slow down."""
    duplicated: int = 0
    """Settled, though an attempt before, or one still to come, may have written them too."""
    size: int = 0
    """Bytes accepted."""
    records: int = 0
    """Records accepted."""
    units: int = 0
    """Billing units of 5 KB accepted."""
    requests: int = 0
    failures: int = 0
    """Requests that failed as a whole."""
    last_failure: str = ""
    latencies: Latencies = field(default_factory=Latencies)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def accepted(self) -> int:
        """Sign-ups this run answers for."""
        return self.generated + self.resumed


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sign-ups went."""

    delivery_stream: str
    region: str
    producer_id: str
    durable: bool
    """Whether there is a journal."""


def balance(tally: Tally, place: Place) -> str:
    """Return the equation that each run ends with. It is counted on both sides, not computed."""
    left = f"generated {tally.accepted:,}"
    if tally.resumed:
        left += f" ({tally.resumed:,} of them by earlier runs)"
    owed = "journaled" if place.durable else "undelivered"
    return f"{left} = delivered {tally.delivered:,} + dead-lettered {tally.dead:,} + {owed} {tally.owed:,}"


def balanced(tally: Tally) -> bool:
    return tally.accepted == tally.delivered + tally.dead + tally.owed


def details(tally: Tally, seconds: float, cost: str) -> list[str]:
    rate = tally.delivered / seconds if seconds else 0.0
    speed = tally.size / seconds / 1024 / 1024 if seconds else 0.0
    p50, p99 = (1000 * tally.latencies.quantile(share) for share in (0.5, 0.99))
    trouble = f"possibly duplicated {tally.duplicated:,} · sent again {tally.retried:,} · throttled {tally.throttled:,}"
    failed = f"failed requests {tally.failures:,} of {tally.requests:,}"
    pace = f"{rate:,.0f} sign-ups/s · {speed:.3f} MiB/s · {tally.records:,} records"
    times = f"latency p50 {p50:.0f} ms, p99 {p99:.0f} ms · {seconds:.1f} s"
    return [f"{trouble} · {failed}", f"{pace} · {times}", f"on AWS: {cost}"]


def numbers(tally: Tally) -> dict[str, int | float]:
    """Return what a machine reads: counts since the start, latency in milliseconds."""
    return {
        "Generated": tally.generated,
        "Resumed": tally.resumed,
        "Delivered": tally.delivered,
        "DeadLettered": tally.dead,
        "Retried": tally.retried,
        "Throttled": tally.throttled,
        "PossiblyDuplicated": tally.duplicated,
        "FailedRequests": tally.failures,
        "Requests": tally.requests,
        "Records": tally.records,
        "Bytes": tally.size,
        "LatencyP50": round(1000 * tally.latencies.quantile(0.5), 1),
        "LatencyP99": round(1000 * tally.latencies.quantile(0.99), 1),
    }
