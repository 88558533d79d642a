"""The members that the transform adds to a document."""

from __future__ import annotations

import functools
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .metrics import Tally
    from .tokens import Tokens

_LAST_MILLISECOND = 253_402_300_799_999  # of the year 9999


@functools.lru_cache(maxsize=512)
def instant(milliseconds: object) -> bytes:
    """Return epoch milliseconds as a JSON value: ISO 8601, UTC with `Z`, three decimals; else `null`."""
    if type(milliseconds) is not int or not 0 <= milliseconds <= _LAST_MILLISECOND:
        return b"null"
    seconds, rest = divmod(milliseconds, 1000)
    return f'"{time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))}.{rest:03d}Z"'.encode()


class Additions:
    """`cpf_token` and `arrived_at`, as they end every document of one record."""

    def __init__(self, tokens: Tokens | None, arrival: object, tally: Tally) -> None:
        """`arrival` is Firehose's approximateArrivalTimestamp: epoch milliseconds."""
        self._tokens = tokens
        self._arrived = b',"arrived_at":' + instant(arrival)
        self._tally = tally

    def of(self, digits: bytes | None) -> bytes:
        """Return the members, a comma before each; the token is null without a CPF's eleven digits or a key."""
        if digits is None:
            return b',"cpf_token":null' + self._arrived
        if self._tokens is None:
            self._tally.without_token += 1
            return b',"cpf_token":null' + self._arrived
        return b',"cpf_token":"' + self._tokens.of(digits) + b'"' + self._arrived

    def keeping(self, token: str) -> bytes:
        """Return the members for a document that was masked before and has its token."""
        return b',"cpf_token":"' + token.encode() + b'"' + self._arrived


class NoAdditions(Additions):
    """For a response that would grow too large: the document is masked and stays as long as it was."""

    def __init__(self) -> None:
        """Nothing is added, so nothing is needed."""

    def of(self, _digits: bytes | None) -> bytes:
        return b""

    def keeping(self, token: str) -> bytes:
        return b',"cpf_token":"' + token.encode() + b'"'
