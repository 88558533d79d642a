"""Text from records, made fit to be looked at: no CPF, nothing invisible, nothing endless.

Escaping is the page's business (it never takes content as HTML); this is about what a person would see.
"""

import json
import re
import unicodedata
from typing import Any

LONGEST = 2_000
"""Characters of one value on the screen."""

_CPF = re.compile(
    r"(?<![0-9a-f-])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-f-])"
    r"|(?P<cpf>(?<!\d)\d(?:[.\-/ _]?\d){10}(?!\d))"
)
"""Eleven digits, however they are grouped, but not those of a UUID or of a token in hexadecimal.

A phone number may be taken for one, which does no harm.
"""

_SUFFIX = re.compile(r"-\d+-\d{4}(?:-\d\d){5}-[0-9a-f-]{36}(?:\.[\w.]+)?\Z")
"""`-1-2026-11-24-02-14-49-<uuid>.parquet` (Developer Guide, s3-object-name)."""

_TAIL = re.compile(r"[\d.\-/ _]*\Z")

LARGEST = 256 * 1024
"""Bytes of a record that are parsed; a larger one is shown as text from its beginning."""


def mask(text: str) -> str:
    """Return the text with whatever looks like a CPF as `***.456.789-**`."""
    return _CPF.sub(lambda found: _masked(found[0]) if found["cpf"] else found[0], text)


def _masked(number: str) -> str:
    digits = [each for each in number if each.isdigit()]
    return f"***.{''.join(digits[3:6])}.{''.join(digits[6:9])}-**"


def redact(document: Any) -> Any:
    """Return a JSON value with every CPF masked, and whatever a key calls a CPF masked whatever it looks like."""
    if isinstance(document, dict):
        return {
            mask(name): _named_cpf(value) if _names_cpf(name) else redact(value) for name, value in document.items()
        }
    if isinstance(document, list):
        return [redact(each) for each in document]
    if isinstance(document, str):
        return mask(document)
    if isinstance(document, int | float) and not isinstance(document, bool):
        return mask(text) if mask(text := str(document)) != text else document
    return document


def _names_cpf(name: str) -> bool:
    """Say whether a member's name promises a CPF: `cpf_token` names a token."""
    return "cpf" in name.lower() and "token" not in name.lower()


def _named_cpf(value: Any) -> Any:
    if isinstance(value, dict | list):
        return redact(value)
    text = str(value)
    if value is None or isinstance(value, bool) or re.fullmatch(r"\*{3}\.(\d{3}|\*{3})\.(\d{3}|\*{3})-\*\*", text):
        return value
    return mask(text) if mask(text) != text else re.sub(r"\d", "*", text)


def visible(text: str, longest: int = LONGEST) -> str:
    """Return the text with control and direction characters spelled out, cut after `longest` characters."""
    cut = len(text) - longest
    shown = "".join(_spelled(each) for each in text[:longest])
    return f"{shown} … {cut:,} more characters" if cut > 0 else shown


def _spelled(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}:
        return character
    return f"⟨U+{ord(character):04X}⟩"


def safe(text: object, longest: int = LONGEST) -> str:
    """Return any value of a record as text for the screen."""
    return visible(mask(str(text)), longest)


def key(name: str) -> str:
    """Return an object's key or a part of it as text for the screen."""
    # Firehose's own suffix has the time of the oldest record, whose digits are no CPF's.
    suffix = _SUFFIX.search(name)
    at = suffix.start() if suffix else len(name)
    return visible(mask(name[:at]) + name[at:])


def documents(raw: bytes) -> list[str]:
    """Return the JSON documents of a record, or its text when it holds none, each fit for the screen."""
    if len(raw) > LARGEST:
        # The cut may go through a CPF: what could be its beginning goes too.
        return [safe(_TAIL.sub("", raw[:LARGEST].decode("utf-8", "replace")))]
    text = raw.decode("utf-8", "replace")
    found, decoder, at = [], json.JSONDecoder(), 0
    try:
        while (at := _skip_blank(text, at)) < len(text):
            document, at = decoder.raw_decode(text, at)
            found.append(visible(json.dumps(redact(document), ensure_ascii=False)))
    except (ValueError, RecursionError):
        return [safe(text)]
    return found or [safe(text)]


def _skip_blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def size(count: float) -> str:
    """Return bytes in the unit a person would use: `1.4 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:  # noqa: PLR2004 - bytes in the next unit
            return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
        count /= 1024
    return f"{count:,.1f} TiB"


def number(value: float) -> str:
    """Return a count or a rate: whole from 100 on, one decimal below when there is one."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"  # noqa: PLR2004 - where a decimal stops to matter


def age(seconds: float | None) -> str:
    """Return a span of time in its largest unit: `42 s`, `3 min`, `2 h`, `5 d`."""
    if seconds is None:
        return "-"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{max(0, seconds):,.0f} s"
