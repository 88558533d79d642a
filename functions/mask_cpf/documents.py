"""The careful way: every document of a record is parsed, masked (see `masking`) and written again.

It is right for every record, and so the reference for the fast path.
"""

from __future__ import annotations

import json
import re

from .masking import DocumentMask, Members, Number
from .redaction import redacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .additions import Additions
    from .metrics import Tally

PIECES_TRIED = 100
"""So many unparsable pieces of one record are told apart; what follows them is redacted as one."""

_BLANK = re.compile(r"[ \t\r\n]*")
_NOT_UTF8 = re.compile(r"[\udc80-\udcff]")


def _refuse(literal: str) -> None:
    raise ValueError(f"{literal} is not JSON")


_decode = json.JSONDecoder(
    object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=_refuse
).raw_decode
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def mask_carefully(record: bytes, additions: Additions, tally: Tally) -> bytes:
    """Return the record with every document masked, one a line, and what is no document redacted."""
    text = record.decode("utf-8", "surrogateescape")
    lines = []
    failures, position = 0, _blank_end(text, 0)
    while position < len(text):
        document, end = _masked_document(text, position, additions, tally) if failures < PIECES_TRIED else ("", 0)
        if not document:
            failures += 1
            end = _line_end(text, position) if failures <= PIECES_TRIED else len(text)
            document = redacted(text[position:end])
            tally.redacted += 1
        tally.documents += 1
        lines.append(document)
        position = _blank_end(text, end)
    # A lone surrogate becomes the escape that JSON has for it.
    return "".join([line + "\n" for line in lines]).encode("utf-8", "backslashreplace")


def _masked_document(text: str, position: int, additions: Additions, tally: Tally) -> tuple[str, int]:
    """Return the document that starts here, masked, and where it ends; ("", 0) if none does."""
    try:
        document, end = _decode(text, position)
        if not isinstance(document, Members) or _NOT_UTF8.search(text, position, end):
            return "", 0
        mask = DocumentMask(document)
        body = _json(mask.document)[1:-1]
    except (ValueError, RecursionError):
        return "", 0
    added = mask.count(additions, tally).decode()
    return "{" + (body + added if body else added[1:]) + "}", end


def _json(value: Any) -> str:
    if isinstance(value, Number):
        return value
    if isinstance(value, Members):
        return "{" + ",".join([f"{_quoted(key)}:{_json(member)}" for key, member in value]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([_json(item) for item in value]) + "]"
    return _quoted(value)


def _blank_end(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
