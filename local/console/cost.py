"""What traffic costs on AWS. Pure arithmetic; every price says where it was read.

Firehose bills each record rounded up to the next 5 KB, not each call, and format conversion on the same figure
(Developer Guide, limits; https://aws.amazon.com/firehose/pricing/). Packing several documents into one record is
therefore the one lever there is.
"""

from dataclasses import dataclass

STEP = 5_120
GIB = 2**30
SECONDS_PER_MONTH = 730 * 3600
PACK_BYTES = 5_000
"""Packs just under the step: larger ones gain nothing and put more into one bad record."""

INGEST_PER_GB = 0.029
CONVERSION_PER_GB = 0.018
"""us-east-1, first 500 TB of a month (https://aws.amazon.com/firehose/pricing/)."""

LAMBDA_PER_GB_SECOND = 0.0000133334
LAMBDA_PER_REQUEST = 0.20 / 1_000_000
"""arm64, us-east-1 (https://aws.amazon.com/lambda/pricing/)."""

S3_PER_PUT = 0.005 / 1_000
ATHENA_PER_TB = 5.0
ATHENA_LEAST_BYTES = 10_000_000
"""https://aws.amazon.com/athena/pricing/: 10 MB at least per query."""

FUNCTION_GB = 0.25
SECONDS_PER_MEBIBYTE = 0.5
"""What the function is assumed to need for one full batch of 1 MiB."""


@dataclass(frozen=True)
class Monthly:
    """USD per month if the traffic went on like this."""

    ingestion: float
    conversion: float
    function: float
    objects: float
    billed_gb: float

    @property
    def total(self) -> float:
        return self.ingestion + self.conversion + self.function + self.objects


def billed_bytes(record_bytes: float) -> int:
    """Return what one record of this size is billed as."""
    return -(-max(1, int(record_bytes)) // STEP) * STEP


def monthly(records_per_second: float, bytes_per_second: float, objects_per_second: float) -> Monthly:
    """Return the cost of records as they come, each billed by the mean size."""
    if records_per_second <= 0:
        return Monthly(0, 0, 0, 0, 0)
    mean = bytes_per_second / records_per_second
    billed = records_per_second * billed_bytes(mean) * SECONDS_PER_MONTH / GIB
    batches = max(bytes_per_second / 2**20, min(records_per_second, 1 / 60)) * SECONDS_PER_MONTH
    mebibytes = bytes_per_second / 2**20 * SECONDS_PER_MONTH
    return Monthly(
        ingestion=billed * INGEST_PER_GB,
        conversion=billed * CONVERSION_PER_GB,
        function=batches * LAMBDA_PER_REQUEST + mebibytes * SECONDS_PER_MEBIBYTE * FUNCTION_GB * LAMBDA_PER_GB_SECOND,
        objects=objects_per_second * SECONDS_PER_MONTH * S3_PER_PUT,
        billed_gb=billed,
    )


def packed(documents_per_second: float, document_bytes: float) -> tuple[float, float, int]:
    """Return (records/s, bytes/s, documents per record) of the same documents, newline-joined below the step."""
    each = max(1, int(PACK_BYTES // (document_bytes + 1)))
    return documents_per_second / each, documents_per_second * (document_bytes + 1), each


def query(scanned_bytes: int) -> float:
    """Return what Athena bills for one query that scanned so much."""
    return max(scanned_bytes, ATHENA_LEAST_BYTES) / 1e12 * ATHENA_PER_TB
