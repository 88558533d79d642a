"""What flows through a delivery stream."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Record(NamedTuple):
    """One record on its way."""

    sequence: int
    """Its place in the stream's journal."""
    arrival: int
    """Epoch milliseconds at which it was accepted."""
    data: bytes
    part: int = 0
    """Which sub-record of a de-aggregated one."""
    partition: tuple[str, ...] = ()
    """Values of the prefix's partition keys, in their sorted order."""

    @property
    def id(self) -> str:
        """The `recordId` that the transform sees: long, opaque, decimal, the same at every attempt."""
        return f"49640912821178817833517986466168{self.sequence:024d}{self.part:06d}"


class Failure(NamedTuple):
    """A record that goes to the error output prefix instead, and why."""

    record: Record
    code: str
    message: str
    attempts: int
    ended: int
    """Epoch milliseconds of the end of the last attempt."""
    context: dict[str, Any]
    """What the error document tells besides: the function, or the table."""


def size_of(records: Sequence[Record]) -> int:
    return sum([len(record.data) for record in records])
