"""The same table on others: `python -m tests.conformance --peers` prints how many rows hold on each.

Peers that a Python environment can run are run, as they come, on loopback. LocalStack and floci are not: the one needs
Docker and its community edition has ended, the other needs a JVM and a container of DuckDB.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
import httpx
from moto import mock_aws

from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.table import ROOMS
from tests.conftest import started

CASE_SECONDS = 90
START_SECONDS = 60

Tried = dict[str, set[str]]
"""For each room the facts that hold."""


def compare() -> None:
    """Run the table here and on each peer and print a Markdown table."""
    columns = {
        "this": _try_here(),
        f"MiniStack {version('ministack')}": _try_ministack(),
        f"moto {version('moto')}": _try_moto(),
    }
    print(f"| rows about | of | {' | '.join(columns)} |")
    print(f"|---|---|{'---|' * len(columns)}")
    for room, cases in ROOMS.items():
        print(f"| {room} | {len(cases)} | {' | '.join(str(len(held[room])) for held in columns.values())} |")
    totals = (f"**{sum(map(len, held.values()))}**" for held in columns.values())
    print(f"| **all** | **{sum(map(len, ROOMS.values()))}** | {' | '.join(totals)} |")


def _try_here() -> Tried:
    with tempfile.TemporaryDirectory() as state, started(Path(state)) as gateway, Lab(gateway.endpoint) as lab:
        return _try_all(lab)


def _try_ministack() -> Tried:
    with _ministack() as endpoint:
        return _try_all(Lab(endpoint, flushes=False))


def _try_moto() -> Tried:
    with mock_aws():
        return _try_all(InProcess("moto", flushes=False))


class InProcess(Lab):
    """A lab whose clients are answered within this process: they need no address."""

    def client(self, service: str) -> Any:
        if service not in self._clients:
            session = boto3.Session("test", "test", region_name="us-east-1")
            self._clients[service] = session.client(service)  # type: ignore[call-overload]  # the name is data
        return self._clients[service]


def _try_all(lab: Lab) -> Tried:
    pool = ThreadPoolExecutor()
    try:
        return {room: {case.fact for case in cases if _holds(pool, case, lab)} for room, cases in ROOMS.items()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _holds(pool: ThreadPoolExecutor, case: Case, lab: Lab) -> bool:
    try:
        pool.submit(case.check, lab).result(CASE_SECONDS)
    except TooSlow:
        return False
    except Exception:  # noqa: BLE001 - a peer may fail in any way
        return False
    finally:
        lab.delete_streams(shared=False)  # moto has room for ten
    return True


@contextmanager
def _ministack() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            "GATEWAY_PORT": port, "S3_DATA_DIR": folder, "STATE_DIR": folder, "DOCKER_HOST": "unix:///nonexistent",
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",  # both would listen on other ports
        }  # fmt: skip
        command = [sys.executable, "-m", "uvicorn", "ministack.app:app", "--host", "127.0.0.1", "--port", port]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=quiet, stderr=quiet)
        try:
            _wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(address, trust_env=False)
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
