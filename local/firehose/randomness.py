"""Randomness as an argument: names of objects, ids of records and invocations."""

import base64
import os
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass

_LETTERS = (string.ascii_letters + string.digits).encode()
_RECORD_ID_LENGTH = 224
"""As long as those in the examples of the AWS CLI; 168 random bytes in base64 fill it without padding."""


@dataclass(frozen=True, slots=True)
class Randomness:
    """Everything random comes from one function from a number to as many bytes."""

    bytes: Callable[[int], bytes] = os.urandom

    def letters(self) -> str:
        """Return 11 characters of `[A-Za-z0-9]`."""
        return bytes(_LETTERS[byte % len(_LETTERS)] for byte in self.bytes(11)).decode()

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.bytes(16), version=4))

    def record_ids(self, count: int) -> list[str]:
        """Return the opaque `RecordId`s that a put answers with."""
        blob = base64.b64encode(self.bytes(count * _RECORD_ID_LENGTH * 3 // 4)).decode()
        return [blob[at : at + _RECORD_ID_LENGTH] for at in range(0, len(blob), _RECORD_ID_LENGTH)]
