"""More puts than can be taken: processes that send signed requests again and again, and wait for the answer only."""

import base64
import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PROCESSES = 4


@dataclass(frozen=True)
class Answered:
    """What became of the records that were offered."""

    taken: int = 0
    slow_down: int = 0
    """Records, or requests whole, that were told to slow down."""
    requests: int = 0
    wanted: int = 0
    """Requests that would have been sent had every answer come at once."""
    slowest: float = 0.0
    """Seconds."""

    def __add__(self, other: "Answered") -> "Answered":
        return Answered(
            self.taken + other.taken, self.slow_down + other.slow_down, self.requests + other.requests,
            self.wanted + other.wanted, max(self.slowest, other.slowest),
        )  # fmt: skip


def flood(endpoint: str, stream: str, batches: Sequence[Sequence[bytes]], rate: float, seconds: float) -> Answered:
    """Offer `rate` records a second for so long."""
    requests = [_signed(endpoint, stream, batch) for batch in batches]
    each = rate / PROCESSES / len(batches[0])
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(_send, endpoint, requests, len(batches[0]), each, seconds) for _ in range(PROCESSES)]
        return sum((one.result() for one in running), start=Answered())


def _send(endpoint: str, requests: list[bytes], records: int, rate: float, seconds: float) -> Answered:
    total, address = Answered(), urlsplit(endpoint)
    with socket.create_connection((address.hostname, address.port)) as connection:
        begin = time.monotonic()
        while (now := time.monotonic()) - begin < seconds:
            time.sleep(max(0.0, begin + total.requests / rate - now))
            connection.sendall(requests[total.requests % len(requests)])
            status, body = _answer(connection)
            failed = records if status != 200 else json.loads(body)["FailedPutCount"]
            assert status in {200, 503}, body
            total += Answered(records - failed, failed, 1, 0, time.monotonic() - now)
    return total + Answered(wanted=int(rate * seconds))


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split(b" ", 2)[1]), body


def _signed(endpoint: str, stream: str, batch: Sequence[bytes]) -> bytes:
    records = [{"Data": base64.b64encode(data).decode()} for data in batch]
    body = json.dumps({"DeliveryStreamName": stream, "Records": records}).encode()
    headers = {"X-Amz-Target": "Firehose_20150804.PutRecordBatch", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", f"{endpoint}/", data=body, headers=headers)
    SigV4Auth(Credentials("test", "test"), "firehose", "us-east-1").add_auth(request)
    prepared = request.prepare()
    named = {"Host": urlsplit(endpoint).netloc, "Content-Length": str(len(body)), **prepared.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body
