"""How many sign-ups to make now, how much may be sent now: arithmetic on a clock that is handed in."""

from collections import deque

from producer.limits import LARGE, UNLIMITED, Quota
from producer.schedules import Schedule


class Pacer:
    """Says how many sign-ups to make now.

    A hiccup is caught up with; what is later than `FORGIVE_AFTER` is forgiven: a stream that was away for an hour is
    not met with an hour's sign-ups at once.
    """

    FORGIVE_AFTER = 5.0
    """Seconds."""

    def __init__(self, schedule: Schedule, total: int | None, seconds: float | None) -> None:
        self._schedule = schedule
        self._total = total
        self._seconds = seconds
        self._forgiven = 0.0
        self.made = 0

    def allowance(self, elapsed: float, at_most: int) -> int:
        """Return the number that is due at `elapsed`, up to `at_most`; call `took` for what was made of it."""
        over = self._seconds is not None and elapsed >= self._seconds
        if over:
            elapsed = self._seconds or 0.0
        due = self._schedule.due(elapsed)
        if due == float("inf"):
            late = 0.0 if over else float(at_most)
        else:
            stale = self._schedule.due(max(0.0, elapsed - self.FORGIVE_AFTER)) - self._forgiven - self.made
            self._forgiven += max(0, int(stale))
            late = due - self._forgiven - self.made
        left = at_most if self._total is None else min(at_most, self._total - self.made)
        return max(0, min(left, int(late + 1e-9)))

    def took(self, count: int) -> None:
        self.made += count

    def finished(self, elapsed: float) -> bool:
        if self._total is not None and self.made >= self._total:
            return True
        return self._seconds is not None and elapsed >= self._seconds and not self.allowance(elapsed, 1)


class Throttle:
    """Keeps what is sent in any one second below the quota, and below what throttling taught.

    Additive increase, multiplicative decrease: a throttled second halves the share of the quota that is used, a
    second without gives back a twentieth of it. It starts at the whole.
    """

    SMALLEST = 1 / 64

    def __init__(self, quota: Quota) -> None:
        self._configured = quota
        self._quota = quota
        self.share = 1.0
        self._window: deque[tuple[float, int, int]] = deque()
        self._records = 0
        self._size = 0
        self._changed = float("-inf")

    def wait(self, now: float, records: int, size: int) -> float:
        """Return for how many seconds a batch has to wait; 0 admits and counts it."""
        self._forget(now)
        self._recover(now)
        quota = self._quota.scaled(self.share)
        if self._window and not (
            len(self._window) + 1 <= quota.requests
            and self._records + records <= quota.records
            and self._size + size <= quota.size
        ):
            return self._until_room(now)
        self._window.append((now, records, size))
        self._records += records
        self._size += size
        return 0.0

    def throttled(self, now: float) -> None:
        """Slow down; several answers of the same second count once."""
        self._forget(now)
        if self._quota == UNLIMITED:  # it has a limit, then: what was sent in the last second, or the usual one
            self._quota = Quota(
                max(LARGE.records, self._records), max(LARGE.requests, len(self._window)), max(LARGE.size, self._size)
            )
        if now - self._changed >= 1.0 or self.share == 1.0:
            self.share = max(self.SMALLEST, self.share / 2)
            self._changed = now

    def used(self, now: float) -> int:
        """Return the bytes sent in the last second."""
        self._forget(now)
        return self._size

    def _recover(self, now: float) -> None:
        if self.share < 1.0 and now - self._changed >= 1.0:
            self.share = min(1.0, self.share + 0.05)
            self._changed = now
            if self.share == 1.0:
                self._quota = self._configured

    def _forget(self, now: float) -> None:
        while self._window and self._window[0][0] <= now - 1.0:
            _, records, size = self._window.popleft()
            self._records -= records
            self._size -= size

    def _until_room(self, now: float) -> float:
        """Return the seconds until the oldest batch leaves the window."""
        return max(self._window[0][0] + 1.0 - now, 0.001)


def back_off(attempt: int, draw: float, base: float = 0.1, longest: float = 20.0) -> float:
    """Return the pause before attempt number `attempt` + 1: full jitter, `draw` in [0, 1).

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return draw * min(longest, base * 2.0 ** min(attempt, 16))
