"""Records in, as many answers out: each `Ok`, whatever the record holds."""

from __future__ import annotations

import binascii

from .additions import Additions, NoAdditions
from .documents import mask_carefully
from .fastpath import mask_surgically
from .metrics import Tally
from .redaction import PREFIX, redacted
from .response import answer, fit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .tokens import Tokens

    Warn = Callable[[str, Exception], None]

_OVERSIZED = (PREFIX + "left out, since all documents together exceed what a function may answer\n").encode()
_FAILED = (PREFIX + "left out, since the transform failed on this record\n").encode()


def transform(records: list[dict[str, Any]], tokens: Tokens | None, tally: Tally, warn: Warn) -> list[dict[str, str]]:
    """Return one `Ok` for each record: `ProcessingFailed` would make Firehose store the raw record."""
    tally.records += len(records)
    answers = [answer(record, _masked(record, tokens, tally, warn)) for record in records]

    def left_out(_record: dict[str, Any]) -> bytes:
        tally.oversized += 1
        return _OVERSIZED

    fit(answers, records, (_without_additions, left_out))
    return answers


def mask_record(record: bytes, additions: Additions, tally: Tally) -> bytes:
    """Return the record's documents masked, a newline after each; a blank record stays as it is.

    What raises has counted nothing.
    """
    if not record or record.isspace():
        return record
    surgically = mask_surgically(record, additions, tally)
    if surgically is not None:
        return surgically
    counted = Tally()
    masked = mask_carefully(record, additions, counted)
    tally.add(counted)
    return masked


def _masked(record: dict[str, Any], tokens: Tokens | None, tally: Tally, warn: Warn) -> bytes:
    try:
        return mask_record(_data(record), Additions(tokens, record.get("approximateArrivalTimestamp")), tally)
    except Exception as reason:  # noqa: BLE001 - one record must not make Firehose store the whole batch raw
        warn(f"record {record.get('recordId')} was redacted, since the transform failed on it", reason)
        tally.documents += 1
        tally.redacted += 1
        tally.internal_errors += 1
        return _redacted(record)


def _redacted(record: dict[str, Any]) -> bytes:
    try:
        return (redacted(_data(record).decode("utf-8", "surrogateescape")) + "\n").encode()
    except Exception:  # noqa: BLE001 - the last resort, the same reason
        return _FAILED


def _without_additions(record: dict[str, Any]) -> bytes:
    """Return the record masked, about as long as it came; what fails here failed before and was counted."""
    try:
        return mask_record(_data(record), NoAdditions(), Tally())
    except Exception:  # noqa: BLE001 - the last resort, the same reason
        return _FAILED


def _data(record: dict[str, Any]) -> bytes:
    return binascii.a2b_base64(record.get("data") or "")
