"""What an open console costs the data plane: `python -m benchmarks.console [seconds] [pairs]`.

One load, a boto3 client that puts batches as fast as they are taken, never stops; pages are opened and closed under it.
Windows with and without come in pairs, which of the two is first alternates, and only windows of one pair are compared:
whatever drifts drifts in both. The interval is that of the median of the pairs, without a guess at their distribution.

A viewer speaks what a browser speaks (page, websocket) and draws nothing, in a process of its own, because a browser on
the same cores would be measured instead.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from math import comb
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import httpx
import websockets

from tests.conftest import Gateway, started

RECORD = json.dumps({"signup_id": "0", "created_at": "2026-11-23T22:00:00.000Z", "name": "x" * 300, "sequence": 1})
BATCH = [{"Data": RECORD.encode()} for _ in range(500)]
VIEWERS = 3
SETTLE_SECONDS = 0.5
WARM_SECONDS = 8.0
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Window:
    """What was measured in some seconds."""

    records_per_second: float
    cpu_per_record: float
    """Of the gateway's process, seconds; 0 where the system does not tell."""


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0  # a buffering interval
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as gateway:
        done = gateway.local("deploy")
        assert done.returncode == 0, done.stderr
        with _Viewers(gateway) as viewers:
            viewers.open()  # the first visit starts the console
            _put(gateway, WARM_SECONDS)
            viewers.close()
            measured = [_pair(gateway, viewers, seconds, open_first=bool(each % 2)) for each in range(pairs)]
    closed, opened = [each[0] for each in measured], [each[1] for each in measured]
    print(f"page closed: {median(each.records_per_second for each in closed):,.0f} records/s;"
          f" {VIEWERS} open: {median(each.records_per_second for each in opened):,.0f} records/s")  # fmt: skip
    print(_compared("throughput", [(o.records_per_second / c.records_per_second) for c, o in measured]))
    if all(each.cpu_per_record for each in closed):
        print(_compared("the gateway's CPU for a record", [o.cpu_per_record / c.cpu_per_record for c, o in measured]))


def _pair(gateway: Gateway, viewers: "_Viewers", seconds: float, *, open_first: bool) -> tuple[Window, Window]:
    """Measure one window with the pages closed and one with them open; return them in this order."""
    found: dict[bool, Window] = {}
    for now_open in (open_first, not open_first):
        (viewers.open if now_open else viewers.close)()
        _put(gateway, SETTLE_SECONDS)
        found[now_open] = _put(gateway, seconds)
    return found[False], found[True]


def _compared(what: str, ratios: list[float]) -> str:
    low, high = interval(ratios)
    verdict = "no difference can be told" if low <= 1 <= high else "they differ"
    return (f"{what}, open to closed: {median(ratios):.3f} ({CONFIDENCE:.0%} interval {low:.3f} to {high:.3f},"
            f" {len(ratios)} pairs): {verdict}")  # fmt: skip


def interval(values: list[float]) -> tuple[float, float]:
    """Return the confidence interval of the median by order statistics (binomial with p = 1/2)."""
    ordered, count = sorted(values), len(values)
    outside, tail = -1, 0.0
    while outside + 1 < count // 2 and tail + comb(count, outside + 1) / 2**count <= (1 - CONFIDENCE) / 2:
        outside += 1
        tail += comb(count, outside) / 2**count
    place = max(outside, 0)
    return ordered[place], ordered[-1 - place]


def _put(gateway: Gateway, seconds: float) -> Window:
    """Put batches for some seconds."""
    firehose = gateway.client("firehose")
    accepted, began, used = 0, time.monotonic(), _cpu(gateway.pid)
    while (took := time.monotonic() - began) < seconds:
        answer = firehose.put_record_batch(DeliveryStreamName="signups", Records=BATCH)
        accepted += len(BATCH) - answer["FailedPutCount"]
    return Window(accepted / took, (_cpu(gateway.pid) - used) / accepted)


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used (proc(5), stat: utime and stime), 0 if that is not told."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Viewers:
    """Pages in a process of their own, on the tab that asks most of the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._base = f"{gateway.endpoint}/_console/"
        self._open = False

    def __enter__(self) -> "_Viewers":  # noqa: PYI034 - private, and final
        command = [sys.executable, "-m", "benchmarks.console", "--watch", self._base]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def open(self) -> None:
        if not self._open:
            self._say("open")

    def close(self) -> None:
        if self._open:
            self._say("close")

    def _say(self, wish: str) -> None:
        """Say what to do, and return when it is done: pages are open when they have been shown something new."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{wish}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == f"{wish}\n", (
            "the viewers are shown nothing: nothing would be measured"
        )
        self._open = wish == "open"


async def _viewers(base: str) -> None:
    """Open and close pages as standard input says."""
    loop = asyncio.get_running_loop()
    watching: list[asyncio.Task[None]] = []
    while wish := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if wish == "open":
            shown = [asyncio.Event() for _ in range(VIEWERS)]
            watching = [asyncio.create_task(_watch(base, each)) for each in shown]
            await asyncio.gather(*(asyncio.wait_for(each.wait(), 60) for each in shown))
        else:
            for each in watching:
                each.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        print(wish, flush=True)


async def _watch(base: str, shown: asyncio.Event) -> None:
    """Open the page, shake hands as its script does, and read what it is sent; answer pings."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        page = (await client.get(f"{base}?tab=flow")).text
    found = re.search(r"client_id.{1,6}?([0-9a-f-]{36})", page)
    assert found is not None, "the page names no client"
    query = urlencode({
        "client_id": found[1], "tab_id": found[1], "document_id": found[1], "next_message_id": 0,
        "implicit_handshake": "true", "EIO": 4, "transport": "websocket",
    })  # fmt: skip
    address = f"{base.replace('http', 'ws', 1)}_nicegui_ws/socket.io/?{query}"
    updates = 0
    async with websockets.connect(address, proxy=None, max_size=None) as socket:
        await socket.send("40")
        async for message in socket:
            updates += _is_update(message)
            if updates > 1:
                shown.set()
            if message == "2":
                await socket.send("3")


def _is_update(message: Any) -> bool:
    return isinstance(message, str) and message.startswith("42") and '"update"' in message[:40]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--watch"]:
        os.nice(10)
        asyncio.run(_viewers(sys.argv[2]))
    else:
        main()
