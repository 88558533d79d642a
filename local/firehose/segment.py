"""The files of a journal: `<first sequence>.wal` holds a frame for each put, `<first sequence>.done` what is delivered.

A frame is length, CRC-32, then arrival, count, the records' lengths and their bytes. A torn tail (a write cut short)
was never acknowledged and is left out.
"""

import os
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
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
class Segment:
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


def encode(put: Put, segment: Segment, first: int, offset: int) -> tuple[Frame, bytes]:
    count = len(put.data)
    lengths = [len(each) for each in put.data]
    payload = b"".join((_PUT.pack(put.arrival, count), struct.pack(f"<{count}I", *lengths), *put.data))
    frame = Frame(first, count, sum(lengths), put.arrival, segment.first, offset + _FRAME.size, len(payload))
    return frame, _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def decode(payload: bytes, frame: Frame) -> list[Record]:
    lengths = struct.unpack_from(f"<{frame.records}I", payload, _PUT.size)
    start = _PUT.size + 4 * frame.records
    ends = pairwise(accumulate(lengths, initial=start))
    return [Record(frame.first + place, frame.arrival, payload[begin:end]) for place, (begin, end) in enumerate(ends)]


def undelivered(records: list[Record], done: bytearray) -> list[Record]:
    if not any(done):
        return records
    return [record for record, delivered in zip(records, done, strict=True) if not delivered]


def created(path: Path, first: int) -> tuple[int, int]:
    """Make a segment's file, for the owner only; return its descriptor, for appending, and its length."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
    write_all(descriptor, _HEADER.pack(_MAGIC, VERSION, first))
    sync_directory(path.parent)
    return descriptor, _HEADER.size


def recovered(path: Path) -> tuple[Segment, list[Frame]] | None:
    """Read a segment and its whole frames, cut off a torn tail; None if not even the header is there.

    Raises JournalError.
    """
    blob = path.read_bytes()
    if len(blob) < _HEADER.size:
        return None
    magic, version, first = _HEADER.unpack_from(blob)
    if magic != _MAGIC or version != VERSION:
        raise JournalError(
            f"{path} is not a journal of version {VERSION}: deliver it with the program that wrote it, or move it away"
        )
    segment = Segment(first=first, path=path, sealed=True)
    frames, segment.length = scan(blob, segment)
    if segment.length < len(blob):
        os.truncate(path, segment.length)
    for sequence in read_ranges(path.with_suffix(".done")):
        if sequence - first < segment.count:
            segment.settle(sequence)
    return segment, frames


def scan(blob: bytes, segment: Segment) -> tuple[list[Frame], int]:
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


def append_ranges(path: Path, sequences: list[int]) -> None:
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
        write_all(descriptor, blob)
    finally:
        os.close(descriptor)


def read_ranges(path: Path) -> Iterable[int]:
    blob = path.read_bytes() if path.exists() else b""
    whole = len(blob) - len(blob) % _RANGE.size
    for first, count in _RANGE.iter_unpack(blob[:whole]):
        yield from range(first, first + count)


def write_all(descriptor: int, blob: bytes | bytearray) -> None:
    view = memoryview(blob)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
