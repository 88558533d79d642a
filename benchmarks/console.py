"""What an open console costs the data plane: `python benchmarks/console.py [seconds] [rounds]`.

The same load, a boto3 client that puts packed batches as fast as they are taken, in turns with the page closed and
open in every round. A viewer here speaks what a browser speaks (page, websocket) and draws nothing, because a browser
on the same cores would be measured instead.
"""

import asyncio
import json
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import httpx
import websockets

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script: the rooms are beside this folder

from tests.conftest import Gateway, started  # noqa: E402 - after the path is set

RECORD = json.dumps({"signup_id": "0", "created_at": "2026-11-23T22:00:00.000Z", "name": "x" * 300, "sequence": 1})
BATCH = [{"Data": RECORD.encode()} for _ in range(500)]
VIEWERS = 3
SETTLE_SECONDS = 2.0


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as gateway:
        done = gateway.local("deploy")
        assert done.returncode == 0, done.stderr
        _put(gateway, 3)
        closed, opened = [], []
        for _ in range(rounds):
            closed.append(_put(gateway, seconds))
            with _Viewers(gateway):
                opened.append(_put(gateway, seconds))
    ratios = [after / before for before, after in zip(closed, opened, strict=True)]
    print(f"page closed: {median(closed):,.0f} records/s; with {VIEWERS} viewers: {median(opened):,.0f} records/s")
    print(f"ratio {median(ratios):.2f} (rounds: {', '.join(f'{each:.2f}' for each in ratios)})")


def _put(gateway: Gateway, seconds: float) -> float:
    """Put batches for some seconds; return the records accepted per second."""
    firehose = gateway.client("firehose")
    accepted, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        answer = firehose.put_record_batch(DeliveryStreamName="signups", Records=BATCH)
        accepted += len(BATCH) - answer["FailedPutCount"]
    rate = accepted / (time.monotonic() - began)
    gateway.act("flush", stream="signups")
    return rate


class _Viewers:
    """Pages that are open, on the tab that asks most of the gateway, while the block runs."""

    def __init__(self, gateway: Gateway) -> None:
        self._base = f"{gateway.endpoint}/_console/"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.messages = 0

    def __enter__(self) -> None:
        self._thread.start()
        self._watching = [asyncio.run_coroutine_threadsafe(self._watch(), self._loop) for _ in range(VIEWERS)]
        time.sleep(SETTLE_SECONDS)
        before = self.messages
        time.sleep(SETTLE_SECONDS)
        assert self.messages > before, "the viewers are shown nothing, so nothing would be measured"

    def __exit__(self, *_: object) -> None:
        for watching in self._watching:
            watching.cancel()
        time.sleep(0.1)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _watch(self) -> None:
        """Open the page, shake hands as its script does, and read what it is sent; answer pings."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = (await client.get(f"{self._base}?tab=flow")).text
        found = re.search(r"client_id.{1,6}?([0-9a-f-]{36})", page)
        assert found is not None, "the page names no client"
        query = urlencode({
            "client_id": found[1], "tab_id": found[1], "document_id": found[1], "next_message_id": 0,
            "implicit_handshake": "true", "EIO": 4, "transport": "websocket",
        })  # fmt: skip
        address = f"{self._base.replace('http', 'ws', 1)}_nicegui_ws/socket.io/?{query}"
        async with websockets.connect(address, proxy=None, max_size=None) as socket:
            await socket.send("40")
            async for message in socket:
                self.messages += 1
                if message == "2":
                    await socket.send("3")


if __name__ == "__main__":
    main()
