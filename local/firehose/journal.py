"""The write-ahead journal: what was acknowledged is on disk, and is delivered after a crash.

One directory for each stream; its files (`local.firehose.segment`) disappear when all that is in them has been
delivered. Raw records are in here: only the owner can read it.
"""

import os
import threading
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from local.firehose.records import Record
from local.firehose.segment import (
    Frame,
    Put,
    Segment,
    append_ranges,
    created,
    decode,
    encode,
    recovered,
    undelivered,
    write_all,
)


class Journal:
    """All methods block; every one may be called from any thread."""

    def __init__(self, directory: Path, start_at: int, segment_bytes: int = 16 * 1024 * 1024) -> None:
        """Use `directory`, made if missing. An empty journal counts its records from `start_at`."""
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._next = start_at
        self._active: int | None = None
        self.bytes = 0
        """Bytes on disk."""

    def open(self) -> list[Frame]:
        """Read what is there and return the frames that hold undelivered records, oldest first."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        frames: list[Frame] = []
        with self._lock:
            for path in sorted(self._directory.glob("*.wal")):
                frames += self._recover(path)
            self._remove_delivered()
        return frames

    def append(self, puts: Sequence[Put]) -> list[Frame]:
        """Write the puts, all in one go, and return when they are on disk."""
        with self._lock:
            segment = self._writable()
            frames: list[Frame] = []
            blob = bytearray()
            for put in puts:
                first = frames[-1].first + frames[-1].records if frames else self._next
                frame, payload = encode(put, segment, first, segment.length + len(blob))
                blob += payload
                frames.append(frame)
            self._write(segment, blob)
            segment.grow(sum(frame.records for frame in frames))
            self._next = segment.first + segment.count
            if segment.length >= self._segment_bytes:
                self._seal()
        return frames

    def read(self, frames: Sequence[Frame]) -> list[Record]:
        """Return the frames' records that have not been delivered yet."""
        records: list[Record] = []
        for of_segment, together in groupby(frames, key=lambda frame: frame.segment):
            with self._lock:
                segment = self._segment_of(of_segment)
                with segment.path.open("rb") as file:
                    for frame in together:
                        payload = os.pread(file.fileno(), frame.length, frame.offset)
                        records += undelivered(decode(payload, frame), segment.done_of(frame))
        return records

    def settle(self, sequences: Iterable[int]) -> None:
        """Note that these records need no delivery any more; segments without any other are removed."""
        with self._lock:
            by_segment: dict[int, list[int]] = {}
            for sequence in sequences:
                segment = self._segment_of(sequence)
                if segment.settle(sequence):
                    by_segment.setdefault(segment.first, []).append(sequence)
            for first, settled in by_segment.items():
                segment = self._segment_of(first)
                if segment.left:
                    append_ranges(segment.path.with_suffix(".done"), settled)
            self._remove_delivered()

    def close(self) -> None:
        with self._lock:
            self._seal()

    def discard(self) -> None:
        """Remove everything, delivered or not."""
        with self._lock:
            self._seal()
            self._segments.clear()
            self.bytes = 0
            for path in self._directory.glob("*"):
                path.unlink()
            self._directory.rmdir()

    def _recover(self, path: Path) -> list[Frame]:
        found = recovered(path)
        if found is None:
            path.unlink()
            return []
        segment, frames = found
        self._segments.append(segment)
        self._next = max(self._next, segment.first + segment.count)
        self.bytes += segment.length
        return [frame for frame in frames if not all(segment.done_of(frame))]

    def _write(self, segment: Segment, blob: bytearray) -> None:
        """Append to the active file; an OSError (no space left) leaves it as it was."""
        assert self._active is not None
        try:
            write_all(self._active, blob)
            os.fdatasync(self._active)
        except OSError:
            os.ftruncate(self._active, segment.length)
            raise
        segment.length += len(blob)
        self.bytes += len(blob)

    def _writable(self) -> Segment:
        if self._active is None:
            path = self._directory / f"{self._next:020d}.wal"
            self._active, length = created(path, self._next)
            self._segments.append(Segment(first=self._next, path=path, length=length))
            self.bytes += length
        return self._segments[-1]

    def _seal(self) -> None:
        if self._active is not None:
            os.close(self._active)
            self._active = None
            self._segments[-1].sealed = True

    def _segment_of(self, sequence: int) -> Segment:
        return self._segments[bisect_right(self._segments, sequence, key=lambda each: each.first) - 1]

    def _remove_delivered(self) -> None:
        if self._active is not None and self._segments[-1].left == 0:
            self._seal()
        for segment in [each for each in self._segments if each.left == 0]:
            segment.path.unlink()
            segment.path.with_suffix(".done").unlink(missing_ok=True)
            self.bytes -= segment.length
            self._segments.remove(segment)
