"""Amazon Data Firehose, answered here: puts, control plane, delivery.

The composition of this package: give it clients, a clock, a directory and the store of streams.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from local.clients import Clients
from local.clock import Clock
from local.errors import AwsError
from local.firehose import lifecycle, limits, prefix
from local.firehose.control import Control
from local.firehose.errorlog import ErrorLog
from local.firehose.invoker import Invoker
from local.firehose.journal import Journal, Put
from local.firehose.lifecycle import Lifecycle
from local.firehose.limits import Quota, Throttle
from local.firehose.packing import Packer
from local.firehose.plant import RETENTION_SECONDS, Plant
from local.firehose.randomness import Randomness
from local.firehose.settings import Settings
from local.firehose.store import Stored, StreamStore
from local.firehose.stream import Stream, Workshop
from local.firehose.tables import Tables
from local.metrics import BYTES, PERIOD, SECONDS, Metrics, NamedMetrics
from local.wire import Call

JOURNAL_LIMIT_BYTES = 4 * 1024**3
"""What one stream may keep on disk; beyond it puts are told to slow down."""
DRAIN_SECONDS = 30.0
_SUFFIX = ".journal"
_SLOW_DOWN = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
_log = logging.getLogger(__name__)


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
        self._throttling = throttling
        self._store = store
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
        self._workshop = Workshop(self._plant, packer, invoker, self._writer)
        most = quota.streams if quota else None
        self._control = Control(store, self._plant, tables, Lifecycle(clock, changing), most)
        self._streams: dict[str, tuple[float, Stream]] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._throttles: dict[str, Throttle] = {}
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to deliver what the journals still hold."""
        await self._plant.thread(self._journals.mkdir, mode=0o700, parents=True, exist_ok=True)
        self._ticker = asyncio.get_running_loop().create_task(self._tick())
        await self._open_left_over()

    async def stop(self) -> None:
        """Deliver what is buffered, as far as it goes within half a minute; the rest stays in the journals.

        The gateway must still answer: delivery goes through it.
        """
        if self._ticker:
            self._ticker.cancel()
        streams = [stream for _, stream in self._streams.values()]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(each.flush() for each in streams)), DRAIN_SECONDS)
        await asyncio.gather(*(stream.close() for stream in streams))
        self._streams.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._writer.shutdown(wait=True)

    async def flush(self, stream: str) -> int:
        """Deliver now what has been put; return how many records were. Raises AwsError when there is no such."""
        return await (await self._stream(stream)).flush()

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
            name: {
                "accepted": {"records": total(name, "IncomingRecords"), "bytes": total(name, "IncomingBytes")},
                "throttled": total(name, "ThrottledRecords"),
                "delivered": {
                    "records": total(name, "DeliveryToS3.Records"),
                    "objects": total(name, "DeliveryToS3.Success"),
                },
                "failed": {"records": total(name, "FailedConversion.Records")},
                **stream.holding(),
            }
            for name, (_, stream) in self._streams.items()
        }

    def resources(self, call: Call) -> list[str]:
        if call.operation == "ListDeliveryStreams":
            return ["*"]
        name = call.parameters.get("DeliveryStreamName", "")
        return [f"arn:aws:firehose:{call.region}:{self._account}:deliverystream/{name}"]

    async def call(self, call: Call) -> Mapping[str, Any] | bytes:
        if call.operation == "PutRecordBatch":
            return await self._put_batch(call.parameters)
        if call.operation == "PutRecord":
            return await self._put_one(call.parameters)
        answer = await self._control.call(call.operation, call.parameters)
        if call.operation == "DeleteDeliveryStream":
            await self._forget(call.parameters["DeliveryStreamName"])
        return answer

    async def _put_one(self, parameters: Mapping[str, Any]) -> bytes:
        name = limits.stream_name(parameters)
        data = limits.record_data(parameters)
        stored = self._putable(name)
        [accepted] = await self._accept(name, [data])
        if not accepted:
            raise AwsError("ServiceUnavailableException", "Slow down.", status=503)
        [record_id] = self._plant.random.record_ids(1)
        self._plant.metrics.add(name, "PutRecord.Requests", 1)
        self._plant.metrics.add(name, "PutRecord.Bytes", len(data), BYTES)
        return orjson.dumps({"RecordId": record_id, "Encrypted": _encrypted(stored)})

    async def _put_batch(self, parameters: Mapping[str, Any]) -> bytes:
        name = limits.stream_name(parameters)
        batch = limits.batch_data(parameters)
        stored = self._putable(name)
        accepted = await self._accept(name, batch)
        ids = self._plant.random.record_ids(len(batch))
        self._plant.metrics.add(name, "PutRecordBatch.Requests", 1)
        self._plant.metrics.add(name, "PutRecordBatch.Records", len(batch))
        self._plant.metrics.add(name, "PutRecordBatch.Bytes", sum(map(len, batch)), BYTES)
        return _batch_answer(ids, accepted, encrypted=_encrypted(stored))

    def _putable(self, name: str) -> Stored:
        """Return the stream if it takes puts; raises AwsError."""
        stored = self._control.existing(name)
        if not self._control.active(stored):
            message = f"Firehose {name} is not active in {self._account} account."
            raise AwsError("ResourceNotFoundException", message)
        if stored["type"] == "KinesisStreamAsSource":
            message = "This operation is not permitted on KinesisStreamAsSource delivery stream type."
            raise AwsError("InvalidArgumentException", message)
        read = self._settings(stored)
        if read and read.decompression:
            raise AwsError(
                "InvalidSourceException",
                f"Put to Firehose failed for AccountId: {self._account}, FirehoseName: {name} because the request"
                " is not originating from CloudWatch.",
            )
        return stored

    async def _accept(self, name: str, batch: list[bytes]) -> list[bool]:
        """Journal what the quota and the disk allow; say for each record whether it was taken."""
        stream = await self._stream(name)
        admitted = self._admit(name, stream, [len(data) for data in batch])
        taken = [data for data, admit in zip(batch, admitted, strict=True) if admit]
        add = self._plant.metrics.add
        if len(taken) < len(batch):
            add(name, "ThrottledRecords", len(batch) - len(taken))
        if taken:
            try:
                await stream.accept(Put(self._plant.now_ms(), taken))
            except OSError as reason:
                _log.error("delivery stream %s: the journal cannot be written: %s", name, reason)
                return [False] * len(batch)
            add(name, "IncomingRecords", len(taken))
            add(name, "IncomingBytes", sum(map(len, taken)), BYTES)
            add(name, "IncomingPutRequests", 1)
        return admitted

    def _admit(self, name: str, stream: Stream, sizes: list[int]) -> list[bool]:
        if self._throttling() or stream.journal_bytes + sum(sizes) > JOURNAL_LIMIT_BYTES:
            return [False] * len(sizes)
        if self._quota is None:
            return [True] * len(sizes)
        throttle = self._throttles.setdefault(name, Throttle(self._quota))
        return throttle.admit(sizes, self._plant.clock.now())

    async def _stream(self, name: str) -> Stream:
        """Return the running stream, started if it is not; raises AwsError when it does not exist."""
        stored = self._control.existing(name)
        kept = self._streams.get(name)
        if kept and kept[0] == stored["created_at"]:
            return kept[1]
        async with self._opening.setdefault(name, asyncio.Lock()):
            kept = self._streams.get(name)
            if kept and kept[0] != stored["created_at"]:
                await self._forget(name)
                kept = None
            return kept[1] if kept else await self._open(name, stored)

    async def _open(self, name: str, stored: Stored) -> Stream:
        created_at = stored["created_at"]
        first = int(self._plant.clock.now() * 1_000_000)
        journal = Journal(self._journals / f"{name}{_SUFFIX}", start_at=first)
        stream = Stream(name, self._workshop, journal, lambda: self._current(name, created_at))
        await stream.start()
        self._streams[name] = created_at, stream
        return stream

    async def _forget(self, name: str) -> None:
        _, stream = self._streams.pop(name, (0.0, None))
        self._throttles.pop(name, None)
        if stream:
            await stream.discard()

    def _current(self, name: str, created_at: float) -> Settings | None:
        stored = self._store.get(name)
        if stored is None or stored["created_at"] != created_at:
            return None
        return self._settings(stored)

    def _settings(self, stored: Stored) -> Settings | None:
        return self._control.settings(stored)

    async def _open_left_over(self) -> None:
        """Start the streams that have undelivered records; those of unknown streams are kept, not touched."""
        known = set(self._store.names())
        for directory in self._journals.glob(f"*{_SUFFIX}"):
            name = directory.name.removesuffix(_SUFFIX)
            if name in known and name not in self._streams:
                await self._stream(name)

    async def _tick(self) -> None:
        """Once a minute of the clock: measure, notice streams that CloudFormation deleted or restored."""
        while True:
            self._measure()
            await self._plant.clock.sleep_until((self._plant.clock.now() // PERIOD + 1) * PERIOD)
            known = self._store.names()
            for name in [name for name in self._streams if name not in known]:
                await self._forget(name)
            await self._open_left_over()

    def _measure(self) -> None:
        """Say how old what waits is, and what each stream may take."""
        quota, add = self._quota or limits.quota_of(self._region), self._plant.metrics.add
        for name, (_, stream) in self._streams.items():
            if (oldest := stream.oldest) is not None:
                age = max(0.0, self._plant.clock.now() - oldest / 1000)
                add(name, "DeliveryToS3.DataFreshness", age, SECONDS)
            add(name, "BytesPerSecondLimit", quota.bytes, "Bytes/Second")
            add(name, "RecordsPerSecondLimit", quota.records)
            add(name, "PutRequestsPerSecondLimit", quota.requests)


def _encrypted(stored: Stored) -> bool:
    return (stored.get("encryption") or {}).get("Status") == "ENABLED"


def _batch_answer(ids: list[str], accepted: list[bool], *, encrypted: bool) -> bytes:
    """Render the members in the order seen on the wire (boto/boto3#2804)."""
    flag = b"true" if encrypted else b"false"
    if all(accepted):  # nearly always; base64 needs no escaping
        entries = ('{"RecordId":"' + '"},{"RecordId":"'.join(ids) + '"}').encode()
        return b'{"Encrypted":%b,"FailedPutCount":0,"RequestResponses":[%b]}' % (flag, entries)
    responses = [
        {"RecordId": record_id} if taken else _SLOW_DOWN for record_id, taken in zip(ids, accepted, strict=True)
    ]
    head = {"Encrypted": encrypted, "FailedPutCount": accepted.count(False)}
    return orjson.dumps({**head, "RequestResponses": responses})
