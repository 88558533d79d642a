"""How fast the local Firehose is, whole: `python benchmarks/firehose.py [seconds]`.

The template as sam deploys it, with its own function and table, fed by one boto3 client that shares the machine; then
the same sign-ups put into MiniStack alone, which invokes, converts and writes for each record.
"""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import boto3
import pyarrow.parquet as pq
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script: the rooms are beside this folder

from benchmarks.flood import Answered, flood  # noqa: E402 - after the path is set
from producer.assembly import _accounts  # noqa: E402 - after the path is set
from producer.signups import Block, Maker, Source  # noqa: E402
from schemas import DeliveredSignup  # noqa: E402
from schemas.glue import columns  # noqa: E402
from tests.conftest import Gateway, started  # noqa: E402

Batch = list[dict[str, bytes]]
Batches = list[Batch]

MIB = 1024 * 1024
BATCH = 500
RECOVERY_BYTES = 100_000_000
OVERLOAD_SECONDS, OVERLOAD = 30.0, 10
QUOTA_REGION = "us-east-1"
MARKS, MARK_SECONDS = 30, 1.0
FLOOR = 5 * MIB
"""Bytes a second: the largest default quota of a stream on AWS."""


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    batches = _batches()
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        with started(state) as gateway:
            outputs = _deploy(gateway)
            ours = _sustain(gateway, outputs, batches, seconds)
            _freshness(gateway, outputs, batches)
            _overload(gateway, outputs, batches, ours)
            _leave_behind(gateway, outputs["DeliveryStreamName"], batches)
        _recover(state)
    with tempfile.TemporaryDirectory() as folder, started(Path(folder), "--quotas", QUOTA_REGION) as gateway:
        size = mean(len(record["Data"]) for record in batches[0])
        print(f"held to the quotas of {QUOTA_REGION}:")
        _overload(gateway, _deploy(gateway), batches, FLOOR / size)
    theirs = _ministack(batches[0])
    print(f"MiniStack alone: {theirs:,.1f} sign-ups/s; ratio {ours / theirs:,.0f}")


def _batches() -> Batches:
    maker = Maker("bench", [Source(1, 7, 0, 0, 1)], _accounts)
    lines = [
        line for first in range(1, 20_001, BATCH) for line in maker.documents(Block(first, BATCH, 1_795_435_200_000))
    ]
    return [[{"Data": line} for line in lines[at : at + BATCH]] for at in range(0, len(lines), BATCH)]


def _deploy(gateway: Gateway) -> dict[str, str]:
    done = gateway.local("deploy")
    assert done.returncode == 0, done.stderr
    found = gateway.client("cloudformation").describe_stacks(StackName="signups")["Stacks"][0]["Outputs"]
    return {each["OutputKey"]: each["OutputValue"] for each in found}


def _sustain(gateway: Gateway, outputs: dict[str, str], batches: Batches, seconds: float) -> float:
    """Put for so long, then wait until all of it lies in the bucket; return sign-ups a second, the wait included."""
    firehose, stream = gateway.client("firehose"), outputs["DeliveryStreamName"]
    put = size = 0
    waits: list[float] = []
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        batch = batches[len(waits) % len(batches)]
        sent = time.monotonic()
        answer = firehose.put_record_batch(DeliveryStreamName=stream, Records=batch)
        waits.append(time.monotonic() - sent)
        put += len(batch) - answer["FailedPutCount"]
        size += sum(len(record["Data"]) for record in batch)
    gateway.act("flush", stream=stream)
    elapsed = time.monotonic() - begin
    rows, objects = _rows(gateway, outputs["LakeBucketName"])
    assert rows == put, f"{put} were put and {rows} landed"
    percentiles = quantiles(waits, n=100)
    print(f"{put:,} sign-ups of {size // put} bytes put and delivered in {elapsed:.1f} s, in {objects} objects")
    print(
        f"{put / elapsed:,.0f} sign-ups/s; {size / elapsed / MIB:.1f} MiB/s, {size / elapsed / FLOOR:.1f} times 5 MiB/s"
    )
    print(
        f"a batch of {BATCH} is acknowledged in {percentiles[49] * 1000:.1f} ms (p50),"
        f" {percentiles[98] * 1000:.1f} ms (p99)"
    )
    print(f"the gateway held {_resident(gateway.pid):,.0f} MiB at most")
    return put / elapsed


def _freshness(gateway: Gateway, outputs: dict[str, str], batches: Batches) -> None:
    """Put a marked batch every so often and wait until its object is listed; compare with the buffers' own seconds."""
    firehose, s3 = gateway.client("firehose"), gateway.client("s3")
    stream, bucket = outputs["DeliveryStreamName"], outputs["LakeBucketName"]
    allowed = _buffered_seconds(firehose, stream)
    gateway.act("flush", stream=stream)
    put_at: list[float] = []
    seen: dict[str, float] = dict.fromkeys(_keys(s3, bucket), 0.0)
    late: list[float] = []
    begin = time.monotonic()
    while len(late) < MARKS and time.monotonic() - begin < MARKS * (allowed + 2) + 60:
        if time.monotonic() - begin >= len(put_at) * MARK_SECONDS and len(put_at) < MARKS:
            put_at.append(time.time())
            firehose.put_record_batch(DeliveryStreamName=stream, Records=batches[len(put_at) % len(batches)][:50])
        for key in _keys(s3, bucket) - seen.keys():
            seen[key] = now = time.time()
            rows = pq.ParquetFile(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())).metadata.num_rows
            arrived = put_at[len(late) : len(late) + rows // 50]
            late += [now - moment for moment in arrived]
        time.sleep(0.05)
    assert len(late) == MARKS, f"{MARKS - len(late)} of {MARKS} batches did not become queryable"
    p99 = sorted(late)[int(len(late) * 0.99) - 1]
    print(
        f"from put to queryable: {sorted(late)[len(late) // 2]:.1f} s (p50), {p99:.1f} s (p99), with buffers of"
        f" {allowed:.0f} s: {p99 - allowed:+.1f} s"
    )


def _buffered_seconds(firehose: Any, stream: str) -> float:
    """Return the seconds of both buffers that a record goes through."""
    described = firehose.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
    destination = described["Destinations"][0]["ExtendedS3DestinationDescription"]
    parameters = {
        each["ParameterName"]: each["ParameterValue"]
        for processor in destination["ProcessingConfiguration"]["Processors"]
        for each in processor["Parameters"]
    }
    hints = destination["BufferingHints"]["IntervalInSeconds"]
    return float(hints) + float(parameters.get("BufferIntervalInSeconds", 0))


def _keys(s3: Any, bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="signups/")
    return {listed["Key"] for page in pages for listed in page.get("Contents", [])}


def _overload(gateway: Gateway, outputs: dict[str, str], batches: Batches, rate: float) -> None:
    """Offer ten times what can be sustained: memory must stay bounded, and all that is acknowledged must land."""
    rows, _ = _rows(gateway, outputs["LakeBucketName"])
    before = _resident(gateway.pid, anew=True)
    blobs = [[record["Data"] for record in batch] for batch in batches]
    answered, held = Answered(), []
    for _ in range(2):
        answered += flood(gateway.endpoint, outputs["DeliveryStreamName"], blobs, OVERLOAD * rate, OVERLOAD_SECONDS / 2)
        held.append(_resident(gateway.pid))
    end = time.monotonic()
    waiting = sum(path.stat().st_size for path in (gateway.state / "journals").rglob("*.wal"))
    _drain(gateway)
    drained = time.monotonic() - end
    landed = _rows(gateway, outputs["LakeBucketName"])[0] - rows
    assert landed == answered.taken, f"{answered.taken} were acknowledged and {landed} landed"
    per_second = answered.taken / OVERLOAD_SECONDS
    print(
        f"offered {OVERLOAD} times {rate:,.0f} sign-ups/s for {OVERLOAD_SECONDS:.0f} s: {answered.requests:,} of"
        f" {answered.wanted:,} requests got an answer (the slowest after {answered.slowest:.1f} s), {per_second:,.0f}"
        f" sign-ups/s were taken and {answered.slow_down / OVERLOAD_SECONDS:,.0f} told to slow down"
    )
    print(
        f"{waiting / 1e6:,.0f} MB waited on disk; the gateway held {before:,.0f} MiB before, {held[0]:,.0f} at most in"
        f" the first half, {held[1]:,.0f} in both; all {landed:,} that were acknowledged landed, {drained:.0f} s later"
    )


def _drain(gateway: Gateway) -> None:
    while list((gateway.state / "journals").rglob("*.wal")):
        time.sleep(1)


def _rows(gateway: Gateway, bucket: str) -> tuple[int, int]:
    s3, rows, objects = gateway.client("s3"), 0, 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="signups/"):
        for listed in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read()
            rows += pq.ParquetFile(io.BytesIO(body)).metadata.num_rows
            objects += 1
    return rows, objects


def _resident(pid: int, *, anew: bool = False) -> float:
    """Return the most that a process held, in MiB; `anew`: what it holds, and let the most begin here."""
    if anew:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _leave_behind(gateway: Gateway, stream: str, batches: Batches) -> None:
    """Fill the journal with what cannot be delivered, and kill the gateway."""
    gateway.act("faults", bucket_denied=True)
    firehose, size, place = gateway.client("firehose"), 0, 0
    while size < RECOVERY_BYTES:
        batch = batches[place % len(batches)]
        firehose.put_record_batch(DeliveryStreamName=stream, Records=batch)
        size, place = size + sum(len(record["Data"]) for record in batch), place + 1
    os.kill(gateway.pid, signal.SIGKILL)


def _recover(state: Path) -> None:
    journal = sum(path.stat().st_size for path in (state / "journals").rglob("*.wal"))
    begin = time.monotonic()
    with started(state) as gateway:
        up = time.monotonic() - begin
        gateway.act("flush")
        print(
            f"a journal of {journal / 1e6:,.0f} MB: up {up:.1f} s after SIGKILL,"
            f" all delivered {time.monotonic() - begin:.1f} s after"
        )


def _ministack(batch: Batch) -> float:
    """Return the sign-ups a second of MiniStack alone, with a function that returns what it gets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        variables = {**os.environ, "GATEWAY_PORT": str(port), "S3_DATA_DIR": folder, "STATE_DIR": folder,
                     "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent"}  # fmt: skip
        command = [sys.executable, "-m", "uvicorn", "ministack.app:app", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return _rate_of_ministack(f"http://127.0.0.1:{port}", batch[:100])
        finally:
            server.terminate()
            server.wait(30)


def _rate_of_ministack(endpoint: str, batch: Batch) -> float:
    def client(service: str) -> Any:
        session = boto3.Session("test", "test", region_name="us-east-1")
        config = Config(retries={"total_max_attempts": 60}, read_timeout=300, s3={"addressing_style": "path"})
        return session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]  # the name is data

    role = "arn:aws:iam::000000000000:role/r"
    _wait_for(client("s3"))
    client("s3").create_bucket(Bucket="lake")
    client("glue").create_database(DatabaseInput={"Name": "db"})
    table = {"Name": "t", "StorageDescriptor": {"Columns": columns(DeliveredSignup)}}
    client("glue").create_table(DatabaseName="db", TableInput=table)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("f.py", "def h(e, c):\n    return {'records': [{**r, 'result': 'Ok'} for r in e['records']]}\n")
    function = client("lambda").create_function(
        FunctionName="f", Runtime="python3.13", Role=role, Handler="f.h", Code={"ZipFile": archive.getvalue()}
    )["FunctionArn"]
    client("firehose").create_delivery_stream(
        DeliveryStreamName="s",
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::lake",
            "ProcessingConfiguration": {"Enabled": True, "Processors": [
                {"Type": "Lambda", "Parameters": [{"ParameterName": "LambdaArn", "ParameterValue": function}]}]},
            "DataFormatConversionConfiguration": {
                "SchemaConfiguration": {"RoleARN": role, "DatabaseName": "db", "TableName": "t"},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}}},
        },
    )  # fmt: skip
    begin = time.monotonic()
    answer = client("firehose").put_record_batch(DeliveryStreamName="s", Records=batch)
    assert answer["FailedPutCount"] == 0, json.dumps(answer)[:500]
    return len(batch) / (time.monotonic() - begin)


def _wait_for(s3: Any) -> None:
    for _ in range(100):
        try:
            s3.list_buckets()
        except Exception:  # noqa: BLE001 - it is still starting, whatever it says
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main()
