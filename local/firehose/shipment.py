"""What the last stages of a stream hand to each other."""

from dataclasses import dataclass, field

from local.firehose.records import Failure, Record
from local.firehose.settings import S3Target, Settings

DATA, BACKUP = "data", "backup"


@dataclass(slots=True)
class Shipment:
    """A sealed buffer on its way to a bucket."""

    kind: str
    """`data`, `backup`, or the error output type."""
    records: list[Record]
    failures: list[Failure] = field(default_factory=list)
    """Of an error shipment: one for each record."""

    @property
    def oldest(self) -> int:
        """Earliest arrival, epoch milliseconds."""
        return min([record.arrival for record in self.records])

    def target(self, settings: Settings) -> S3Target:
        return settings.backup if self.kind == BACKUP and settings.backup else settings.target

    def expire(self, before: int) -> list[Record]:
        """Take out, and return, what arrived before that moment (epoch milliseconds)."""
        expired = [record for record in self.records if record.arrival < before]
        if expired:
            self.records = [record for record in self.records if record.arrival >= before]
            self.failures = [failure for failure in self.failures if failure.record.arrival >= before]
        return expired


@dataclass(frozen=True, slots=True)
class S3Object:
    target: S3Target
    key: str
    body: bytes
    encoding: str
    """Content-Encoding, or empty."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What a shipment becomes under one version of the stream's settings."""

    object: S3Object | None
    """None when there is nothing to write: every record failed."""
    delivered: list[Record]
    failed: list[Failure]
    """Records that format conversion refused."""


class Refused(Exception):
    """S3, Glue or the role refuses for now; `code` and `message` as Firehose logs them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
