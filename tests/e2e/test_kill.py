"""Whatever is killed, whenever: every sign-up that a producer generated is there in the end. The audit is the judge."""

import os
import random
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT, started

pytestmark = pytest.mark.e2e

ROUNDS = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def produce(gateway, journals, *options, mode="send"):
    command = [
        sys.executable, "-m", "producer", mode, "--delivery-stream", "signups", "--journal-directory", str(journals),
        "--give-up-after", "2s", "--request-timeout", "2s", "--log-format", "json", *options,
    ]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, env=gateway.environment, stdout=subprocess.PIPE, text=True)


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def audit(gateway):
    """Flush, and ask until nothing is missing or half a minute is over; return the verdict's text and status."""
    deadline = time.monotonic() + 30
    while True:
        gateway.act("flush")
        done = gateway.local("audit", "--format", "csv")
        if done.returncode == 0 or time.monotonic() > deadline:
            return done.stdout + done.stderr, done.returncode
        time.sleep(1)


def test_nothing_acknowledged_is_lost_when_gateway_and_producer_are_killed_at_random(tmp_path):
    state, journals, port = tmp_path / "state", tmp_path / "journals", str(free_port())
    chance = random.Random(7)
    first = started(state, "--port", port)
    gateway = first.__enter__()
    assert gateway.local("deploy").returncode == 0
    time.sleep(1)  # the control plane is saved half a second after a change
    running = first
    for _ in range(ROUNDS):
        producer = produce(gateway, journals, "--rate", "500")
        time.sleep(chance.uniform(1.0, 3.0))
        kill(running.process)
        time.sleep(chance.uniform(0.0, 1.0))
        running = started(state, "--port", port)
        gateway = running.__enter__()
        time.sleep(chance.uniform(0.5, 2.0))
        kill(producer)
    resumed = produce(gateway, journals, mode="resume")
    said, _ = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, said
    verdict, status = audit(gateway)
    running.__exit__()
    assert status == 0, verdict
    assert len(verdict.splitlines()) == 1 + ROUNDS, verdict
