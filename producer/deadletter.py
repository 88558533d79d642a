"""The file for what can never be sent. It holds sign-ups as they are, so only its owner may read it."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

from producer.log import storage, write_all


class DeadLetters:
    """Appends one JSON line for each record: when, why, and the record's text."""

    def __init__(self, path: Path, now: Callable[[], str]) -> None:
        self.path = path
        self._now = now
        self._lock = threading.Lock()

    def write(self, record: bytes, reason: str) -> None:
        """Append a record. Raises StorageError; the line is then not written."""
        line = json.dumps({"at": self._now(), "reason": reason, "record": record.decode()}, ensure_ascii=False)
        data = line.encode() + b"\n"
        with self._lock, storage(self.path, "write to"):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                _append(file, data)
            finally:
                os.close(file)


def _append(file: int, data: bytes) -> None:
    size = os.fstat(file).st_size
    try:
        write_all(file, data)
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
