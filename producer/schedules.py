"""When sign-ups are due: curves over the seconds since the start."""

from dataclasses import dataclass
from typing import Protocol


class Schedule(Protocol):
    def due(self, elapsed: float) -> float:
        """Return how many sign-ups should have been made `elapsed` seconds after the start; never falls."""


@dataclass(frozen=True, slots=True)
class Constant:
    """`rate` sign-ups a second; infinity means as fast as can be."""

    rate: float

    def due(self, elapsed: float) -> float:
        return self.rate * elapsed if elapsed > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Ramp:
    """From `start` to `stop` sign-ups a second within `seconds`, and `stop` ever after."""

    start: float
    stop: float
    seconds: float

    def due(self, elapsed: float) -> float:
        climbing = min(elapsed, self.seconds)
        slope = (self.stop - self.start) / self.seconds
        return self.start * climbing + slope * climbing * climbing / 2 + self.stop * (elapsed - climbing)


@dataclass(frozen=True, slots=True)
class Bursts:
    """`count` sign-ups at once every `seconds`, beside what `base` makes due."""

    base: Schedule
    count: int
    seconds: float

    def due(self, elapsed: float) -> float:
        return self.base.due(elapsed) + self.count * (elapsed // self.seconds)
