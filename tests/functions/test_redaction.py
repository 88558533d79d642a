"""What the transform leaves of what it cannot understand."""

import base64
import gzip
import json

import pytest

from functions.mask_cpf.documents import PIECES_TRIED
from functions.mask_cpf.metrics import Tally
from tests.functions.support import ADDED, CPF, DIGITS, MASK, counts, mask, shows

DOCUMENT = f'{{"name":"João","cpf":"{CPF}"}}'
MASKED = f'{{"name":"João","cpf":"{MASK}",{ADDED}}}\n'
REDACTED = 'redacted: {"name":"João","cpf":"***.***.***-**"'


@pytest.mark.parametrize(
    ("record", "left"),
    [
        (f"cpf {CPF}", "redacted: cpf ***.***.***-**\n"),
        (DOCUMENT[:-1], REDACTED + "\n"),
        (f"[{DOCUMENT}]", f"redacted: [{REDACTED[10:]}}}]\n"),
        (f'"{CPF}"', 'redacted: "***.***.***-**"\n'),
        (DIGITS, "redacted: ***********\n"),
        ("null", "redacted: null\n"),
        (f'{{"cpf":"{CPF}",}}', 'redacted: {"cpf":"***.***.***-**",}\n'),
        (f'{{"n":NaN,"cpf":"{CPF}"}}', 'redacted: {"n":NaN,"cpf":"***.***.***-**"}\n'),
        (f'{{"cpf":0{DIGITS}}}', 'redacted: {"cpf":************}\n'),
        (f'{{"cpf":"{CPF}\n"}}', 'redacted: {"cpf":"***.***.***-**\nredacted: "}\n'),
        ('{"\\u0063pf":"\\u0035\\u0032', 'redacted: {"\\u**c*pf":"\\u****\\u****\n'.replace("**c*", "**" + "*" * 2)),
        ("%35%32%39 &#53;&#50;", "redacted: %**%**%** &#**;&#**;\n"),
        (f"\ufeff{DOCUMENT}", "redacted: \ufeff" + REDACTED[10:] + "}\n"),
        ("५२९ 五二九", "redacted: *** ***\n"),
        ("\x00\x1b[0m", "redacted: ��[*m\n"),
    ],
)
def test_a_person_still_sees_what_it_was(record, left):
    assert mask(record) == left


@pytest.mark.parametrize(
    "record",
    [
        DOCUMENT.encode("latin-1"),
        DOCUMENT.encode("utf-16"),
        DOCUMENT.encode("utf-32-be"),
        base64.b64encode(DOCUMENT.encode()),
        base64.b32encode(DOCUMENT.encode()),
        base64.b32encode(DIGITS.encode()).lower(),
        base64.urlsafe_b64encode(CPF.encode()),
        DOCUMENT.encode().hex().encode(),
        DOCUMENT.encode("cp037"),
        gzip.compress(DOCUMENT.encode(), mtime=0),  # else the case has another name in every process
        b"\xff" + DOCUMENT.encode(),
        DOCUMENT.encode()[:10] + b"\xc3" + DOCUMENT.encode()[10:],
        b'{"a":' * 100_000 + DIGITS.encode(),
    ],
)
def test_a_record_that_is_no_json_shows_no_digit_and_is_refused_by_every_parser(record):
    tally = Tally()
    left = mask(record, tally)
    assert left.startswith("redacted: ")
    assert not any(character.isnumeric() for character in left)
    assert base64.b64encode(CPF.encode()[:12]).decode()[:8] not in left
    assert base64.b32encode(DIGITS.encode()).decode().lower()[:8] not in left.lower()
    assert counts(tally) == {"documents": 1, "redacted": 1}
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(left)


def test_redacting_again_changes_nothing():
    once = mask(f"{DOCUMENT} junk {CPF}\n\x00 abcdefghijklmnopqrstuvw QUJDREVGR0hJSktM")
    assert mask(once) == once


def test_good_documents_of_a_record_survive_beside_what_is_redacted():
    tally = Tally()
    record = f"{DOCUMENT} tail {CPF}\n{DOCUMENT}\n{DOCUMENT[:20]}\n{DOCUMENT}{DOCUMENT[:-2]}"
    masked = mask(record, tally)
    assert masked == (
        MASKED
        + "redacted: tail ***.***.***-**\n"
        + MASKED
        + 'redacted: {"name":"João","cpf"\n'
        + MASKED
        + REDACTED[:-1]
        + "\n"
    )
    assert counts(tally) == {"documents": 6, "masked": 3, "redacted": 3}


def test_bytes_that_are_not_utf8_cost_only_their_own_document():
    record = DOCUMENT.encode("latin-1") + b"\n" + DOCUMENT.encode()
    assert mask(record) == f'redacted: {{"name":"Jo\ufffdo","cpf":"***.***.***-**"}}\n{MASKED}'


def test_after_many_bad_lines_the_rest_is_redacted_as_one():
    tally = Tally()
    record = "\n".join([f"bad {DIGITS}"] * (PIECES_TRIED + 50) + [DOCUMENT])
    masked = mask(record, tally)
    assert masked.count("redacted: ") == PIECES_TRIED + 1
    assert counts(tally) == {"documents": PIECES_TRIED + 1, "redacted": PIECES_TRIED + 1}
    assert not shows(masked.encode(), DIGITS)
    assert mask(masked) == masked
