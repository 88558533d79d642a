"""What a stream is trying again, and how often it has had to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Retries:
    """Counts, over one stream, the attempts that came after a refusal. Lives on the event loop."""

    count: int = 0
    _attempts: list["Attempts"] = field(default_factory=list)

    @property
    def reason(self) -> str | None:
        """Why something is being tried again now, in Firehose's words; None when nothing is."""
        return next((each.reason for each in reversed(self._attempts) if each.reason), None)

    @contextmanager
    def watch(self) -> Iterator["Attempts"]:
        """Follow one piece of work until it is done with."""
        attempts = Attempts(self)
        self._attempts.append(attempts)
        try:
            yield attempts
        finally:
            self._attempts.remove(attempts)


@dataclass(slots=True, eq=False)
class Attempts:
    """One piece of work, which may be refused any number of times."""

    _retries: Retries
    reason: str = ""

    def again(self, code: str, message: str) -> None:
        """Note that the work was refused, for this reason, and is to be tried again."""
        self.reason = f"{code}: {message}"
        self._retries.count += 1
