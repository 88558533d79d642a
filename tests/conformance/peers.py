"""The same table on others: `python -m tests.conformance --peers` prints how many rows hold on each.

Peers that a Python environment can run are run, without Docker. What runs already is compared too: `--peers
floci=http://127.0.0.1:4566` (floci is released as a container's image, so it is not started here).
"""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws

from tests.conformance import running
from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.table import ROOMS
from tests.conftest import started

CASE_SECONDS = 90

Tried = dict[str, set[str]]
"""For each room the facts that hold."""


def compare(others: Sequence[str]) -> None:
    """Run the table here, on each peer and on others (`name=address`) and print a Markdown table."""
    columns = {
        "this": _try_here(),
        f"MiniStack {version('ministack')}": _try_ministack(),
        f"moto {version('moto')}": _try_moto(),
        f"LocalStack {running.LOCALSTACK_VERSION}": _try_localstack(),
    }
    for other in others:
        name, _, address = other.partition("=")
        columns[name] = _try_all(Lab(address, flushes=False))
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
    with running.ministack() as endpoint:
        return _try_all(Lab(endpoint, flushes=False))


def _try_localstack() -> Tried:
    with running.localstack() as endpoint:
        return _try_all(Lab(endpoint, flushes=False))


def _try_moto() -> Tried:
    with mock_aws():
        return _try_all(InProcess("moto", flushes=False))


class InProcess(Lab):
    """A lab whose clients are answered within this process: they need no address."""

    def client(self, service: str, *, checked: bool = True) -> Any:
        if (service, checked) not in self._clients:
            session = boto3.Session("test", "test", region_name="us-east-1")
            config = Config(parameter_validation=checked)
            self._clients[service, checked] = session.client(service, config=config)  # type: ignore[call-overload]
        return self._clients[service, checked]


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
