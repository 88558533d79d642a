"""The token that stands for a CPF in joins and counts: a keyed hash, useless without the key."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import re

TOKEN = re.compile(r"[A-Za-z0-9-]{1,16}\.[A-Za-z0-9_-]{20}")
"""`<key id>.<hash>`; the id keeps tokens of different keys apart."""

_KEY_ID = re.compile(r"[A-Za-z0-9-]{1,16}")
_BLOCK = 64
_LEAST_KEY_BYTES = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class UnusableKey(ValueError):
    """The secret is not a key that tokens could be made with; the message never repeats it."""


class Tokens:
    """Makes tokens under one key: HMAC-SHA-256 over the eleven digits, its first 120 bits in base64url."""

    def __init__(self, key: bytes, key_id: str = "") -> None:
        """Without a key id, one is derived from the key: 24 bits that tell nothing of it.

        Raises UnusableKey for a key under 16 bytes (it could be found by trial) or an id that is no short word.
        """
        if len(key) < _LEAST_KEY_BYTES:
            raise UnusableKey(f"the token key has {len(key)} bytes: give it at least {_LEAST_KEY_BYTES}")
        if key_id and not _KEY_ID.fullmatch(key_id):
            raise UnusableKey("the key id is not 1 to 16 letters, digits and dashes")
        self.key_id = key_id or hmac.digest(key, b"key id", "sha256").hex()[:6]
        self._prefix = self.key_id.encode() + b"."
        # Keyed once, copied for every token: half the cost of hmac.digest (RFC 2104, section 2).
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in block]))
        self._outer = hashlib.sha256(bytes([byte ^ 0x5C for byte in block]))

    def of(self, digits: bytes) -> bytes:
        """Return the token of a CPF's eleven ASCII digits."""
        inner = self._inner.copy()
        inner.update(digits)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return self._prefix + binascii.b2a_base64(outer.digest()[:15], newline=False).translate(_URL_SAFE)


def tokens_from_secret(secret: str | bytes) -> Tokens:
    """Return the tokens of a secret: the key itself, or JSON `{"key_id": "2026a", "key": "…"}`.

    Raises UnusableKey.
    """
    text = secret.encode() if isinstance(secret, str) else secret
    if not text.lstrip().startswith(b"{"):
        return Tokens(text)
    try:
        members = json.loads(text)
        key, key_id = members["key"], members.get("key_id", "")
    except (ValueError, KeyError):
        raise UnusableKey('the secret is JSON, but not {"key_id": "…", "key": "…"}') from None
    if not (isinstance(key, str) and isinstance(key_id, str)):
        raise UnusableKey("`key` and `key_id` of the secret are not strings")
    return Tokens(key.encode(), key_id)
