"""A mask under a known key, and an eye for CPFs that does not trust the transform's own."""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from functions.mask_cpf.additions import Additions
from functions.mask_cpf.documents import mask_carefully
from functions.mask_cpf.fastpath import mask_surgically
from functions.mask_cpf.metrics import Tally
from functions.mask_cpf.records import mask_record
from functions.mask_cpf.tokens import Tokens

CPF = "529.982.247-25"
DIGITS = "52998224725"
MASK = "***.982.247-**"
TOKENS = Tokens(b"a key of the tests, long enough", "k1")
TOKEN = TOKENS.of(DIGITS.encode()).decode()
_SEPARATORS = re.compile(r"""[^\w*"'<>(){}\[\]]|_""")
ARRIVAL = 1_795_460_712_123
ADDED = f'"cpf_token":"{TOKEN}","arrived_at":"2026-11-23T19:05:12.123Z"'
ADDED_WITHOUT_TOKEN = '"cpf_token":null,"arrived_at":"2026-11-23T19:05:12.123Z"'


def mask(record: str | bytes, tally: Tally | None = None) -> str:
    """Return what the transform makes of a record."""
    counted = tally or Tally()
    data = record.encode() if isinstance(record, str) else record
    return mask_record(data, Additions(TOKENS, ARRIVAL), counted).decode()


def both_ways(record: bytes) -> tuple[tuple[bytes | None, dict[str, int]], tuple[bytes, dict[str, int]]]:
    """Return (bytes, counts) of the surgical and of the careful way."""
    fast, slow = Tally(), Tally()
    surgically = mask_surgically(record, Additions(TOKENS, ARRIVAL), fast)
    carefully = mask_carefully(record, Additions(TOKENS, ARRIVAL), slow)
    return (surgically, counts(fast)), (carefully, counts(slow))


def counts(tally: Tally) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {name: count for name in Tally.__slots__ if (count := getattr(tally, name))}


def event(*records: bytes, **members: Any) -> dict[str, Any]:
    """Return what Firehose sends for these records."""
    return {
        "invocationId": "4b1f4a0c-1f0c-4e39-9a63-0d1f4f1f9d2e",
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/signups",
        "region": "us-east-1",
        "records": [
            {
                "recordId": f"{place:056d}000000",
                "approximateArrivalTimestamp": ARRIVAL,
                "data": base64.b64encode(record).decode(),
            }
            for place, record in enumerate(records)
        ],
        **members,
    }


def data(answer: dict[str, str]) -> bytes:
    return base64.b64decode(answer["data"])


def shows(output: bytes, digits: str) -> bool:
    """Tell whether the eleven digits can be read anywhere in the output, by whatever reading a person would try."""
    return any(digits in _SEPARATORS.sub("", reading) for reading in _readings(output))


def _readings(output: bytes) -> Iterator[str]:
    text = output.decode(errors="replace")
    yield text
    for read in (_unescaped, unquote, html.unescape, _visible):
        yield (text := read(text))
    for run in re.findall(rb"[A-Za-z0-9+/_-]{14,}", output):
        yield _base64(run)


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(str(int(each)) if each.isdecimal() else each for each in plain)
    return "".join(each for each in plain if unicodedata.category(each) not in ("Cc", "Cf", "Mn", "Me"))


def _base64(run: bytes) -> str:
    padded = run.translate(bytes.maketrans(b"-_", b"+/"))[: len(run) // 4 * 4]
    return binascii.a2b_base64(padded).decode("latin-1")
