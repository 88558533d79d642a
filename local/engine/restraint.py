"""What keeps a query from taking more than its share."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from local.engine.session import ReadTooMuch

_PATIENCE = 3.0
"""Seconds that a query may have the whole machine for."""


@contextlib.contextmanager
def reading_at_most(most_bytes: int | None, interrupt: Callable[[], None]) -> Iterator[None]:
    """Interrupt what runs inside once this process has read more, where the system tells what was read (Linux).

    Raises ReadTooMuch in the place of what the interruption raises.
    """
    if most_bytes is None or (begin := _bytes_read()) is None:
        yield
        return
    done = threading.Event()

    def exceeded() -> bool:
        return (_bytes_read() or 0) - begin > most_bytes

    def watch() -> None:
        while not done.wait(0.02):
            if exceeded():
                interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except Exception:
        if not exceeded():
            raise
    finally:
        done.set()
        watcher.join()
    if exceeded():
        raise ReadTooMuch(f"more than {most_bytes} bytes")


def _bytes_read() -> int | None:
    try:
        return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])
    except OSError:
        return None


@contextlib.contextmanager
def leaving_a_core() -> Iterator[None]:
    """Let what runs inside have all cores for `_PATIENCE` seconds, and all but one from then on (Linux).

    Niceness does not do it: while every core is busy, who is to answer a request waits for the next tick, however
    idle the busy ones' priority (seen on Linux 6.18: 4 ms at each hop from process to process).
    """
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(cores) == 1 or not cores:
        yield
        return
    retreat = threading.Timer(_PATIENCE, _keep_to, [cores - {min(cores)}])
    retreat.daemon = True
    retreat.start()
    try:
        yield
    finally:
        retreat.cancel()
        retreat.join()
        _keep_to(cores)


def _keep_to(cores: set[int]) -> None:
    """Move all of this process's threads; those that it starts later follow the one that starts them."""
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)
