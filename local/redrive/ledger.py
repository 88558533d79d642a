"""What redrives have sent: one line for each run of documents of an error object."""

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from local.errors import UsageError
from local.redrive.documents import Document


def path_of(state: Path, stream: str) -> Path:
    """Return where, by default, the ledger of a stream is."""
    return state / f"redrive-{stream}.ledger"


class Ledger:
    """A file of JSON lines `{"object", "first", "count", "of"}`; it holds no data. One redrive at a time writes it."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._read_only = read_only
        self._sent: dict[str, set[int]] = defaultdict(set)
        self._of: dict[str, int] = {}
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Read the file, and hold it unless it is only to be read. Raises UsageError: held by another, no ledger."""
        if not self._read_only:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self._lock(self._descriptor)
        text = self._path.read_text() if self._path.exists() else ""
        whole, _, torn = text.rpartition("\n")
        if torn and self._descriptor is not None:  # a run was interrupted while it wrote this line
            os.ftruncate(self._descriptor, len(text.encode()) - len(torn.encode()))
        for number, line in enumerate(whole.splitlines(), 1):
            self._remember(line, number)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holds(self, name: str, place: int) -> bool:
        return place in self._sent.get(name, ())

    def holds_all(self, name: str) -> bool:
        """Say whether every document of the object was sent."""
        return 0 < self._of.get(name, 0) <= len(self._sent.get(name, ()))

    def note(self, sent: Iterable[Document]) -> None:
        """Remember documents as sent; returns when that is on disk."""
        assert self._descriptor is not None
        places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for document in sent:
            places[document.object, document.of].append(document.place)
            self._sent[document.object].add(document.place)
            self._of[document.object] = document.of
        lines = [
            json.dumps({"object": name, "first": first, "count": count, "of": of})
            for (name, of), numbers in places.items()
            for first, count in _runs(numbers)
        ]
        if lines:
            os.write(self._descriptor, ("\n".join(lines) + "\n").encode())
            os.fsync(self._descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise UsageError(f"another redrive is using the ledger {self._path}: wait for it to end") from None

    def _remember(self, line: str, number: int) -> None:
        try:
            entry = json.loads(line)
            self._sent[entry["object"]].update(range(entry["first"], entry["first"] + entry["count"]))
            self._of[entry["object"]] = entry.get("of", 0)
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"line {number} of the ledger {self._path} cannot be read: mend or move the file"
            ) from None


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs
