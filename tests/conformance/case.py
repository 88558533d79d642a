"""One row of the table: a fact about Amazon Data Firehose, where it is told, and how to see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.conformance.lab import Lab

Confidence = Literal["high", "medium", "low", "chosen"]
"""high: captured, or told by two; medium: one who probed; low: derived or documented only; chosen: AWS is unknown."""


@dataclass(frozen=True)
class Case:
    """A fact that holds, or that is knowingly not kept."""

    fact: str
    source: str
    confidence: Confidence
    check: Callable[[Lab], None]
    """Raises AssertionError when the service does otherwise."""
    differs: str = ""
    """Why this implementation does otherwise, if it does."""
    not_on_aws: str = ""
    """Why AWS is not asked, if it is not."""

    @property
    def name(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.fact.lower())[:90].strip("-")
