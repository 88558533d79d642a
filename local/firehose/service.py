"""Amazon Data Firehose, answered here: puts, control plane, delivery.

The composition of this package: give it clients, a clock, a directory and the store of streams.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.clients import Clients
from local.clock import Clock
from local.errors import AwsError
from local.firehose import lifecycle, limits, prefix
from local.firehose.control import Control
from local.firehose.errorlog import ErrorLog
from local.firehose.invoker import Invoker
from local.firehose.lifecycle import Lifecycle
from local.firehose.limits import Quota
from local.firehose.packing import Packer
from local.firehose.plant import RETENTION_SECONDS, Plant
from local.firehose.puts import Puts
from local.firehose.randomness import Randomness
from local.firehose.store import StreamStore
from local.firehose.stream import Workshop
from local.firehose.streams import Streams
from local.firehose.tables import Tables
from local.metrics import PERIOD, SECONDS, Metrics, NamedMetrics
from local.wire import Call

DRAIN_SECONDS = 30.0


class FirehoseService:
    """A `local.wire.Service`. Every coroutine runs on the event loop that `start` ran on."""

    name = "firehose"
    operations = frozenset({"PutRecord", "PutRecordBatch", *Control.OPERATIONS})

    def __init__(
        self,
        clients: Clients,
        clock: Clock,
        store: StreamStore,
        journals: Path,
        metrics: Metrics,
        *,
        quota: Quota | None = None,
        randomness: Randomness | None = None,
        retention: float = RETENTION_SECONDS,
        throttling: Callable[[], bool] = lambda: False,
        changing: float = lifecycle.SECONDS,
    ) -> None:
        """Keep journals under `journals`.

        `quota` throttles every stream (limits.quota_of gives a region's); while `throttling()` is true, every put is.
        Whoever does not look sees a stream CREATING or DELETING for `changing` seconds.
        """
        self._journals = journals
        self._quota = quota
        self._account, self._region = clients.account, clients.region
        self._pool = ThreadPoolExecutor(24, thread_name_prefix="firehose")
        self._writer = ThreadPoolExecutor(2, thread_name_prefix="firehose-journal")
        self._plant = Plant(
            clients=clients,
            clock=clock,
            random=randomness or Randomness(),
            pool=self._pool,
            metrics=NamedMetrics(metrics, "AWS/Firehose", "DeliveryStreamName"),
            errors=ErrorLog(clients, clock),
            account=clients.account,
            region=clients.region,
            retention=retention,
        )
        tables = Tables(self._plant)
        packer, invoker = Packer(self._plant, tables), Invoker(self._plant)
        workshop = Workshop(self._plant, packer, invoker, self._writer)
        most = quota.streams if quota else None
        self._control = Control(store, self._plant, tables, Lifecycle(clock, changing), most)
        self._streams = Streams(workshop, self._control, store, journals)
        self._puts = Puts(self._plant, self._control, self._streams, quota, throttling)
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to deliver what the journals still hold."""
        await self._plant.thread(self._journals.mkdir, mode=0o700, parents=True, exist_ok=True)
        self._ticker = asyncio.get_running_loop().create_task(self._tick())
        await self._streams.open_left_over()

    async def stop(self) -> None:
        """Deliver what is buffered, as far as it goes within half a minute; the rest stays in the journals.

        The gateway must still answer: delivery goes through it.
        """
        if self._ticker:
            self._ticker.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(stream.flush() for stream in self._streams)), DRAIN_SECONDS)
        await self._streams.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._writer.shutdown(wait=True)

    async def flush(self, stream: str) -> int:
        """Deliver now what has been put; return how many records were. Raises AwsError when there is no such."""
        return await (await self._streams.get(stream)).flush()

    def planned(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return what CreateDeliveryStream would store for a template's properties (with DeliveryStreamName).

        For CloudFormation's provisioner, which does not pass by `call`: numbers and booleans may be strings. Does not
        block, asks neither Glue nor the role. Raises AwsError.
        """
        try:
            return self._control.planned(properties)
        except AwsError as refusal:
            if refusal.message == prefix.NEEDS_ERROR_PREFIX:  # cdk-preflight, 2026-09-10, ap-northeast-1
                said = f"The supplied prefix(es) do not satisfy the following constraint: {refusal.message}"
                raise AwsError(refusal.code, said) from None
            raise

    def status(self) -> dict[str, Any]:
        """Return, of each stream at work, totals since the gateway began and what its buffers hold."""
        total = self._plant.metrics.total
        return {
            (name := stream.name): {
                "accepted": {"records": total(name, "IncomingRecords"), "bytes": total(name, "IncomingBytes")},
                "throttled": total(name, "ThrottledRecords"),
                "delivered": {
                    "records": total(name, "DeliveryToS3.Records"),
                    "objects": total(name, "DeliveryToS3.Success"),
                },
                "failed": {"records": total(name, "FailedConversion.Records")},
                **stream.holding(),
            }
            for stream in self._streams
        }

    def resources(self, call: Call) -> list[str]:
        if call.operation == "ListDeliveryStreams":
            return ["*"]
        name = call.parameters.get("DeliveryStreamName", "")
        return [f"arn:aws:firehose:{call.region}:{self._account}:deliverystream/{name}"]

    async def call(self, call: Call) -> Mapping[str, Any] | bytes:
        if call.operation == "PutRecordBatch":
            return await self._puts.batch(call.parameters)
        if call.operation == "PutRecord":
            return await self._puts.one(call.parameters)
        answer = await self._control.call(call.operation, call.parameters)
        if call.operation == "DeleteDeliveryStream":
            await self._streams.forget(call.parameters["DeliveryStreamName"])
        return answer

    async def _tick(self) -> None:
        """Once a minute of the clock: measure, notice streams that CloudFormation deleted or restored."""
        while True:
            self._measure()
            await self._plant.clock.sleep_until((self._plant.clock.now() // PERIOD + 1) * PERIOD)
            await self._streams.tidy()

    def _measure(self) -> None:
        """Say how old what waits is, and what each stream may take."""
        quota, add = self._quota or limits.quota_of(self._region), self._plant.metrics.add
        for stream in self._streams:
            name = stream.name
            if (oldest := stream.oldest) is not None:
                age = max(0.0, self._plant.clock.now() - oldest / 1000)
                add(name, "DeliveryToS3.DataFreshness", age, SECONDS)
            add(name, "BytesPerSecondLimit", quota.bytes, "Bytes/Second")
            add(name, "RecordsPerSecondLimit", quota.records)
            add(name, "PutRequestsPerSecondLimit", quota.requests)
