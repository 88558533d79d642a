"""The producer against the usual way to do it: Faker, and a loop around boto3's put_record_batch.

Both send to the same canned PutRecordBatch server on loopback, which has a processor to itself where there are two.
Sign-ups per second and core are sign-ups over processor time of the whole process, its start included. Memory is read
from /proc while the producer runs as fast as it can. About a minute and a half.
"""

import json
import multiprocessing
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIGNUPS = 600_000
PEER_SIGNUPS = 20_000
MEMORY_SECONDS = 20
LARGEST_QUOTA = 5 * 1024 * 1024
"""Bytes a second: https://docs.aws.amazon.com/firehose/latest/dev/limits.html"""

PEER = """
import json, sys, boto3
from faker import Faker
fake, firehose = Faker("pt_BR"), boto3.client("firehose")
for _ in range(int(sys.argv[1]) // 500):
    people = [{
        "name": fake.name(), "email": fake.email(), "phone": fake.cellphone_number(),
        "birth_date": str(fake.date_of_birth()), "job": fake.job(), "address": fake.address(), "cpf": fake.cpf(),
    } for _ in range(500)]
    firehose.put_record_batch(
        DeliveryStreamName="signups", Records=[{"Data": json.dumps(person) + "\\n"} for person in people]
    )
"""


@dataclass(frozen=True)
class Measured:
    signups: int
    wall: float
    processor: float
    size: float = 0.0
    """Bytes a sign-up, as the producer counts them."""

    @property
    def per_core(self) -> float:
        return self.signups / self.processor


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with sink() as endpoint:
        rows = {
            "Faker pt_BR + put_record_batch": measure([sys.executable, "-c", PEER, str(PEER_SIGNUPS)], endpoint),
            "producer": produce(endpoint),
            "producer --pack": produce(endpoint, "--pack"),
        }
        peer = rows["Faker pt_BR + put_record_batch"]
        print(f"{'':32} {'sign-ups/s':>12} {'per core':>12} {'ratio':>7}")
        for name, row in rows.items():
            ratio = row.per_core / peer.per_core
            print(f"{name:32} {row.signups / row.wall:>12,.0f} {row.per_core:>12,.0f} {ratio:>6.1f}x")
        quota(rows["producer"], rows["producer --pack"])
        memory(endpoint)


def quota(plain: Measured, packed: Measured) -> None:
    needed = LARGEST_QUOTA / plain.size
    print(
        f"\nthe largest default quota, 5 MiB/s, is {needed:,.0f} sign-ups/s: {needed / plain.per_core:.2f} of a core,"
        f" packed {needed / packed.per_core:.2f}; the smallest Fargate task has 0.25"
    )


def produce(endpoint: str, *options: str) -> Measured:
    return measure(
        [sys.executable, "-m", "producer", "--delivery-stream", "signups", "--rate", "max", "--quota", "none",
         "--total", str(SIGNUPS), "--in-flight", "2", "--log-format", "json", *options],
        endpoint,
    )  # fmt: skip


def measure(command: list[str], endpoint: str) -> Measured:
    """Run `command` to its end on one processor. The producer says how many it sent; the peer is silent."""
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment(endpoint), cwd=directory, stdout=subprocess.PIPE, text=True)
        on_processor(process.pid, 0)
        assert process.stdout
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
    assert process.returncode == 0, said
    processor = usage.ru_utime + usage.ru_stime
    if not said:
        return Measured(PEER_SIGNUPS, wall, processor)
    final = json.loads(said.splitlines()[-2])
    return Measured(final["Delivered"], wall, processor, final["Bytes"] / final["Delivered"])


def memory(endpoint: str) -> None:
    """Print the resident memory of a producer that runs as fast as it can, second by second."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "producer", "--delivery-stream", "signups", "--rate", "max", "--quota", "none",
                   "--for", f"{MEMORY_SECONDS}s", "--log-format", "json"]  # fmt: skip
        process = subprocess.Popen(command, env=environment(endpoint), cwd=directory, stdout=subprocess.PIPE, text=True)
        on_processor(process.pid, 0)
        sizes: list[float] = []
        while process.poll() is None:
            time.sleep(1)
            with suppress(OSError, TypeError):
                text = Path(f"/proc/{process.pid}/status").read_text()
                sizes.append(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024)  # type: ignore[index]
        assert process.stdout
        final = json.loads(process.stdout.read().splitlines()[-2])
        journal = sum(path.stat().st_size for path in Path(directory).rglob("*.journal"))
    third = max(1, len(sizes) // 3)
    early, late = max(sizes[third : 2 * third]), max(sizes[2 * third :])
    print(
        f"\nmemory over {final['Delivered']:,} sign-ups in {final['seconds']:.0f} s: {early:.0f} MiB in the second"
        f" third, {late:.0f} MiB in the last ({late / early - 1:+.1%}); journal left {journal} bytes"
    )


def environment(endpoint: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PRODUCER_"))}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join(str(Path(__file__).resolve().parents[1] / each) for each in (".", "src")),
    }  # fmt: skip


def on_processor(pid: int, number: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > number:
        os.sched_setaffinity(pid, {number})


@contextmanager
def sink() -> Iterator[str]:
    """Run a server in another process that accepts whatever PutRecordBatch carries."""
    listening = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=serve, args=(listening,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        process.terminate()
        process.join()
        listening.close()


def serve(listening: socket.socket) -> None:
    on_processor(0, 1)
    while True:
        connection, _ = listening.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    """Answer each request as Firehose does when all is well, with identifiers of the real length."""
    with connection, connection.makefile("rb", 1 << 20) as incoming:
        while line := incoming.readline():
            length = 0
            while (line := incoming.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            records = incoming.read(length).count(b'"Data":')
            entries = b",".join([b'{"RecordId":"%b"}' % (b"A" * 224)] * records)
            body = b'{"Encrypted":false,"FailedPutCount":0,"RequestResponses":[%b]}' % entries
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n"
            connection.sendall(head % len(body) + body)


if __name__ == "__main__":
    main()
