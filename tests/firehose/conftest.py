"""A Firehose in this process, over buckets, tables and functions that are dictionaries: what it does, not with whom."""

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import wraps
from operator import mul
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from hypothesis import settings

from local.clients import RoleRefused
from local.clock import Clock
from local.firehose.service import FirehoseService
from local.metrics import Metrics
from local.wire import NOBODY, Call

settings.register_profile("unhurried", deadline=None)  # a busy machine, or its disk, is no failure
settings.load_profile("unhurried")

ACCOUNT, REGION = "123456789012", "sa-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/delivery"
WHERE = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake"}
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:transform"
NOON = 1_795_435_200.0  # 2026-11-23T12:00:00Z


class StoppedClock(Clock):
    """Stands at noon of 23 November 2026 until it is moved."""

    def now(self) -> float:
        return NOON + self._offset


def refusal(code: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@dataclass
class Bucket:
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusing: str = ""
    attempts: int = 0

    def put_object(self, **put: Any) -> None:
        self.attempts += 1
        if self.refusing:
            raise refusal(self.refusing)
        self.objects[put["Key"]] = put

    def bodies(self, start: str = "") -> list[bytes]:
        return [put["Body"] for key, put in self.objects.items() if key.startswith(start)]


@dataclass
class Tables:
    columns: dict[str, str] = field(default_factory=dict)
    refusing: str = ""

    def get_table(self, **_: str) -> dict[str, Any]:
        if self.refusing:
            raise refusal(self.refusing)
        columns = [{"Name": name, "Type": kind} for name, kind in self.columns.items()]
        return {"Table": {"StorageDescriptor": {"Columns": columns}}}


def unchanged(event: dict[str, Any]) -> Any:
    return {"records": [{"recordId": r["recordId"], "result": "Ok", "data": r["data"]} for r in event["records"]]}


def answering(result_of: Callable[[bytes], str], data: str = "b2s=") -> Callable[[dict[str, Any]], Any]:
    """Return a handler whose `result` depends on the record; `data` is what it returns, base64."""

    def handler(event: dict[str, Any]) -> Any:
        results = [(record["recordId"], result_of(base64.b64decode(record["data"]))) for record in event["records"]]
        return {"records": [{"recordId": each, "result": result, "data": data} for each, result in results]}

    return handler


@dataclass
class Functions:
    handler: Callable[[dict[str, Any]], Any] = unchanged
    events: list[dict[str, Any]] = field(default_factory=list)
    refusing: str = ""

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        self.events.append({"FunctionName": FunctionName, **json.loads(Payload)})
        if self.refusing:
            raise refusal(self.refusing)
        try:
            return {"Payload": io.BytesIO(json.dumps(self.handler(json.loads(Payload))).encode())}
        except Exception as fault:  # noqa: BLE001 - whatever a handler raises
            return {
                "FunctionError": "Unhandled",
                "Payload": io.BytesIO(json.dumps({"errorMessage": str(fault)}).encode()),
            }


@dataclass
class Logs:
    events: list[dict[str, Any]] = field(default_factory=list)

    def put_log_events(self, *, logEvents: list[dict[str, Any]], **_: str) -> None:  # noqa: N803 - boto3's
        self.events += [json.loads(event["message"]) for event in logEvents]


@dataclass
class CloudWatch:
    data: list[dict[str, Any]] = field(default_factory=list)

    def put_metric_data(self, *, MetricData: list[dict[str, Any]], **_: str) -> None:  # noqa: N803 - boto3's
        self.data += MetricData

    def sums(self) -> dict[str, float]:
        """Return the sum of each metric of which every value was published."""
        return {
            datum["MetricName"]: sum(map(mul, datum["Values"], datum["Counts"]))
            for datum in self.data
            if "Values" in datum
        }


@dataclass
class Aws:
    """Stands where `local.clients.Clients` stands."""

    account: str = ACCOUNT
    region: str = REGION
    s3: Bucket = field(default_factory=Bucket)
    glue: Tables = field(default_factory=Tables)
    functions: Functions = field(default_factory=Functions)
    logs: Logs = field(default_factory=Logs)
    cloudwatch: CloudWatch = field(default_factory=CloudWatch)
    refused_roles: set[str] = field(default_factory=set)

    def own(self, service: str) -> Any:
        return getattr(self, service)

    def in_role(self, service: str, role_arn: str, principal: str, _session: str) -> Any:
        if role_arn in self.refused_roles:
            raise RoleRefused(f"{principal} may not assume {role_arn}")
        return self.functions if service == "lambda" else getattr(self, service)

    def forget(self, role_arn: str) -> None:
        """Nothing is kept."""


@dataclass
class Store:
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)

    def names(self) -> list[str]:
        return list(self.streams)

    def get(self, name: str) -> dict[str, Any] | None:
        return self.streams.get(name)

    def put(self, name: str, stream: dict[str, Any]) -> None:
        self.streams[name] = stream

    def delete(self, name: str) -> None:
        self.streams.pop(name, None)


@dataclass
class Bench:
    """A service to try things on."""

    aws: Aws
    clock: StoppedClock
    store: Store
    journals: Path
    service: FirehoseService

    async def call(self, operation: str, **parameters: Any) -> Any:
        answer = await self.service.call(Call("firehose", operation, parameters, REGION, NOBODY))
        return json.loads(answer) if isinstance(answer, bytes) else answer

    async def create(self, name: str = "s", **config: Any) -> None:
        destination = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake", **config}
        await self.call("CreateDeliveryStream", DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)

    async def put(self, *data: bytes, name: str = "s") -> Any:
        records = [{"Data": base64.b64encode(each).decode()} for each in data]
        return await self.call("PutRecordBatch", DeliveryStreamName=name, Records=records)

    async def until(self, true: Callable[[], Any]) -> None:
        """Let the service work, without moving its clock, until something is true."""
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110 - what is awaited lies outside of this process's events
                await asyncio.sleep(0.005)

    async def idle(self) -> None:
        """Let everything that can happen now happen."""
        for _ in range(40):
            await asyncio.sleep(0.005)


Opener = Callable[..., Any]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """Return what opens a Bench; a second one in a test is the same machine after a restart."""
    aws, clock, store = Aws(), StoppedClock(), Store()

    @asynccontextmanager
    async def open_bench(*, crash: bool = False, **options: Any) -> AsyncIterator[Bench]:
        metrics = Metrics(aws, clock)  # type: ignore[arg-type]  # a fake
        settings = {"changing": 0, **options}  # a stream that was asked for is there
        service = FirehoseService(aws, clock, store, tmp_path / "journals", metrics, **settings)  # type: ignore[arg-type]  # fakes
        publisher = asyncio.create_task(metrics.publish_forever())
        await service.start()
        try:
            yield Bench(aws, clock, store, tmp_path / "journals", service)
        finally:
            publisher.cancel()
            if crash:
                await _kill(service)
            else:
                await service.stop()

    return open_bench


async def _kill(service: FirehoseService) -> None:
    """Leave as SIGKILL does: nothing is flushed, nothing is tidied."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    service._pool.shutdown(wait=True, cancel_futures=True)
    service._writer.shutdown(wait=True)


def lambda_processing(**parameters: str) -> dict[str, Any]:
    given = {"LambdaArn": FUNCTION, **parameters}
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": listed}]}


def conversion(**members: Any) -> dict[str, Any]:
    return {
        "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "db", "TableName": "t"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        **members,
    }


def claim(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Let a coroutine be a test."""

    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run


def rows(aws: Aws) -> list[dict[str, Any]]:
    return [row for body in aws.s3.bodies("x/") for row in pq.read_table(io.BytesIO(body)).to_pylist()]


def errors(aws: Aws) -> list[dict[str, Any]]:
    return [json.loads(line) for body in aws.s3.bodies("errors/") for line in body.splitlines()]


def tried_again(bench: Bench) -> tuple[int, str | None]:
    """Return how often something was tried again, and why something is now."""
    status = bench.service.status()["s"]
    return status["retries"], status["retrying"]
