"""Randomness that is a function of the seed and a position, the same on every Python, past and to come.

SHAKE128 (FIPS 202) in counter mode: any position is reached at once, and nothing else in the process can disturb it.
"""

from collections.abc import Iterator
from hashlib import shake_128
from itertools import count, islice
from struct import Struct

PER_POSITION = 18
_BLOCK = 128


def draws(seed: int, position: int) -> Iterator[tuple[int, ...]]:
    """Yield PER_POSITION numbers of 16 bits for `position`, then for every position after it, without end."""
    numbers = Struct(f"<{PER_POSITION}H")
    block, offset = divmod(position, _BLOCK)
    return islice(
        (
            drawn
            for each in count(block)
            for drawn in numbers.iter_unpack(shake_128(f"draws {seed} {each}".encode()).digest(_BLOCK * numbers.size))
        ),
        offset,
        None,
    )
