"""The states CREATING and DELETING: up to a minute on AWS; here until somebody has seen them, or half a second.

What CloudFormation makes is ACTIVE at once, as it is on AWS when CloudFormation has waited for it.
"""

from collections.abc import Collection
from typing import NamedTuple

from local.clock import Clock
from local.firehose.store import Stored

SECONDS = 0.5
CREATING, DELETING = "CREATING", "DELETING"


class _Change(NamedTuple):
    status: str
    stored: Stored
    until: float


class Lifecycle:
    """Remembers, in memory only, which streams have just been made or deleted."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._changes: dict[str, _Change] = {}

    def begin(self, status: str, stored: Stored) -> None:
        self._changes[stored["name"]] = _Change(status, stored, self._clock.now() + self._seconds)

    def seen(self, name: str) -> None:
        """End the change: whoever waits for it has seen it."""
        self._changes.pop(name, None)

    def status(self, stored: Stored) -> str:
        """Return the DeliveryStreamStatus of a stream that is in the store."""
        change = self._current(stored["name"])
        if change and change.status == CREATING and change.stored["created_at"] == stored["created_at"]:
            return CREATING
        return str(stored["status"])

    def deleting(self, name: str) -> Stored | None:
        """Return the stream of that name which is not in the store any more and not quite gone."""
        change = self._current(name)
        return {**change.stored, "status": DELETING} if change and change.status == DELETING else None

    def leaving(self) -> Collection[str]:
        """Return the names of the streams that are being deleted."""
        return [name for name in [*self._changes] if self.deleting(name)]

    def _current(self, name: str) -> _Change | None:
        change = self._changes.get(name)
        if change and self._clock.now() >= change.until:
            del self._changes[name]
            return None
        return change
