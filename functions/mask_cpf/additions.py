"""The members that the transform adds to a document."""

from __future__ import annotations

import functools
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
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

    keyless = False
    """Whether there is no key to make tokens with."""

    def __init__(self, tokens: Tokens | None, arrival: object) -> None:
        """`arrival` is Firehose's approximateArrivalTimestamp: epoch milliseconds."""
        self.keyless = tokens is None
        self._tokens = tokens
        self._arrived = b',"arrived_at":' + instant(arrival)

    def of(self, digits: bytes | None) -> bytes:
        """Return the members, a comma before each; the token is null without a CPF's eleven digits or a key."""
        if digits is None or self._tokens is None:
            return b',"cpf_token":null' + self._arrived
        return b',"cpf_token":"%b"%b' % (self._tokens.of(digits), self._arrived)

    def keeping(self, token: str) -> bytes:
        """Return the members for a document that was masked before and has its token."""
        return b',"cpf_token":"%b"%b' % (token.encode(), self._arrived)


class NoAdditions(Additions):
    """For a response that would grow too large: the document is masked and stays about as long as it was."""

    def __init__(self) -> None:
        """Need nothing, since nothing is added."""

    def of(self, _digits: bytes | None) -> bytes:
        return b""

    def keeping(self, token: str) -> bytes:
        return b',"cpf_token":"%b"' % token.encode()
