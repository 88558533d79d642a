"""A query that runs for long leaves the machine usable."""

import os
import threading
import time

import pytest

from local.engine import ReadTooMuch, restraint
from local.engine.restraint import leaving_a_core, reading_at_most

ALL_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()

several_cores = pytest.mark.skipif(len(ALL_CORES) < 2, reason="one core, or no Linux: there is none to leave")


def wait_for(happened, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@several_cores
def test_after_its_time_every_thread_leaves_one_core_and_gets_it_back_at_the_end(monkeypatch):
    monkeypatch.setattr(restraint, "_PATIENCE", 0.02)
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    threads = [threading.get_native_id(), other.native_id or 0]
    with leaving_a_core():
        wait_for(lambda: all(len(os.sched_getaffinity(thread)) == len(ALL_CORES) - 1 for thread in threads))
    assert all(os.sched_getaffinity(thread) == ALL_CORES for thread in threads)
    done.set()
    other.join()


@several_cores
def test_a_short_query_keeps_all_cores(monkeypatch):
    monkeypatch.setattr(restraint, "_PATIENCE", 60.0)
    with leaving_a_core():
        assert os.sched_getaffinity(0) == ALL_CORES


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
