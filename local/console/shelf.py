"""The bucket as the page shows it: a level of its tree, and what is inside an object."""

import pyarrow as pa

from local.clients import ClientError
from local.console import lake
from local.console.access import Access, denied
from local.console.pipeline import Pipeline
from local.console.screen import safe
from local.errors import UsageError

COUNTED = 30
"""Objects of a level whose rows are counted."""


class Shelf:
    """Blocks; raises ClientError and UsageError."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def browse(self, prefix: str) -> tuple[lake.Listing, dict[str, int]]:
        """Return one level of the bucket, and the rows of its newest Parquet objects."""
        pipeline = self._access.pipeline()
        try:
            listing = lake.browse(self._access.reader(prefix), pipeline.bucket, prefix)
        except ClientError as error:
            if prefix or not denied(error):
                raise
            # Who may list only some prefixes begins with those that the stream writes to.
            known = [each for each in (pipeline.data_prefix, pipeline.errors_prefix) if each]
            listing = lake.Listing("", known, [], more=False)
        footers = {each.key: self.footer(each) for each in listing.objects[:COUNTED]}
        return listing, {key: found.rows for key, found in footers.items() if found}

    def footer(self, each: lake.Object) -> lake.Footer | None:
        """Return the footer of a Parquet object, None for any other, and for one that cannot be read."""
        if not each.key.endswith(".parquet"):
            return None
        try:
            return lake.footer(
                self._access.reader(each.key), self._access.pipeline().bucket, each.key, each.etag, each.size
            )
        except (pa.ArrowException, OSError):
            return None

    def preview(self, key: str) -> lake.Preview:
        pipeline, s3 = self._access.pipeline(), self._access.reader(key)
        length = s3.head_object(Bucket=pipeline.bucket, Key=key)["ContentLength"]
        try:
            return lake.preview(s3, pipeline.bucket, key, length, self.columns(pipeline))
        except pa.ArrowException as reason:
            raise UsageError(f"this object is no readable Parquet: {safe(reason, 300)}") from None

    def columns(self, pipeline: Pipeline) -> list[tuple[str, str]]:
        """Return (name, type) of the table's columns, partitions not among them."""
        if not pipeline.table:
            return []
        glue = self._access.client("glue")
        table = glue.get_table(DatabaseName=pipeline.database, Name=pipeline.table)["Table"]
        return [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]]

    def head(self, key: str, count: int = 65_536) -> str:
        """Return the beginning of any other object as text."""
        bucket, s3 = self._access.pipeline().bucket, self._access.reader(key)
        if not s3.head_object(Bucket=bucket, Key=key)["ContentLength"]:
            return ""
        body = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{count - 1}")["Body"].read()
        return safe(body.decode("utf-8", "replace"), 20_000)
