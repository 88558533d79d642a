"""PutRecord and PutRecordBatch: what is taken, what is throttled, what is answered."""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from local.errors import AwsError
from local.firehose import limits
from local.firehose.control import Control
from local.firehose.limits import Quota, Throttle
from local.firehose.plant import Plant
from local.firehose.segment import Put
from local.firehose.store import Stored
from local.firehose.stream import Stream
from local.firehose.streams import Streams
from local.metrics import BYTES

JOURNAL_LIMIT_BYTES = 4 * 1024**3
"""What one stream may keep on disk; beyond it puts are told to slow down."""
_SLOW_DOWN = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
_log = logging.getLogger(__name__)


class Puts:
    """Takes records; what it acknowledges is on disk."""

    def __init__(
        self, plant: Plant, control: Control, streams: Streams, quota: Quota | None, throttling: Callable[[], bool]
    ) -> None:
        """Throttle every stream by `quota`, if there is one; while `throttling()` is true, every put is."""
        self._plant = plant
        self._control = control
        self._streams = streams
        self._quota = quota
        self._throttling = throttling
        self._throttles: WeakKeyDictionary[Stream, Throttle] = WeakKeyDictionary()

    async def one(self, parameters: Mapping[str, Any]) -> bytes:
        """Answer PutRecord; raises AwsError."""
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

    async def batch(self, parameters: Mapping[str, Any]) -> bytes:
        """Answer PutRecordBatch; raises AwsError."""
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
            message = f"Firehose {name} is not active in {self._plant.account} account."
            raise AwsError("ResourceNotFoundException", message)
        if stored["type"] == "KinesisStreamAsSource":
            message = "This operation is not permitted on KinesisStreamAsSource delivery stream type."
            raise AwsError("InvalidArgumentException", message)
        read = self._control.settings(stored)
        if read and read.decompression:
            raise AwsError(
                "InvalidSourceException",
                f"Put to Firehose failed for AccountId: {self._plant.account}, FirehoseName: {name} because the request"
                " is not originating from CloudWatch.",
            )
        return stored

    async def _accept(self, name: str, batch: list[bytes]) -> list[bool]:
        """Journal what the quota and the disk allow; say for each record whether it was taken."""
        stream = await self._streams.get(name)
        admitted = self._admit(stream, [len(data) for data in batch])
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

    def _admit(self, stream: Stream, sizes: list[int]) -> list[bool]:
        if self._throttling() or stream.journal_bytes + sum(sizes) > JOURNAL_LIMIT_BYTES:
            return [False] * len(sizes)
        if self._quota is None:
            return [True] * len(sizes)
        throttle = self._throttles.setdefault(stream, Throttle(self._quota))
        return throttle.admit(sizes, self._plant.clock.now())


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
