"""A failed record for the screen: the reason in words, the record masked."""

from dataclasses import dataclass
from datetime import UTC, datetime

from local.console.screen import documents, safe
from local.redrive.documents import Document

WORDS = {
    "Lambda.ProcessingFailedStatus": "The transform function itself said that it could not process this record.",
    "Lambda.FunctionError": "The transform function failed or timed out, and so did every retry; the record is raw.",
    "Lambda.MissingRecordId": "The transform function answered without this record.",
    "Lambda.DuplicatedRecordId": "The transform function answered twice for this record.",
    "Lambda.InvalidReturnFormat": "The transform function answered in a form that Firehose does not take.",
    "Lambda.InvokeAccessDenied": "The delivery role may not invoke the transform function.",
    "Lambda.InvokeLimitExceeded": "The transform function was throttled, also when tried again.",
    "DataFormatConversion.ParseError": "The record is not JSON, so no row could be made of it.",
    "DataFormatConversion.MalformedData": "A value does not fit the type of its column in the Glue table.",
    "DataFormatConversion.EntityNotFound": "The Glue table or database was not there when the record was converted.",
}


@dataclass(frozen=True)
class Failure:
    """One failed record. What the producer sent, `document.data`, never goes to the screen as it is."""

    document: Document
    sent: bool
    """Whether a redrive has sent it again."""
    code: str
    message: str
    arrived: datetime | None
    shown: list[str]
    """The record's documents, masked and fit for the screen."""

    @property
    def words(self) -> str:
        return WORDS.get(self.code, "Firehose could not deliver this record.")

    @property
    def key(self) -> tuple[str, int]:
        return self.document.object, self.document.place


def failure(document: Document, *, sent: bool) -> Failure:
    """Return the record as it is shown."""
    return Failure(
        document=document,
        sent=sent,
        code=safe(document.code),
        message=safe(document.message, 500),
        arrived=_moment(document.arrived),
        shown=documents(document.data),
    )


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None
