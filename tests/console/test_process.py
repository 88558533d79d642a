"""The console's process: there when it is visited, gone with its gateway, and never in the data plane's way."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import started

PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with started(tmp_path_factory.mktemp("visited")) as running:
        yield running


def visit(gateway):
    return httpx.get(f"{gateway.endpoint}/_console/", trust_env=False, timeout=60)


def commands():
    """Yield each process's pid and command line; a minimal Linux has no `ps`, another system no /proc."""
    if not Path("/proc/self").exists():
        listed = subprocess.run(["ps", "-wweo", "pid=,args="], capture_output=True, text=True, check=True).stdout
        yield from ((int(pid), command) for pid, command in (each.split(None, 1) for each in listed.splitlines()))
        return
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield int(each.name), (each / "cmdline").read_text(encoding="utf-8").replace("\0", " ")


def consoles(gateway):
    """Return the pids of the console's processes of this gateway."""
    wanted = ("-m local.console", f"--endpoint {gateway.endpoint} ")
    return [pid for pid, command in commands() if all(each in command for each in wanted)]


def gone(gateway):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := consoles(gateway):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)
    return True


def reaped(pid):
    """Wait until the gateway has taken notice of a process's death."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.05)
        raise AssertionError(f"{pid} was not waited for")


def test_it_is_started_by_the_first_visit_and_once_at_a_lower_priority(gateway):
    assert consoles(gateway) == []
    assert visit(gateway).status_code == 200
    assert visit(gateway).status_code == 200

    (process,) = consoles(gateway)
    assert os.getpriority(os.PRIO_PROCESS, process) > os.getpriority(os.PRIO_PROCESS, gateway.pid)


def test_one_that_died_is_started_anew_by_the_next_visit(gateway):
    visit(gateway)
    (first,) = consoles(gateway)
    os.kill(first, signal.SIGKILL)
    reaped(first)

    assert visit(gateway).status_code == 200
    assert consoles(gateway) != [first]


def folders():
    return Path(tempfile.gettempdir()).glob("local-aws-console-*")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_gateway_however_that_ends(tmp_path, number):
    before = set(folders())
    with started(tmp_path) as gateway:
        visit(gateway)
        assert len(consoles(gateway)) == 1
        os.kill(gateway.pid, number)

        assert gone(gateway)
        assert set(folders()) <= before
