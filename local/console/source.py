"""Everything the page reads and does, through AWS APIs; and through the gateway's own actions where AWS has none.

Every method blocks and may raise ClientError or LocalError: the page calls them by `feeds`.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from local.console import faults, metrics, questions, signals
from local.console.access import Access
from local.console.backlog import Backlog
from local.console.live import Live
from local.console.pipeline import Pipeline
from local.console.shelf import Shelf
from local.target import Target


class Source:
    """The pipeline of one stack, on the gateway or on AWS; `state` is the folder with the ledgers of redrives."""

    def __init__(self, target: Target, stack: str | None, state: Path, *, read_only: bool = False) -> None:
        self.access = Access(target, stack, state, read_only)
        self.shelf = Shelf(self.access)
        self.backlog = Backlog(self.access)
        self.live = Live(self.access, self.shelf, self.backlog)

    @property
    def local(self) -> bool:
        return self.access.local

    @property
    def read_only(self) -> bool:
        return self.access.read_only

    @property
    def known(self) -> Pipeline | None:
        """Return the pipeline if it was looked up already; never blocks."""
        return self.access.known

    def clock(self) -> datetime:
        """Return the time as it was at the last look; never blocks."""
        return self.access.clock()

    def act(self, action: str, **members: Any) -> dict[str, Any]:
        """Do one of the gateway's own actions."""
        return self.access.actions.do(action, **members)

    # -- monitoring ------------------------------------------------------------------------------------------------

    def charts(self, span: int, period: int) -> list[metrics.Drawn]:
        access = self.access
        cloudwatch, end = access.client("cloudwatch"), access.now()
        return metrics.read(cloudwatch, access.pipeline(), metrics.CHARTS, end=end, span=span, period=period)

    def alarms(self) -> list[signals.Alarm]:
        return signals.alarms(self.access.client("cloudwatch"), self.access.pipeline().alarms)

    def events(self) -> list[signals.Event]:
        pipeline = self.access.pipeline()
        return signals.events(self.access.client("logs"), pipeline.log_group, pipeline.log_stream)

    # -- query -----------------------------------------------------------------------------------------------------

    def named_queries(self) -> list[questions.Named]:
        return questions.named(self.access.client("athena"), self.access.pipeline().workgroup)

    def ask(self, sql: str) -> str:
        """Start a query; return its id."""
        if not questions.reads(sql):
            self.access.must_write()
        pipeline = self.access.pipeline()
        athena = self.access.client("athena")
        return questions.start(athena, sql, database=pipeline.database, workgroup=pipeline.workgroup)

    def history(self) -> list[questions.Execution]:
        return questions.history(self.access.client("athena"), self.access.pipeline().workgroup)

    def look(self, identifier: str) -> questions.Execution:
        return questions.look(self.access.client("athena"), identifier)

    def cancel(self, identifier: str) -> None:
        questions.cancel(self.access.client("athena"), identifier)

    def result(self, identifier: str) -> questions.Result:
        return questions.result(self.access.client("athena"), identifier)

    def csv(self, output: str) -> bytes:
        return questions.csv(self.access.client("s3"), output)

    # -- controls --------------------------------------------------------------------------------------------------

    def flush(self) -> int:
        """Deliver what the stream holds; return the records delivered."""
        self.access.must_write()
        stream = self.access.pipeline().stream
        delivered = self.act("flush", stream=stream)
        self.access.look_again()
        return int(delivered.get(stream, 0) or 0)

    def crawler(self) -> dict[str, Any]:
        """Return the crawler as Glue describes it, or nothing if there is none."""
        name = self.access.pipeline().crawler
        return dict(self.access.client("glue").get_crawler(Name=name)["Crawler"]) if name else {}

    def crawl(self) -> None:
        self.access.must_write()
        self.access.client("glue").start_crawler(Name=self.access.pipeline().crawler)

    def put_malformed(self) -> int:
        return self._put(faults.MALFORMED)

    def put_drifted(self) -> int:
        return self._put(faults.drifted(self.shelf.columns(self.access.pipeline())))

    def _put(self, records: list[bytes]) -> int:
        """Put records into the stream; return how many were accepted."""
        self.access.must_write()
        answer = self.access.client("firehose").put_record_batch(
            DeliveryStreamName=self.access.pipeline().stream, Records=[{"Data": each} for each in records]
        )
        return len(records) - int(answer["FailedPutCount"])
