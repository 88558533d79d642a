"""Everything the page reads and does, through AWS APIs; and through the gateway's own actions where AWS has none.

Every method blocks and may raise ClientError or LocalError: the page calls them by `feeds`.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar, cast

import pyarrow as pa

from local.clients import ClientError
from local.console import failures, faults, flow, lake, metrics, questions, signals
from local.console.actions import Actions, Missing
from local.console.failures import Failure
from local.console.pipeline import Pipeline, discover
from local.console.screen import safe
from local.errors import UsageError
from local.target import Target

LANDED_SECONDS, ERRORS_SECONDS, CLOCK_SECONDS, MINUTE_SECONDS = 2, 5, 5, 15
"""Between looks at what changes by itself; the counters are looked at each time."""

AWS_TIMES = 4
FOOTERS = 8
"""Newest objects whose rows are counted."""

DISCOVERY_SECONDS = 60
ERRORS_SHOWN = 500

T = TypeVar("T")


@dataclass
class Source:
    """The pipeline of one stack, on the gateway or on AWS."""

    target: Target
    stack: str | None = None
    read_only: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _clients: dict[str, Any] = field(default_factory=dict)
    _pipeline: Pipeline | None = None
    _discovered_at: float = float("-inf")
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)
    _watch: lake.Watch = field(default_factory=lake.Watch)
    _tape: flow.Tape = field(default_factory=flow.Tape)
    _sent: Counter[tuple[str, int]] = field(default_factory=Counter)
    _pulse_now: datetime | None = None
    pulse: flow.Pulse = field(default_factory=flow.Pulse)

    @cached_property
    def actions(self) -> Actions:
        return Actions(self.target.endpoint)

    @property
    def local(self) -> bool:
        return self.target.endpoint is not None

    def client(self, service: str) -> Any:
        # Making a client takes long and is not thread-safe; using one is.
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.target.client(service)
            return self._clients[service]

    # -- what there is ---------------------------------------------------------------------------------------------

    def pipeline(self) -> Pipeline:
        """Return the pipeline as it was at most a minute ago: a deployment may change it."""
        if self._pipeline is None or time.monotonic() - self._discovered_at > DISCOVERY_SECONDS:
            self._pipeline = discover(self.target, self.stack)
            self._discovered_at = time.monotonic()
        return self._pipeline

    @property
    def known(self) -> Pipeline | None:
        """Return the pipeline if it was looked up already; never blocks."""
        return self._pipeline

    def now(self) -> datetime:
        """Return the time of the place: the gateway's clock can be moved forward."""
        return flow.utc(time.time() + self._often("clock", CLOCK_SECONDS, self._ahead))

    def _ahead(self) -> float:
        try:
            return float(self.actions.do("clock", advance=0)["now"]) - time.time()
        except (Missing, KeyError):
            return 0.0

    def clock(self) -> datetime:
        """Return the time as it was at the last look; never blocks."""
        return self._pulse_now or datetime.now(UTC)

    # -- flow ------------------------------------------------------------------------------------------------------

    def glance(self) -> flow.Flow:
        """Return one look at the pipeline."""
        pipeline = self.pipeline()
        landed = self._often("landed", LANDED_SECONDS, self._landed)
        minute = self._often("minute", MINUTE_SECONDS, self._minute)
        stream = self._live(pipeline)
        rates: dict[str, float | None]
        if stream is None:
            rates = {
                "records_in": minute.get("IncomingRecords", 0) / 60,
                "bytes_in": minute.get("IncomingBytes", 0) / 60,
                "records_out": minute.get("DeliveryToS3.Records", 0) / 60,
                "throttled": minute.get("ThrottledRecords", 0) / 60,
                "failed": minute.get("FailedConversion.Records", 0) / 60,
            }
        else:
            counted = flow.totals(stream)
            self._tape.add(time.monotonic(), counted)
            rates = {name: self._tape.rate(name) for name in counted}
        stream = stream or {}
        now = self._pulse_now = self.now()
        seen = flow.Flow(
            now=now, live=bool(stream),
            records_in=rates["records_in"], bytes_in=rates["bytes_in"], records_out=rates["records_out"],
            throttled=rates["throttled"], failed=rates["failed"], retries=stream.get("retries"),
            transform=flow.held(stream.get("transform", {})), destination=flow.held(stream.get("destination", {})),
            freshness=minute.get("DeliveryToS3.DataFreshness"),
            landed=landed, errors=self._often("errors", ERRORS_SECONDS, self._error_objects),
            newest_row=flow.newest_row(landed),
            objects_out=sum((now - each.object.modified).total_seconds() <= 60 for each in landed) / 60,  # noqa: PLR2004 - a minute
        )  # fmt: skip
        self.pulse.add(seen)
        return seen

    def _live(self, pipeline: Pipeline) -> dict[str, Any] | None:
        try:
            return dict(self.actions.do("streams").get(pipeline.stream, {})) or None
        except Missing:
            return None

    def _often(self, name: str, seconds: float, look: Callable[[], T]) -> T:
        """Return what `look` found at most so many seconds ago (as many times more on AWS)."""
        looked, found = self._kept.get(name, (float("-inf"), None))
        if time.monotonic() - looked >= seconds * (1 if self.local else AWS_TIMES):
            found = look()
            self._kept[name] = (time.monotonic(), found)
        return cast("T", found)

    def _landed(self) -> list[flow.Landed]:
        pipeline = self.pipeline()
        objects = self._watch.newest(self.client("s3"), pipeline.bucket, pipeline.data_prefix, time.monotonic())
        return [flow.Landed(each, self.footer(each) if place < FOOTERS else None) for place, each in enumerate(objects)]

    def _error_objects(self) -> list[lake.Object]:
        pipeline = self.pipeline()
        return lake.all_objects(self.client("s3"), pipeline.bucket, pipeline.errors_prefix, ERRORS_SHOWN)

    def _minute(self) -> dict[str, float]:
        return metrics.latest(self.client("cloudwatch"), self.pipeline(), flow.COUNTED, end=self.now())

    def footer(self, each: lake.Object) -> lake.Footer | None:
        """Return the footer of a Parquet object, None for any other."""
        if not each.key.endswith(".parquet"):
            return None
        try:
            return lake.footer(self.client("s3"), self.pipeline().bucket, each.key, each.etag, each.size)
        except (pa.ArrowException, OSError):
            return None

    # -- monitoring ------------------------------------------------------------------------------------------------

    def charts(self, span: int, period: int) -> list[metrics.Drawn]:
        return metrics.read(
            self.client("cloudwatch"), self.pipeline(), metrics.CHARTS, end=self.now(), span=span, period=period
        )

    def alarms(self) -> list[signals.Alarm]:
        return signals.alarms(self.client("cloudwatch"), self.pipeline().alarms)

    def events(self) -> list[signals.Event]:
        pipeline = self.pipeline()
        return signals.events(self.client("logs"), pipeline.log_group, pipeline.log_stream)

    # -- objects ---------------------------------------------------------------------------------------------------

    def browse(self, prefix: str) -> tuple[lake.Listing, dict[str, int]]:
        """Return one level of the bucket, and the rows of its newest Parquet objects."""
        listing = lake.browse(self.client("s3"), self.pipeline().bucket, prefix)
        footers = {each.key: self.footer(each) for each in listing.objects[:30]}
        return listing, {key: found.rows for key, found in footers.items() if found}

    def preview(self, key: str) -> lake.Preview:
        pipeline, s3 = self.pipeline(), self.client("s3")
        length = s3.head_object(Bucket=pipeline.bucket, Key=key)["ContentLength"]
        try:
            return lake.preview(s3, pipeline.bucket, key, length, self._columns(pipeline))
        except pa.ArrowException as reason:
            raise UsageError(f"this object is no readable Parquet: {safe(reason, 300)}") from None

    def _columns(self, pipeline: Pipeline) -> list[tuple[str, str]]:
        if not pipeline.table:
            return []
        table = self.client("glue").get_table(DatabaseName=pipeline.database, Name=pipeline.table)["Table"]
        return [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]]

    def head(self, key: str, count: int = 65_536) -> str:
        """Return the beginning of any other object as text."""
        answer = self.client("s3").get_object(Bucket=self.pipeline().bucket, Key=key, Range=f"bytes=0-{count - 1}")
        return safe(answer["Body"].read().decode("utf-8", "replace"), 20_000)

    # -- error documents -------------------------------------------------------------------------------------------

    def failures(self, keys: list[str]) -> list[Failure]:
        """Return the failed records of the error objects, without those already sent again from here."""
        found = [each for key in keys for each in failures.decode(key, self._error_body(key))]
        return [each for each in found if not self._sent[each.key, each.line]]

    def _error_body(self, key: str) -> bytes:
        try:
            return bytes(self.client("s3").get_object(Bucket=self.pipeline().bucket, Key=key)["Body"].read())
        except ClientError as error:
            if not failures.denied(error):
                raise
        role = self.pipeline().outputs.get("OperatorRoleArn", "the stack's operator role")
        raise UsageError(f"error objects may hold raw CPFs and are for operators only: open this page as {role}")

    def redrive(self, chosen: list[Failure]) -> tuple[int, int]:
        """Send records again; return (accepted, refused). An error object all of whose records went is deleted."""
        self._must_write()
        pipeline = self.pipeline()
        fresh = [each for each in chosen if not self._sent[each.key, each.line]]
        refused = failures.send_again(self.client("firehose"), pipeline.stream, fresh)
        for each in fresh:
            if each not in refused:
                self._sent[each.key, each.line] += 1
        for key in {each.key for each in fresh}:
            if not self.failures([key]):
                self.client("s3").delete_object(Bucket=pipeline.bucket, Key=key)
        self._kept.clear()
        return len(fresh) - len(refused), len(refused)

    # -- query -----------------------------------------------------------------------------------------------------

    def named_queries(self) -> list[questions.Named]:
        return questions.named(self.client("athena"), self.pipeline().workgroup)

    def ask(self, sql: str) -> str:
        """Start a query; return its id."""
        pipeline = self.pipeline()
        return questions.start(self.client("athena"), sql, database=pipeline.database, workgroup=pipeline.workgroup)

    def history(self) -> list[questions.Execution]:
        return questions.history(self.client("athena"), self.pipeline().workgroup)

    # -- controls --------------------------------------------------------------------------------------------------

    def flush(self) -> int:
        """Deliver what the stream holds; return the records delivered."""
        self._must_write()
        stream = self.pipeline().stream
        delivered = self.actions.do("flush", stream=stream)
        self._kept.clear()
        return int(delivered.get(stream, 0) or 0)

    def crawler(self) -> dict[str, Any]:
        """Return the crawler as Glue describes it, or nothing if there is none."""
        name = self.pipeline().crawler
        return dict(self.client("glue").get_crawler(Name=name)["Crawler"]) if name else {}

    def crawl(self) -> None:
        self._must_write()
        self.client("glue").start_crawler(Name=self.pipeline().crawler)

    def put(self, records: list[bytes]) -> int:
        """Put records into the stream; return how many were accepted."""
        self._must_write()
        answer = self.client("firehose").put_record_batch(
            DeliveryStreamName=self.pipeline().stream, Records=[{"Data": each} for each in records]
        )
        return len(records) - int(answer["FailedPutCount"])

    def put_malformed(self) -> int:
        return self.put(faults.MALFORMED)

    def put_drifted(self) -> int:
        return self.put(faults.drifted(self._columns(self.pipeline())))

    def _must_write(self) -> None:
        if self.read_only:
            raise UsageError("this page is read-only: it changes nothing on AWS")
