"""Makes the object that a sealed buffer becomes: its key, and its converted or concatenated body."""

from collections.abc import Sequence
from datetime import UTC, datetime

from local import metrics
from local.firehose import columnar, objects, prefix, tables
from local.firehose.objects import FORMS
from local.firehose.plant import Plant
from local.firehose.prefix import Moment
from local.firehose.records import Failure, Record, size_of
from local.firehose.settings import Conversion, Settings
from local.firehose.shipment import DATA, Packed, Refused, S3Object, Shipment
from local.firehose.tables import SchemaUnusable, Tables, TableUnavailable


class Packer:
    """Packs the shipments of one plant's streams. Its methods block."""

    def __init__(self, plant: Plant, shared: Tables) -> None:
        self._plant = plant
        self._tables = shared

    def pack(self, settings: Settings, shipment: Shipment) -> Packed:
        """Return the object and the records that it cannot hold; raises Refused when no table can be had now."""
        if shipment.failures:
            body = objects.error_documents(shipment.kind, shipment.failures)
            return Packed(self._error_object(settings, shipment, body), shipment.records, [])
        if shipment.kind == DATA and settings.conversion:
            return self._converted(settings, settings.conversion, shipment)
        delimiter = b"\n" if settings.append_delimiter and shipment.kind == DATA else b""
        compression = shipment.target(settings).compression
        body = objects.concatenated(shipment.records, delimiter)
        body = objects.compress(body, compression, self._plant.random.uuid())
        return Packed(self._object(settings, shipment, shipment.records, body, compression), shipment.records, [])

    def _converted(self, settings: Settings, conversion: Conversion, shipment: Shipment) -> Packed:
        try:
            converted = self._tables.converter(conversion).convert(shipment.records)
        except TableUnavailable as refusal:
            raise Refused(refusal.code, refusal.message) from None
        except SchemaUnusable:
            code = "DataFormatConversion.InvalidSchema"
            misfits = [(record, code, tables.UNSUPPORTED) for record in shipment.records]
            return Packed(None, [], self._failures(settings, conversion, misfits))
        failed = self._failures(settings, conversion, converted.misfits)
        if not converted.records:
            return Packed(None, [], failed)
        delivered = shipment.records
        if failed:
            misfit = {id(failure.record) for failure in failed}
            delivered = [record for record in delivered if id(record) not in misfit]
        write = columnar.orc if conversion.serializer == "OrcSerDe" else columnar.parquet
        body = write(converted.table, conversion.serializer_options)
        self._count(settings, "SucceedConversion", delivered)
        return Packed(self._object(settings, shipment, delivered, body, conversion.serializer), delivered, failed)

    def _failures(
        self, settings: Settings, conversion: Conversion, misfits: Sequence[tuple[Record, str, str]]
    ) -> list[Failure]:
        ended = self._plant.now_ms()
        context = {"dataCatalogTable": objects.catalog_table(conversion.schema)}
        if misfits:
            self._count(settings, "FailedConversion", [record for record, _, _ in misfits])
        return [Failure(record, code, message, 1, ended, context) for record, code, message in misfits]

    def _object(
        self, settings: Settings, shipment: Shipment, records: list[Record], body: bytes, form: str
    ) -> S3Object:
        target = shipment.target(settings)
        extension = FORMS[form].extension if target.extension is None else target.extension
        moment = self._moment(settings, shipment, records)
        key = prefix.data_key(target.prefix, extension, moment, self._plant.random)
        return S3Object(target, key, body, FORMS[form].encoding)

    def _error_object(self, settings: Settings, shipment: Shipment, body: bytes) -> S3Object:
        target = shipment.target(settings)
        moment = self._moment(settings, shipment, shipment.records)
        return S3Object(target, prefix.error_key(target.error_prefix, moment, self._plant.random), body, "")

    @staticmethod
    def _moment(settings: Settings, shipment: Shipment, records: list[Record]) -> Moment:
        oldest = min([record.arrival for record in records])
        return Moment(
            stream=settings.name,
            version=settings.version,
            oldest=datetime.fromtimestamp(oldest / 1000, UTC),
            time_zone=shipment.target(settings).time_zone,
            error_type=shipment.kind if shipment.failures else "",
            partition_keys=dict(zip(settings.partition_keys, records[0].partition, strict=False)),
        )

    def _count(self, settings: Settings, name: str, records: list[Record]) -> None:
        self._plant.metrics.add(settings.name, f"{name}.Records", len(records))
        self._plant.metrics.add(settings.name, f"{name}.Bytes", size_of(records), metrics.BYTES)
