"""What keeps a query from taking more than its share."""

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from local.engine.session import ReadTooMuch

_GLANCE = 0.05
"""Seconds between two looks at what the gateway needs."""
_NEEDY = 0.15
"""The share of a core from which on the gateway is at work for others: one client that follows its query needs 0.06."""
_CALM = 0.5
"""Seconds of little work after which a query may have the whole machine again."""
_PATIENCE = 10.0
"""Seconds that a query may have the whole machine for if nobody else needs it."""


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


def spent_by(process: int) -> float:
    """Return the seconds of processor time that another process has had, 0 if it is gone (Linux).

    Its clock's number is as `clock_getcpuclockid(3)` makes it: `include/linux/posix-timers.h`.
    """
    try:
        return time.clock_gettime(~process << 3 | 2)
    except OSError:
        return 0.0


@contextlib.contextmanager
def leaving_a_core(spent: Callable[[], float]) -> Iterator[None]:
    """Let what runs inside have all cores but one while the gateway needs one, and after `_PATIENCE` seconds (Linux).

    `spent` returns the gateway's processor time in seconds. Niceness does not do it: while every core is busy, who is
    to answer a request waits for the next tick, however idle the busy ones' priority (seen on Linux 6.18: 4 ms at each
    hop from process to process).
    """
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(cores) <= 1:
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_make_room, args=(cores, spent, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        _keep_to(cores)


def _make_room(cores: set[int], spent: Callable[[], float], done: threading.Event) -> None:
    before, calm, made = spent(), _CALM, False
    for glance in itertools.count(1):
        if done.wait(_GLANCE):
            return
        now = spent()
        calm = 0.0 if now - before >= _NEEDY * _GLANCE else calm + _GLANCE
        before = now
        if (wanted := calm < _CALM or glance * _GLANCE > _PATIENCE) != made:
            _keep_to(cores - {min(cores)} if wanted else cores)
            made = wanted


def _keep_to(cores: set[int]) -> None:
    """Move all of this process's threads; those that it starts later follow the one that starts them."""
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)
