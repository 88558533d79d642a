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
_STRING = rb'"[ !#$\'-\[\]-~\x80-\x96\x98-\xb6\xb8-\xbf\xc3]*"'
_SCALAR = _STRING + rb"|0|[1-9][0-9]{0,17}|null|true|false"
_KEY = rb'"(?!cpf")[a-z0-9_]+"'
_OBJECT = rb"\{%b:(?:%b)(?:,%b:(?:%b))*\}" % (_KEY, _SCALAR, _KEY, _SCALAR)
_MEMBER = rb"%b:(?:%b|%b)" % (_KEY, _SCALAR, _OBJECT)
_CPF = rb"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"
_document = re.compile(rb'\{(?:%b,)*"cpf":"(%b)"((?:,%b)*)\}[ \t\r\n]*' % (_MEMBER, _CPF, _MEMBER)).match

# With all gone that may separate digits, and a zero for every digit, a CPF is a run of eleven zeros.
_SEPARATORS = b" !#$+,-./:;=?@\\^_`|~%&"
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_ELEVEN = b"0" * 11
_SHORTEST_NUMBER = 9


def mask_surgically(record: bytes, additions: Additions, tally: Tally) -> bytes | None:
    """Return what `mask_carefully` would, or None, with nothing counted, if the record is not that plain."""
    pieces = []
    position, end = 0, len(record)
    while position < end:
        found = _document(record, position)
        if found is None:
            return None
        first, last = found.span(1)
        digits = record[first:last].translate(None, b".-")
        body = b"%b***%b**%b" % (record[position:first], record[first + 3 : last - 2], record[last : found.end(2)])
        if _suspicious(body, digits):
            return None
        pieces.append((body, digits))
        position = found.end()
    if not _plain(record, len(pieces)):
        return None
    tally.documents += len(pieces)
    tally.masked += len(pieces)
    return b"".join([b"%b%b}\n" % (body, additions.of(digits)) for body, digits in pieces])


def _suspicious(body: bytes, digits: bytes) -> bool:
    if digits.startswith(b"0") and len(number := digits.lstrip(b"0")) >= _SHORTEST_NUMBER and number in body:
        return True
    # One UUID in fifteen has such a run, so the exact rules have the last word.
    return _ELEVEN in body.translate(_ZEROS, _SEPARATORS) and contains_cpf(
        body.decode(errors="replace"), (digits.decode(),)
    )


def _plain(record: bytes, documents: int) -> bool:
    """Tell whether the record is UTF-8, and has no more keys that mean a CPF or an addition."""
    return record.count(b"cpf") == documents and b'"arrived_at"' not in record and _is_utf8(record)


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True
