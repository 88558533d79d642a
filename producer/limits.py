"""What Amazon Data Firehose accepts, and what it bills.

Limits and quotas: https://docs.aws.amazon.com/firehose/latest/dev/limits.html
The page gives 500,000 and 100,000 records a second; the service model's prose (5,000) is older.
"""

from dataclasses import dataclass

MAX_RECORD_BYTES = 1_024_000
"""Of one record, before base64 (1,000 KiB)."""
MAX_BATCH_RECORDS = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024
"""Of one PutRecordBatch, summed over its records before base64."""
BILLING_UNIT = 5 * 1024
"""Ingestion is billed by the record, each rounded up to the next 5 KB."""

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Quota:
    """What one delivery stream takes by Direct PUT in any one second."""

    records: float
    requests: float
    size: float
    """Bytes."""

    def scaled(self, factor: float) -> "Quota":
        """Return the quota raised or lowered: the three go in proportion."""
        return Quota(self.records * factor, self.requests * factor, self.size * factor)


LARGE = Quota(500_000, 2_000, 5 * MEBIBYTE)
SMALL = Quota(100_000, 1_000, 1 * MEBIBYTE)
UNLIMITED = Quota(float("inf"), float("inf"), float("inf"))

_LARGE_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})


def quota_of(region: str) -> Quota:
    """Return the default quota of a stream in `region`."""
    return LARGE if region in _LARGE_REGIONS else SMALL
