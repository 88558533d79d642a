"""The answer to Firehose, and the size that Lambda allows it."""

from __future__ import annotations

import binascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous answer: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_ENVELOPE = 100
"""More than the JSON around one record's id and data."""


def answer(record: dict[str, Any], data: bytes) -> dict[str, str]:
    return {
        "recordId": record["recordId"],
        "result": "Ok",
        "data": binascii.b2a_base64(data, newline=False).decode("ascii"),
    }


def fit(
    answers: list[dict[str, str]],
    records: list[dict[str, Any]],
    shorter_forms: tuple[Callable[[dict[str, Any]], bytes], ...],
) -> None:
    """Replace the largest answers, in place, by the first shorter form with which the response may be sent.

    An answer over the limit is a failed function, and Firehose would store the whole batch raw.
    """
    excess = sum(map(_length, answers)) - LIMIT
    for shorten in shorter_forms:
        for place in sorted(range(len(answers)), key=lambda place: -_length(answers[place])):
            if excess <= 0:
                return
            before = _length(answers[place])
            answers[place] = answer(records[place], shorten(records[place]))
            excess += _length(answers[place]) - before


def _length(one: dict[str, str]) -> int:
    return len(one["data"]) + len(one["recordId"]) + _ENVELOPE
