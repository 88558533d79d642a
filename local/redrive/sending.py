"""Sends failed records again, and notes each that was acknowledged before it sends the next."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.redrive.documents import Document
from local.redrive.ledger import Ledger

BATCH_RECORDS = 500
BATCH_BYTES = 4 * 2**20
"""https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html"""

ATTEMPTS = 8
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 10.0


@dataclass(slots=True)
class Sent:
    """What came of sending."""

    sent: int = 0
    refused: int = 0
    """By the stream, to the end; the next run tries them again."""


def send(
    firehose: Any,
    stream: str,
    documents: Iterable[Document],
    ledger: Ledger,
    *,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Put the records into the stream again, what is refused up to so many times. Blocks; raises ClientError.

    What the ledger holds already is passed over.
    """
    done = Sent()
    for batch in _batches(each for each in documents if not ledger.holds(each.object, each.place)):
        left = batch
        for attempt in range(attempts):
            if attempt:
                sleep(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**attempt))
            left = _put(firehose, stream, left, ledger)
            if not left:
                break
        done.sent += len(batch) - len(left)
        done.refused += len(left)
    return done


def _put(firehose: Any, stream: str, batch: list[Document], ledger: Ledger) -> list[Document]:
    """Put one batch, note what was acknowledged, return what was not."""
    answer = firehose.put_record_batch(DeliveryStreamName=stream, Records=[{"Data": each.data} for each in batch])
    outcomes = list(zip(batch, answer["RequestResponses"], strict=True))
    ledger.note([document for document, outcome in outcomes if "RecordId" in outcome])
    return [document for document, outcome in outcomes if "RecordId" not in outcome]


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        if batch and (len(batch) == BATCH_RECORDS or size + len(document.data) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.data)
    if batch:
        yield batch
