"""An append-only text file that survives the death of its process: whole lines, one writer, group commit."""

import fcntl
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from producer.errors import Busy, StorageError

_PRIVATE = 0o600


class Lock:
    """Holds a lock file as long as this process lives; raises Busy if another one does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with storage(path, "open"):
            self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _PRIVATE)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Busy(
                f"another producer is running with {path.stem!r}: stop it, or give this one another --producer-id"
            ) from None

    def release(self) -> None:
        os.close(self._file)


class storage:  # noqa: N801 - reads as a clause: `with storage(path, "write")`
    """Turn the operating system's refusal into one sentence."""

    def __init__(self, path: Path, deed: str) -> None:
        self._path, self._deed = path, deed

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, reason: BaseException | None, __: object) -> None:
        if isinstance(reason, OSError):
            raise StorageError(f"cannot {self._deed} {self._path}: {reason.strerror or reason}") from reason


def whole_lines(path: Path) -> list[str]:
    """Return the lines that were written to their end: what follows the last newline never counted."""
    with storage(path, "read"):
        content = path.read_bytes()
    try:
        return content[: content.rfind(b"\n") + 1].decode().splitlines()
    except UnicodeDecodeError:
        raise StorageError(f"{path} is not a journal of this producer: move it aside") from None


class Log:
    """Lines appended here are seen by the next process; those before a `commit` survive a power cut as well."""

    def __init__(self, path: Path, lines: Iterable[str]) -> None:
        """Write `lines` as the whole file, in one step."""
        self.path = path
        self.size = 0
        self._file = -1
        self._synced = 0
        self._write_lock = threading.RLock()
        self._sync_lock = threading.Lock()
        self.replace(lines)

    def append(self, line: str) -> None:
        """Add one line, or nothing at all. Raises StorageError."""
        data = line.encode() + b"\n"
        with self._write_lock, storage(self.path, "write to"):
            try:
                write_all(self._file, data)
            except OSError:
                os.ftruncate(self._file, self.size)  # half a line must not run into the next one
                raise
            self.size += len(data)

    def commit(self) -> None:
        """Return when everything appended so far is on the disk. Raises StorageError."""
        wanted = self.size
        with self._sync_lock:
            if self._synced >= wanted:
                return  # another thread's commit covered this one
            reached = self.size
            with storage(self.path, "write to"):
                os.fdatasync(self._file) if hasattr(os, "fdatasync") else os.fsync(self._file)
            self._synced = reached

    def replace(self, lines: Iterable[str]) -> None:
        """Put `lines` in the place of all that was written. Raises StorageError and leaves the old file then."""
        fresh = self.path.with_suffix(".new")
        with self._sync_lock, self._write_lock, storage(self.path, "write to"):
            file = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, _PRIVATE)
            data = "".join(f"{line}\n" for line in lines).encode()
            try:
                write_all(file, data)
                os.fsync(file)
                fresh.rename(self.path)
            except OSError:
                os.close(file)
                fresh.unlink(missing_ok=True)
                raise
            _sync_directory(self.path.parent)
            self.close()
            self._file, self.size, self._synced = file, len(data), len(data)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _sync_directory(directory: Path) -> None:
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
