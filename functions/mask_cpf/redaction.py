"""What is left of a text that could not be understood: its shape, and nothing that could be a CPF."""

from __future__ import annotations

import re

from .detection import star_digits

PREFIX = "redacted: "
"""No JSON parser takes a line that begins so for a document; the conversion's error message quotes the word."""

# Lone surrogates stand for bytes that are not UTF-8.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# A CPF in base64 or base32 has at least 15 such characters.
_ENCODED = re.compile(r"(?=[a-z_=/-]*[A-Z0-9+])[A-Za-z0-9+/_=-]{12,}|[A-Za-z]{16,}")


def redacted(text: str) -> str:
    """Return one line that begins with `PREFIX`; redacting it once more changes nothing."""
    line = text.strip(" \t\r\n").replace("\n", " ")
    line = _UNPRINTABLE.sub("\ufffd", line)
    line = _ENCODED.sub(lambda run: "*" * len(run[0]), line)
    return PREFIX + star_digits(line).removeprefix(PREFIX)
