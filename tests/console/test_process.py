"""The console's process: there when it is visited, gone with its gateway, and never in the data plane's way."""

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


def consoles(gateway):
    """Return the pids of the console's processes of this gateway."""
    listed = subprocess.run(["ps", "-wweo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(each.split()[0]) for each in listed.splitlines()
            if "-m local.console" in each and f"--endpoint {gateway.endpoint} " in each]  # fmt: skip


def gone(gateway):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := consoles(gateway):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)
    return True


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
    gone(gateway)

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
