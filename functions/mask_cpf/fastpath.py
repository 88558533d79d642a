"""The surgical way, for documents that need no more: compact JSON, one formatted `cpf`, nothing suspicious.

It does exactly what the careful way does, or nothing: what is not proven harmless here is left to that.
"""

from __future__ import annotations

import re

from .detection import contains_cpf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .additions import Additions
    from .metrics import Tally

# Beyond ASCII only the letters from U+00C0 to U+00FF (C3 80 to C3 BF, without the signs C3 97 and C3 B7).
# No `\`, `%` and `&`: they may hide digits. Groups have no possessive quantifiers: broken until Python 3.11.5
# (python/cpython#106052).
_STRING = rb'"[ !#$\'-\[\]-~\x80-\x96\x98-\xb6\xb8-\xbf\xc3]*+"'
_SCALAR = _STRING + rb"|0|[1-9][0-9]{0,17}|null|true|false"
_KEY = rb'"(?!cpf"|arrived_at")[a-z0-9_]++"'
_OBJECT = rb"\{%b:(?:%b)(?:,%b:(?:%b))*\}" % (_KEY, _SCALAR, _KEY, _SCALAR)
_MEMBER = rb"%b:(?:%b|%b)" % (_KEY, _SCALAR, _OBJECT)
_CPF = rb"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"
_document = re.compile(rb'\{(?:%b,)*"cpf":"(%b)"((?:,%b)*)\}[ \t\r\n]*' % (_MEMBER, _CPF, _MEMBER)).match

# With all gone that may separate digits, and a zero for every digit, a CPF is a run of eleven zeros.
_SEPARATORS = b" !#$+,-./:;=?@\\^_`|~%&"
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_ELEVEN = b"0" * 11
# One UUID in thirty has as many digits in a row, and holds no CPF but the document's own.
_UUID = re.compile(rb'"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"')
_SHORTEST_NUMBER = 9
_ZERO = ord("0")


def mask_surgically(record: bytes, additions: Additions, tally: Tally) -> bytes | None:
    """Return what `mask_carefully` would, or None, with nothing counted, if the record is not that plain."""
    parts: list[bytes] = []
    cpfs: list[bytes] = []
    position, end = 0, len(record)
    while position < end:
        found = _document(record, position)
        if found is None:
            return None
        first, last = found.span(1)
        digits = record[first:last].translate(None, b".-")
        if digits[0] == _ZERO and _may_stand_as_number(digits, record):
            return None
        cpfs.append(digits)
        parts += (record[position:first], b"***", record[first + 3 : last - 2], b"**", record[last : found.end(2)])
        parts += (additions.of(digits), b"}\n")
        position = found.end()
    masked = b"".join(parts)
    if not _plain(record, len(cpfs)) or _suspicious(masked, cpfs):
        return None
    tally.documents += len(cpfs)
    tally.masked += len(cpfs)
    tally.without_token += len(cpfs) * additions.keyless
    return masked


def _suspicious(masked: bytes, cpfs: list[bytes]) -> bool:
    """Tell whether a digit may be left of a CPF, given one document a line and the CPF of each."""
    if not _crowded(masked):
        return False
    for line, digits in zip(masked.split(b"\n"), cpfs, strict=False):
        if _crowded(line) and (digits in line or _crowded(_UUID.sub(b"", line))) and _holds_cpf(line, digits):
            return True
    return False


def _holds_cpf(line: bytes, digits: bytes) -> bool:
    texts = [text.decode(errors="replace") for text in line.split(b'"') if _crowded(text)]
    return any(contains_cpf(text, (digits.decode(),)) for text in texts)


def _may_stand_as_number(digits: bytes, record: bytes) -> bool:
    """Tell whether a CPF that begins with zeros is found without them."""
    number = digits.lstrip(b"0")
    return len(number) >= _SHORTEST_NUMBER and number in record


def _crowded(text: bytes) -> bool:
    return _ELEVEN in text.translate(_ZEROS, _SEPARATORS)


def _plain(record: bytes, documents: int) -> bool:
    """Tell whether the record is UTF-8 and names a `cpf` once per document."""
    return record.count(b"cpf") == documents and _is_utf8(record)


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True
