"""Randomness that is a function of the seed and a position, the same on every Python, past and to come.

SHAKE128 (FIPS 202) in counter mode: any position is reached at once, and nothing else in the process can disturb it.
"""

from collections.abc import Iterator
from hashlib import shake_128
from itertools import count, islice
from struct import Struct

_BLOCK = 128
"""How many positions are drawn at once."""


def draws(seed: int, purpose: str, number: int, position: int) -> Iterator[tuple[int, ...]]:
    """Yield `number` numbers of 16 bits for `position`, then for every position after it, without end.

    Each `purpose` has numbers of its own.
    """
    layout = Struct(f"<{number}H")
    block, offset = divmod(position, _BLOCK)
    blocks = (shake_128(f"{purpose} {seed} {each}".encode()).digest(_BLOCK * layout.size) for each in count(block))
    return islice((drawn for block in blocks for drawn in layout.iter_unpack(block)), offset, None)
