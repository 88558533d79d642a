"""The write-ahead journal: what was acknowledged is on disk, and is delivered after a crash.

One directory for each stream. A segment `<first sequence>.wal` holds one frame for each put; `<first sequence>.done`
lists what of it has been delivered. Both disappear when all of it has. A torn tail (a write cut short) was never
acknowledged and is cut off. Raw records are in here: only the owner can read it.
"""

import os
import struct
import threading
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from local.errors import LocalError
from local.firehose.records import Record

VERSION = 1
_HEADER = struct.Struct("<3sBQ")
_MAGIC = b"HFJ"
_FRAME = struct.Struct("<II")
_PUT = struct.Struct("<QI")
_RANGE = struct.Struct("<QI")


class JournalError(LocalError):
    """A journal that this version cannot read; nothing of it is touched."""


class Put(NamedTuple):
    """The accepted records of one call."""

    arrival: int
    data: Sequence[bytes]


class Frame(NamedTuple):
    """Where a put's records are in the journal."""

    first: int
    """Sequence of its first record."""
    records: int
    size: int
    """Sum of the records' bytes."""
    arrival: int
    segment: int
    offset: int
    length: int


@dataclass(slots=True)
class _Segment:
    first: int
    path: Path
    length: int = 0
    """Bytes in the file."""
    count: int = 0
    """Records in it."""
    left: int = 0
    """Records of it not yet delivered."""
    sealed: bool = False
    done: bytearray = field(default_factory=bytearray)
    """One byte for each record: whether it was delivered."""

    def grow(self, count: int) -> None:
        self.count += count
        self.left += count
        self.done.extend(bytes(count))

    def done_of(self, frame: Frame) -> bytearray:
        place = frame.first - self.first
        return self.done[place : place + frame.records]

    def settle(self, sequence: int) -> bool:
        place = sequence - self.first
        if self.done[place]:
            return False
        self.done[place] = 1
        self.left -= 1
        return True


class Journal:
    """All methods block; every one may be called from any thread."""

    def __init__(self, directory: Path, start_at: int, segment_bytes: int = 16 * 1024 * 1024) -> None:
        """Use `directory`, made if missing. An empty journal counts its records from `start_at`."""
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._segments: list[_Segment] = []
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
                frame, payload = _encode(put, segment, first, segment.length + len(blob))
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
                        records += _undelivered(_decode(payload, frame), segment.done_of(frame))
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
                    _append_ranges(segment.path.with_suffix(".done"), settled)
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
        blob = path.read_bytes()
        if len(blob) < _HEADER.size:
            path.unlink()
            return []
        magic, version, first = _HEADER.unpack_from(blob)
        if magic != _MAGIC or version != VERSION:
            raise JournalError(
                f"{path} is not a journal of version {VERSION}: deliver it with the program that wrote it,"
                " or move it away"
            )
        segment = _Segment(first=first, path=path, sealed=True)
        frames, segment.length = _scan(blob, segment)
        if segment.length < len(blob):
            os.truncate(path, segment.length)
        for sequence in _read_ranges(path.with_suffix(".done")):
            if sequence - first < segment.count:
                segment.settle(sequence)
        self._segments.append(segment)
        self._next = max(self._next, first + segment.count)
        self.bytes += segment.length
        return [frame for frame in frames if not all(segment.done_of(frame))]

    def _write(self, segment: _Segment, blob: bytearray) -> None:
        """Append to the active file; an OSError (no space left) leaves it as it was."""
        assert self._active is not None
        try:
            _write_all(self._active, blob)
            os.fdatasync(self._active)
        except OSError:
            os.ftruncate(self._active, segment.length)
            raise
        segment.length += len(blob)
        self.bytes += len(blob)

    def _writable(self) -> _Segment:
        if self._active is None:
            path = self._directory / f"{self._next:020d}.wal"
            self._active = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            _write_all(self._active, _HEADER.pack(_MAGIC, VERSION, self._next))
            _sync_directory(self._directory)
            self._segments.append(_Segment(first=self._next, path=path, length=_HEADER.size))
            self.bytes += _HEADER.size
        return self._segments[-1]

    def _seal(self) -> None:
        if self._active is not None:
            os.close(self._active)
            self._active = None
            self._segments[-1].sealed = True

    def _segment_of(self, sequence: int) -> _Segment:
        return self._segments[bisect_right(self._segments, sequence, key=lambda each: each.first) - 1]

    def _remove_delivered(self) -> None:
        if self._active is not None and self._segments[-1].left == 0:
            self._seal()
        for segment in [each for each in self._segments if each.left == 0]:
            segment.path.unlink()
            segment.path.with_suffix(".done").unlink(missing_ok=True)
            self.bytes -= segment.length
            self._segments.remove(segment)


def _encode(put: Put, segment: _Segment, first: int, offset: int) -> tuple[Frame, bytes]:
    count = len(put.data)
    lengths = [len(each) for each in put.data]
    payload = b"".join((_PUT.pack(put.arrival, count), struct.pack(f"<{count}I", *lengths), *put.data))
    frame = Frame(first, count, sum(lengths), put.arrival, segment.first, offset + _FRAME.size, len(payload))
    return frame, _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def _decode(payload: bytes, frame: Frame) -> list[Record]:
    lengths = struct.unpack_from(f"<{frame.records}I", payload, _PUT.size)
    start = _PUT.size + 4 * frame.records
    ends = pairwise(accumulate(lengths, initial=start))
    return [Record(frame.first + place, frame.arrival, payload[begin:end]) for place, (begin, end) in enumerate(ends)]


def _undelivered(records: list[Record], done: bytearray) -> list[Record]:
    if not any(done):
        return records
    return [record for record, delivered in zip(records, done, strict=True) if not delivered]


def _scan(blob: bytes, segment: _Segment) -> tuple[list[Frame], int]:
    """Return the whole frames of a segment's file and where they end."""
    frames: list[Frame] = []
    at = _HEADER.size
    while at + _FRAME.size <= len(blob):
        length, checksum = _FRAME.unpack_from(blob, at)
        payload = blob[at + _FRAME.size : at + _FRAME.size + length]
        if len(payload) < length or zlib.crc32(payload) != checksum:
            break
        arrival, count = _PUT.unpack_from(payload)
        size = length - _PUT.size - 4 * count
        first = segment.first + segment.count
        frames.append(Frame(first, count, size, arrival, segment.first, at + _FRAME.size, length))
        segment.grow(count)
        at += _FRAME.size + length
    return frames, at


def _append_ranges(path: Path, sequences: list[int]) -> None:
    """No sync: a line lost means a record delivered twice, which at-least-once allows."""
    sequences.sort()
    blob = bytearray()
    start = previous = sequences[0]
    for sequence in (*sequences[1:], -1):
        if sequence != previous + 1:
            blob += _RANGE.pack(start, previous - start + 1)
            start = sequence
        previous = sequence
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        _write_all(descriptor, blob)
    finally:
        os.close(descriptor)


def _read_ranges(path: Path) -> Iterable[int]:
    blob = path.read_bytes() if path.exists() else b""
    whole = len(blob) - len(blob) % _RANGE.size
    for first, count in _RANGE.iter_unpack(blob[:whole]):
        yield from range(first, first + count)


def _write_all(descriptor: int, blob: bytes | bytearray) -> None:
    view = memoryview(blob)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
