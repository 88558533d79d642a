"""Takes sealed buffers to their bucket and does not let go until they are there, or too old."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from local import metrics
from local.firehose import bucket
from local.firehose.packing import Packer
from local.firehose.plant import Plant, back_off
from local.firehose.prefix import CONVERSION_FAILED
from local.firehose.records import Failure, Record, size_of
from local.firehose.retries import Attempts, Retries
from local.firehose.settings import Settings
from local.firehose.shipment import BACKUP, Packed, Refused, Shipment

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Hears how a shipment fares."""

    def settle(self, records: Sequence[Record]) -> None:
        """Note that these records are done with: delivered, or given up."""

    def tried(self) -> None:
        """Note that an attempt has ended, well or not."""


class Delivery:
    """Delivers the shipments of one stream."""

    def __init__(self, plant: Plant, packer: Packer, current: Callable[[], Settings | None], retries: Retries) -> None:
        """Use what `current` returns at each attempt: waiting data goes by the newest settings.

        None means that the stream is deleted: its data is discarded.
        """
        self._plant = plant
        self._packer = packer
        self._current = current
        self._retries = retries

    async def deliver(self, shipment: Shipment, observer: Observer) -> None:
        """Return when every record is settled: delivered, too old, or its stream gone."""
        with self._retries.watch() as attempts:
            failed = await self._deliver(shipment, observer, attempts)
        if failed:
            records = [failure.record for failure in failed]
            await self.deliver(Shipment(CONVERSION_FAILED, records, failed), observer)
        observer.tried()

    async def _deliver(self, shipment: Shipment, observer: Observer, attempts: Attempts) -> list[Failure]:
        """Return what conversion refused, once the rest is settled."""
        attempt = version = 0
        packed: Packed | None = None
        while shipment.records and (settings := self._current()):
            attempt += 1
            try:
                if packed is None or version != settings.version:
                    version = settings.version
                    packed = await self._plant.thread(self._packer.pack, settings, shipment)
                if packed.object:
                    await self._plant.thread(bucket.put, self._plant, packed.object)
                    self._count(settings, shipment, packed.delivered, success=1)
                observer.settle(packed.delivered)
            except Refused as refusal:
                await self._refused(settings, shipment, refusal, attempts)
            except Exception:  # noqa: BLE001 - a fault of this program must not lose records either
                _log.exception("delivery stream %s", settings.name)
                await self._refused(settings, shipment, Refused("InternalError", bucket.INTERNAL), attempts)
            else:
                return packed.failed
            observer.tried()
            await self._plant.clock.sleep(back_off(attempt, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS))
            if expired := self._expire(shipment):
                observer.settle(expired)
                packed = None
        return []

    async def _refused(self, settings: Settings, shipment: Shipment, refusal: Refused, attempts: Attempts) -> None:
        attempts.again(refusal.code, refusal.message)
        self._count(settings, shipment, [], success=0)
        target = shipment.target(settings)
        report = self._plant.errors.report
        await self._plant.thread(report, settings, target, refusal.code, refusal.message)

    def _expire(self, shipment: Shipment) -> list[Record]:
        """Take out what has waited longer than AWS keeps it; the loss is logged."""
        expired = shipment.expire(self._plant.now_ms() - int(self._plant.retention * 1000))
        if expired:
            hours = self._plant.retention / 3600
            _log.error("%d records given up: their destination refused them for %.0f h", len(expired), hours)
        return expired

    def _count(self, settings: Settings, shipment: Shipment, delivered: list[Record], success: int) -> None:
        kind = "BackupToS3" if shipment.kind == BACKUP else "DeliveryToS3"
        add = self._plant.metrics.add
        add(settings.name, f"{kind}.Success", success, metrics.NONE)
        add(settings.name, f"{kind}.Records", len(delivered))
        add(settings.name, f"{kind}.Bytes", size_of(delivered), metrics.BYTES)
        freshness = max(0.0, self._plant.clock.now() - shipment.oldest / 1000)
        add(settings.name, f"{kind}.DataFreshness", freshness, metrics.SECONDS)
        if settings.partitioned and success:
            add(settings.name, f"{kind}.ObjectCount", 1)
