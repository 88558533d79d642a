"""Sign-ups as bytes: an account, who it is, when it came and which number it has.

A block is everything that is needed to make its sign-ups again, to the byte. That is why the journal holds
no sign-up, and no CPF: only blocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import NamedTuple

_FAR = 20_000
"""Accounts that are cheaper to skip than a new walk is to start."""


class Block(NamedTuple):
    """Sign-ups made at one moment: sequences `first` to `first + length - 1`, at `at` (epoch milliseconds)."""

    first: int
    length: int
    at: int

    @property
    def end(self) -> int:
        return self.first + self.length


class Source(NamedTuple):
    """Which accounts the sequences from `first` on carry: those of `seed`, from position `start_at` of a lane."""

    first: int
    seed: int
    start_at: int
    lane: int
    lanes: int


OpenAccounts = Callable[[Source, int], Iterator[str]]
"""(source, position) -> the JSON members, without braces, of the accounts from `position` of its lane on."""


@dataclass(frozen=True, slots=True)
class Id7:
    """The UUIDv7s of one millisecond: `head`, then twelve hexadecimal digits `low + i * step`."""

    head: str
    low: int
    step: int


def uuid7s(at: int, getrandbits: Callable[[int], int]) -> Id7:
    """Return the rule for up to 16,384 UUIDv7s of the millisecond `at`, ordered as they are made.

    RFC 9562, section 6.2, method 2: the random bits of the first are stepped by a random amount for each further
    one. 47 random bits and 14 bits of count times a step of 32 bits stay below the 48 that change.
    """
    stamp = f"{at:012x}"
    rand_a, variant = getrandbits(12), 0x8000 | getrandbits(14)
    return Id7(f"{stamp[:8]}-{stamp[8:]}-7{rand_a:03x}-{variant:04x}-", getrandbits(47), 1 + getrandbits(32))


def moment_of(at: int) -> datetime:
    """Return epoch milliseconds as a moment, to the second, in UTC."""
    return datetime.fromtimestamp(at // 1000, UTC)


def instant(at: int) -> str:
    """Return epoch milliseconds as ISO 8601, UTC with `Z`, three decimals."""
    return f"{moment_of(at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


class Maker:
    """Makes the documents of one producer's blocks; cheapest when they come in order of sequence."""

    def __init__(self, producer_id: str, sources: list[Source], open_accounts: OpenAccounts) -> None:
        self._producer_id = producer_id
        self._sources = sources
        self._open = open_accounts
        self._source: Source | None = None
        self._position = 0
        self._members: Iterator[str] = iter(())

    def documents(self, block: Block) -> list[bytes]:
        """Return the sign-ups of `block`, each one JSON document and a newline."""
        members = self._members_from(block)
        # Who, when and which are known to the journal: the same block always draws the same bits.
        ids = uuid7s(block.at, Random(f"{self._producer_id}/{block.first}").getrandbits)
        lows = range(ids.low, ids.low + block.length * ids.step, ids.step)
        start = f'{{"signup_id":"{ids.head}'
        created = f'","created_at":"{instant(block.at)}",'
        end = f',"producer_id":"{self._producer_id}","sequence":'
        return [
            f"{start}{low:012x}{created}{account}{end}{sequence}}}\n".encode()
            for low, sequence, account in zip(lows, range(block.first, block.end), members, strict=False)
        ]

    def _members_from(self, block: Block) -> Iterator[str]:
        source = next(each for each in reversed(self._sources) if each.first <= block.first)
        position = source.start_at + block.first - source.first
        skip = position - self._position
        if source is not self._source or not 0 <= skip <= _FAR:
            self._members, skip = self._open(source, position), 0
        next(islice(self._members, skip, skip), None)
        self._source, self._position = source, position + block.length
        return self._members
