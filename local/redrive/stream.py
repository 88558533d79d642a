"""Puts failed records back: reads the error objects of a delivery stream, decodes them, sends them again.

Plain boto3, so that it works against AWS as it does here. A ledger remembers what was acknowledged: a second run
sends nothing twice. What fails again lands in a new error object, which a later run takes up.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.errors import UsageError
from local.redrive.documents import Contents, Document, read
from local.redrive.ledger import Ledger
from local.redrive.places import ERROR_TYPES, Place, place_of
from local.redrive.sending import send

ClientOf = Callable[[str], Any]
"""From a service's name (`firehose`, `s3`) to a boto3 client."""


@dataclass(slots=True)
class Report:
    """What a redrive did, or would do."""

    objects: int = 0
    documents: int = 0
    already_sent: int = 0
    sent: int = 0
    failed: int = 0
    """Refused by the stream to the end; the next run tries them again."""
    unreadable: list[str] = field(default_factory=list)
    """What is no error document, where, and why."""
    by_error: Counter[str] = field(default_factory=Counter)
    """How many documents there are of each error code."""
    removed: int = 0
    """Error objects deleted, because all of their records were sent."""


def redrive(
    client: ClientOf,
    stream: str,
    types: Sequence[str] | None,
    dry_run: bool,  # noqa: FBT001 - a switch of the command line
    ledger_path: Path,
    *,
    remove: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Send the records of a stream's error objects again; with `dry_run` only count them.

    `types` are error output types; None means all. With `remove`, objects all of whose records were sent, now or
    before, are deleted. Raises UsageError and ClientError.
    """
    wanted = tuple(types or ERROR_TYPES)
    if unknown := set(wanted) - set(ERROR_TYPES):
        raise UsageError(f"there is no error type {', '.join(sorted(unknown))}: choose from {', '.join(ERROR_TYPES)}")
    place = place_of(client("firehose"), stream)
    with Ledger(ledger_path, read_only=dry_run) as ledger:
        report = Report()
        fresh = _fresh(client("s3"), place, wanted, ledger, report)
        if dry_run:
            for _ in fresh:
                pass
        else:
            done = send(client("firehose"), stream, fresh, ledger, sleep=sleep)
            report.sent, report.failed = done.sent, done.refused
            report.removed = len(remove_sent(client("s3"), place, wanted, ledger)) if remove else 0
        return report


def remove_sent(s3: Any, place: Place, types: Sequence[str], ledger: Ledger) -> list[str]:
    """Delete the error objects all of whose records were sent; return their keys. Blocks; raises ClientError."""
    done = [key for key in place.keys(s3, types) if ledger.holds_all(place.name(key))]
    for key in done:
        s3.delete_object(Bucket=place.bucket, Key=key)
    return done


def contents(s3: Any, place: Place, key: str) -> Contents:
    """Return what an error object holds; nothing if it is gone. Blocks; raises ClientError."""
    try:
        body = s3.get_object(Bucket=place.bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return Contents([], [])
    return read(place.name(key), body)


def _fresh(s3: Any, place: Place, types: Sequence[str], ledger: Ledger, report: Report) -> Iterator[Document]:
    """Yield the documents that were not sent before, and count all of them."""
    for key in place.keys(s3, types):
        report.objects += 1
        found = contents(s3, place, key)
        report.unreadable += found.unreadable
        for document in found.documents:
            report.documents += 1
            report.by_error[document.code] += 1
            if ledger.holds(document.object, document.place):
                report.already_sent += 1
            else:
                yield document
