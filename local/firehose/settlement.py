"""When a record is done with: each of its ways has ended, in a bucket, dropped or given up."""

import asyncio
from collections.abc import Sequence

from local.firehose.journal import Journal
from local.firehose.plant import Plant
from local.firehose.records import Record


class Settlement:
    """Tells the journal of one stream what needs no delivery any more. Lives on the event loop."""

    def __init__(self, plant: Plant, journal: Journal) -> None:
        self._plant = plant
        self._journal = journal
        self._ways: dict[int, int] = {}
        """Of each record that goes more than one way: how many it still goes."""
        self._writing: set[asyncio.Task[None]] = set()
        self.count = 0
        """Ways that ever ended."""

    def goes_another_way(self, records: Sequence[Record]) -> None:
        """Note that these records go one way more: to the backup, or in another part."""
        for record in records:
            self._ways[record.sequence] = self._ways.get(record.sequence, 1) + 1

    def settle(self, records: Sequence[Record]) -> None:
        """Note that one way of each record has ended."""
        self.count += len(records)
        done = [record.sequence for record in records]
        if self._ways:
            done = [sequence for sequence in done if self._last_way(sequence)]
        if done:
            task = asyncio.get_running_loop().create_task(self._plant.thread(self._journal.settle, done))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def written(self) -> None:
        """Return when the journal knows what was settled so far."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _last_way(self, sequence: int) -> bool:
        ways = self._ways.get(sequence, 1) - 1
        if ways:
            self._ways[sequence] = ways
            return False
        self._ways.pop(sequence, None)
        return True
