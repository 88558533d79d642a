"""What can become of one PutRecordBatch, without a word of boto3."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answered:
    """Firehose took the batch, but for the positions in `failed` (position -> error code)."""

    failed: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The request as a whole failed, and may succeed later."""

    reason: str
    unsure: bool
    """Some of it may have been written: a timeout, a cut connection, an internal error."""
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The request as a whole was refused for its size: it has to be cut."""

    reason: str


Outcome = Answered | Unanswered | TooLarge

THROTTLED = frozenset({"ServiceUnavailableException", "ThrottlingException", "LimitExceededException"})
PERMANENT = frozenset({"ValidationException", "InvalidArgumentException", "SerializationException"})
"""Codes of a record that no retry cures. Firehose names only ServiceUnavailableException and InternalFailure
(https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatchResponseEntry.html), and those pass."""


class Put(Protocol):
    def __call__(self, records: Sequence[bytes]) -> Outcome:
        """Send one batch, once. Raises Refused when no retry can help."""
