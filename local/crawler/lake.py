"""The bucket, the catalog and the log as a crawler's role sees them. Every method blocks."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from local.clients import Clients
from local.crawler.classify import PARQUET, Sample, json_sample
from local.crawler.infer import glue_type
from local.errors import LocalError

PRINCIPAL = "glue.amazonaws.com"
LOG_GROUP = "/aws-glue/crawlers"
_TAIL = 64 * 1024
_HEAD = 1024 * 1024
_MAGIC = b"PAR1"


class CrawlFailed(LocalError):
    """The crawl ends here; `str()` is LastCrawl's ErrorMessage."""


class Lake:
    """Everything a crawl touches, through clients in the crawler's role."""

    def __init__(self, clients: Clients, role: str, crawler: str) -> None:
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{clients.account}:role/{role}"
        session = f"AWS-Crawler-{crawler}"[:64]
        self._s3 = clients.in_role("s3", arn, PRINCIPAL, session)
        self._glue = clients.in_role("glue", arn, PRINCIPAL, session)
        self._logs = clients.in_role("logs", arn, PRINCIPAL, session)

    def objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [each for page in pages for each in page.get("Contents", [])]

    def sample(self, bucket: str, key: str, size: int) -> Sample | None:
        """Return what an object tells of its table, or None if no classifier knows it."""
        if not size:
            return None
        tail = self._part(bucket, key, f"-{min(size, _TAIL)}")
        if tail[-4:] == _MAGIC and size >= len(_MAGIC) * 2:
            return self._parquet(bucket, key, size, tail)
        return json_sample(self._part(bucket, key, f"0-{_HEAD - 1}"))

    def _parquet(self, bucket: str, key: str, size: int, tail: bytes) -> Sample | None:
        """Read the columns that a Parquet object's footer tells."""
        footer = int.from_bytes(tail[-8:-4], "little") + 8
        if footer > len(tail):
            tail = self._part(bucket, key, f"-{min(size, footer)}")
        try:
            schema = pq.read_schema(io.BytesIO(_MAGIC + tail))
        except pa.ArrowException:
            return None
        columns = [
            {"Name": name.lower(), "Type": glue_type(kind)}
            for name, kind in zip(schema.names, schema.types, strict=True)
        ]
        return Sample(PARQUET, columns)

    def _part(self, bucket: str, key: str, part: str) -> bytes:
        answer = self._s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={part}")
        return answer["Body"].read()  # type: ignore[no-any-return]  # boto3 is untyped

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        try:
            return self._glue.get_table(DatabaseName=database, Name=name)["Table"]  # type: ignore[no-any-return]  # boto3 is untyped
        except ClientError as error:
            if error.response["Error"]["Code"] == "EntityNotFoundException":
                return None
            raise

    def create_table(self, database: str, table: Mapping[str, Any]) -> None:
        self._glue.create_table(DatabaseName=database, TableInput=table)

    def update_table(self, database: str, table: Mapping[str, Any]) -> None:
        self._glue.update_table(DatabaseName=database, TableInput=table)

    def delete_table(self, database: str, name: str) -> None:
        self._glue.delete_table(DatabaseName=database, Name=name)

    def tables(self, database: str) -> list[dict[str, Any]]:
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [each for page in pages for each in page["TableList"]]

    def partitions(self, database: str, name: str) -> dict[tuple[str, ...], dict[str, Any]]:
        pages = self._glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=name)
        return {tuple(each["Values"]): each for page in pages for each in page["Partitions"]}

    def create_partitions(self, database: str, name: str, inputs: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(inputs), 100):
            self._glue.batch_create_partition(
                DatabaseName=database, TableName=name, PartitionInputList=list(inputs[start : start + 100])
            )

    def update_partitions(self, database: str, name: str, inputs: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(inputs), 100):
            entries = [
                {"PartitionValueList": each["Values"], "PartitionInput": each} for each in inputs[start : start + 100]
            ]
            self._glue.batch_update_partition(DatabaseName=database, TableName=name, Entries=entries)

    def log(self, stream: str, lines: Iterable[tuple[float, str]]) -> None:
        """Write log lines, each with its moment in epoch seconds; the group and stream are made if missing."""
        for operation, members in (
            (self._logs.create_log_group, {"logGroupName": LOG_GROUP}),
            (self._logs.create_log_stream, {"logGroupName": LOG_GROUP, "logStreamName": stream}),
        ):
            try:
                operation(**members)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
        events = [{"timestamp": int(moment * 1000), "message": line} for moment, line in lines]
        self._logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)
