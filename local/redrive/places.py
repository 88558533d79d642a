"""Where a delivery stream's error objects are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.errors import UsageError

ERROR_TYPES = ("processing-failed", "format-conversion-failed", "decompression-failed")
"""`!{firehose:error-output-type}` of what can be sent again (Developer Guide, s3-prefixes)."""

_EXPRESSION = "!{"
_TYPE_EXPRESSION = "!{firehose:error-output-type}"


@dataclass(frozen=True, slots=True)
class Place:
    """Bucket and prefix of one stream's error objects."""

    bucket: str
    prefix: str
    """ErrorOutputPrefix, unevaluated."""
    stream: str

    def keys(self, s3: Any, types: Sequence[str]) -> Iterator[str]:
        """Yield the keys of the error objects of these types. Blocks; raises ClientError."""
        seen: set[str] = set()
        pages = s3.get_paginator("list_objects_v2")
        for error_type in types:
            for page in pages.paginate(Bucket=self.bucket, Prefix=self._listed(error_type)):
                for listed in page.get("Contents", []):
                    if listed["Key"] not in seen and self._holds(listed["Key"], error_type):
                        seen.add(listed["Key"])
                        yield listed["Key"]

    def name(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def _listed(self, error_type: str) -> str:
        """Return the part of the keys that is known beforehand."""
        if not self.prefix:
            return f"{error_type}/"
        if _EXPRESSION not in self.prefix:
            return f"{self.prefix}{error_type}/"
        return self.prefix.replace(_TYPE_EXPRESSION, error_type).partition(_EXPRESSION)[0]

    def _holds(self, key: str, error_type: str) -> bool:
        return error_type in key and f"{self.stream}-" in key.rpartition("/")[2]


def place_of(firehose: Any, stream: str) -> Place:
    """Return where the stream writes its error objects. Blocks; raises UsageError."""
    try:
        found = firehose.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
    except firehose.exceptions.ResourceNotFoundException:
        raise UsageError(f"there is no delivery stream '{stream}' in this account and region") from None
    destination = found["Destinations"][0].get("ExtendedS3DestinationDescription")
    if destination is None:
        raise UsageError(f"delivery stream '{stream}' does not deliver to S3: it has no error objects to read")
    return Place(destination["BucketARN"].rpartition(":")[2], destination.get("ErrorOutputPrefix", ""), stream)
