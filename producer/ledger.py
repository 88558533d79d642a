"""Which sign-ups were given out, and which of them are still owed to the delivery stream."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator

from producer.signups import Block

Span = tuple[int, int]
"""Sequences from the first up to, not including, the second."""


class Ledger:
    """Counts sequences from 1 without a gap; remembers only what is not settled yet."""

    def __init__(self) -> None:
        self.next = 1
        """The sequence of the next sign-up."""
        self.outstanding = 0
        """Sign-ups given out and not settled."""
        self._firsts: list[int] = []
        self._blocks: dict[int, Block] = {}
        self._open: dict[int, list[Span]] = {}

    def __len__(self) -> int:
        """Return the number of blocks that are not settled yet."""
        return len(self._firsts)

    def reserve(self, count: int, at: int) -> Block:
        """Give out the next `count` sequences."""
        block = Block(self.next, count, at)
        self.restore(block)
        return block

    def restore(self, block: Block) -> None:
        """Take in a block that was given out before."""
        insort(self._firsts, block.first)
        self._blocks[block.first] = block
        self._open[block.first] = [(block.first, block.end)]
        self.outstanding += block.length
        self.next = max(self.next, block.end)

    def settle(self, first: int, end: int) -> int:
        """Mark sequences as delivered or dead-lettered; return how many of them were still owed."""
        settled = 0
        at = max(bisect_right(self._firsts, first) - 1, 0)
        while at < len(self._firsts) and self._firsts[at] < end:
            settled += self._settle_in_block(self._firsts[at], first, end)
            if self._open[self._firsts[at]]:
                at += 1
            else:
                self._forget(at)
        self.outstanding -= settled
        return settled

    def owed(self, first: int = 1, end: int | None = None) -> Iterator[tuple[Block, list[Span]]]:
        """Yield the blocks that touch `first` to `end`, oldest first, each with its unsettled spans in there."""
        stop = self.next if end is None else end
        start = max(bisect_right(self._firsts, first) - 1, 0)
        for key in self._firsts[start : bisect_right(self._firsts, stop - 1)]:
            spans = [(max(a, first), min(b, stop)) for a, b in self._open[key] if a < stop and b > first]
            if spans:
                yield self._blocks[key], spans

    def _settle_in_block(self, key: int, first: int, end: int) -> int:
        kept: list[Span] = []
        settled = 0
        for a, b in self._open[key]:
            settled += max(0, min(b, end) - max(a, first))
            kept += [span for span in ((a, min(b, first)), (max(a, end), b)) if span[0] < span[1]]
        self._open[key] = kept
        return settled

    def _forget(self, at: int) -> None:
        key = self._firsts.pop(at)
        del self._blocks[key], self._open[key]


def spans_of(pieces: Iterable[Span]) -> list[Span]:
    """Join touching spans that come in order."""
    joined: list[Span] = []
    for first, end in pieces:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined
