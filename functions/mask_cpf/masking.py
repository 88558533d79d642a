"""One parsed document, masked."""

from __future__ import annotations

import functools
import re

from .detection import REDACTED, check_digits_hold, mask_text, masked, only_digits
from .tokens import TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .additions import Additions
    from .metrics import Tally

_MASK = re.compile(r"\*{3}\.[0-9]{3}\.[0-9]{3}-\*{2}")
_SHORTEST, _DIGITS = 9, 11
"""A CPF as a number may have lost its leading zeros; more than two are not expected."""
_ADDED = ("cpf_token", "arrived_at")


class Number(str):
    """A number's literal, kept as it was written."""

    __slots__ = ()


class Members(list):  # type: ignore[type-arg] # the subscript would be evaluated at import
    """An object's (key, value) pairs, in order, duplicates kept."""

    __slots__ = ()


class DocumentMask:
    """Masks a document; `document` is the masked one, without the members that the transform adds."""

    def __init__(self, document: Members) -> None:
        """Mask at once; raises RecursionError for a document nested too deeply."""
        self._cpf: Any = None
        self._token: Any = None
        self._elsewhere = False
        self._own = tuple(sorted(set(_cpfs(document, named=False))))
        self.document = Members(self._top_level(document))

    def count(self, additions: Additions, tally: Tally) -> bytes:
        """Count the document and return the members to add to it."""
        tally.masked_elsewhere += self._elsewhere
        digits = cpf_digits(self._cpf)
        if digits is not None:
            tally.masked += 1
            tally.without_token += additions.keyless
            return additions.of(digits.encode())
        if isinstance(self._cpf, str) and _MASK.fullmatch(self._cpf):
            tally.masked += 1
            return additions.keeping(self._token) if self._keeps_token() else additions.of(None)
        if self._cpf is None or self._cpf == "":
            tally.without_cpf += 1
        else:
            tally.redacted += 1
        return additions.of(None)

    def _keeps_token(self) -> bool:
        return (
            isinstance(self._token, str)
            and TOKEN.fullmatch(self._token) is not None
            and mask_text(self._token) == self._token
        )

    def _top_level(self, document: Members) -> Iterator[tuple[str, Any]]:
        """Yield the members masked; of several `cpf` the last one counts, as for any JSON parser."""
        for key, value in document:
            if is_cpf(key):
                self._cpf = value
                yield self._text(key), _under_cpf(value)
            elif key.lower() == "cpf_token":
                self._token = value
            elif key.lower() not in _ADDED:
                yield self._text(key), self._masked(value, named="cpf" in key.lower())

    def _masked(self, value: Any, *, named: bool = False) -> Any:
        if isinstance(value, Members):
            return Members([self._member(key, member) for key, member in value])
        if isinstance(value, list):
            return [self._masked(item, named=named) for item in value]
        if named and (digits := cpf_digits(value)):
            self._elsewhere = True
            return masked(digits)
        if isinstance(value, Number):
            return self._number(value)
        return self._text(value) if isinstance(value, str) else value

    def _member(self, key: str, value: Any) -> tuple[str, Any]:
        if is_cpf(key):
            hidden = _under_cpf(value)
            self._elsewhere |= hidden is not value
            return self._text(key), hidden
        return self._text(key), self._masked(value, named="cpf" in key.lower())

    def _text(self, text: str) -> str:
        found = mask_text(text, self._own)
        self._elsewhere |= found != text
        return found

    def _number(self, literal: Number) -> str:
        digits = _integral(literal)
        known = len(digits) >= _SHORTEST and digits.zfill(_DIGITS) in self._own
        if known or (len(digits) == _DIGITS and check_digits_hold(digits)):
            self._elsewhere = True
            return masked(digits.zfill(_DIGITS))
        found = mask_text(literal, self._own, checked=True)
        self._elsewhere |= found != literal
        return literal if found == literal else found


@functools.lru_cache(maxsize=1024)
def is_cpf(key: str) -> bool:
    """Tell whether the value under this key is taken for a CPF, whatever it looks like."""
    return re.sub(r"\W", "", key).lower() == "cpf"


def cpf_digits(value: Any) -> str | None:
    """Return the eleven digits of a value that is nothing but a CPF, else None."""
    if isinstance(value, Number):
        digits = _integral(value)
        return digits.zfill(_DIGITS) if _SHORTEST <= len(digits) <= _DIGITS else None
    return only_digits(value) if isinstance(value, str) else None


def _under_cpf(value: Any) -> Any:
    if (digits := cpf_digits(value)) is not None:
        return masked(digits)
    if value is None or (isinstance(value, str) and (value in ("", REDACTED) or _MASK.fullmatch(value))):
        return value
    return REDACTED


def _integral(literal: Number) -> str:
    """Return the digits of a whole number of at most eleven digits however it is written, its sign aside, else ""."""
    value = abs(float(literal))
    return str(int(value)) if value < 10**_DIGITS and value.is_integer() else ""


def _cpfs(value: Any, *, named: bool) -> Iterator[str]:
    """Yield the CPFs that stand where one is expected; they are looked for in the rest of the document."""
    if isinstance(value, Members):
        for key, member in value:
            yield from _cpfs(member, named="cpf" in key.lower() or is_cpf(key))
    elif isinstance(value, list):
        for item in value:
            yield from _cpfs(item, named=named)
    elif named and (digits := cpf_digits(value)):
        yield digits
