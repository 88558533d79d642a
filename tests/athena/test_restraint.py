"""A query that runs for long leaves the machine usable."""

import os
import subprocess
import sys
import threading
import time

import pytest

from local.engine import ReadTooMuch, restraint
from local.engine.restraint import leaving_a_core, reading_at_most, spent_by

ALL_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()

several_cores = pytest.mark.skipif(len(ALL_CORES) < 2, reason="one core, or no Linux: there is none to leave")


def wait_for(happened, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Gateway:
    """Needs a core for as long as it is busy."""

    def __init__(self, *, busy):
        self.busy = busy
        self._spent = 0.0

    def spent(self):
        self._spent += 1.0 if self.busy else 0.0
        return self._spent


def cores_of(threads):
    return [len(os.sched_getaffinity(thread)) for thread in threads]


@pytest.fixture
def threads():
    """Return this thread and another that lives through the test."""
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    yield [threading.get_native_id(), other.native_id]
    done.set()
    other.join()


@several_cores
def test_every_thread_leaves_a_core_while_the_gateway_needs_one_and_takes_it_back_then(monkeypatch, threads):
    monkeypatch.setattr(restraint, "_GLANCE", 0.002)
    monkeypatch.setattr(restraint, "_CALM", 0.02)
    gateway = Gateway(busy=False)
    with leaving_a_core(gateway.spent):
        for busy in (False, True, False, True):
            gateway.busy = busy
            wait_for(lambda: cores_of(threads) == [len(ALL_CORES) - gateway.busy] * 2)
    assert cores_of(threads) == [len(ALL_CORES)] * 2


@several_cores
def test_after_its_time_a_query_leaves_a_core_to_a_quiet_gateway_too(monkeypatch, threads):
    monkeypatch.setattr(restraint, "_PATIENCE", 0.02)
    with leaving_a_core(Gateway(busy=False).spent):
        wait_for(lambda: cores_of(threads) == [len(ALL_CORES) - 1] * 2)
    assert cores_of(threads) == [len(ALL_CORES)] * 2


@several_cores
def test_another_process_is_seen_at_work():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        begun = spent_by(process.pid)
        wait_for(lambda: spent_by(process.pid) > begun + 0.05)
        process.kill()
    assert spent_by(process.pid) == 0.0


def test_what_reads_too_much_is_interrupted_and_says_so(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    interrupted = threading.Event()

    def read():
        while not interrupted.is_set():
            (tmp_path / "large").read_bytes()
        raise RuntimeError("interrupted")

    with pytest.raises(ReadTooMuch, match="more than 500000 bytes"), reading_at_most(500_000, interrupted.set):
        read()


def test_an_error_of_what_reads_little_is_its_own():
    with pytest.raises(ValueError, match="its own"), reading_at_most(10**12, lambda: None):
        raise ValueError("its own")
