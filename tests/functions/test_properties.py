"""Whatever comes in: no raw CPF comes out, and the shortcut is no other way."""

import base64
import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.mask_cpf.metrics import Tally
from schemas.cpf import check_digits
from tests.functions.support import both_ways, counts, mask, shows

WORDS = st.text("abc ãç(){}'\n", max_size=6)
KEYS = st.sampled_from(
    ["cpf", "CPF", "cPf", "name", "user.cpf", "cpfs", "cpf_token", "arrived_at", "note", "C.P.F.", "a b"]
)
LETTERS = st.text("abcãç!: ", max_size=4)
# Bare digits count between borders only; a formatted CPF may touch other digits.
BORDERS = LETTERS.map(lambda text: text.replace(":", "(") if text else "")


@st.composite
def cpfs(draw: st.DrawFn) -> str:
    base = f"{draw(st.integers(10**7, 10**9 - 1)):09d}"
    return base + check_digits(base)


def grouped(digits: str, *separators: str) -> str:
    first, second, third = separators
    return digits[:3] + first + digits[3:6] + second + digits[6:9] + third + digits[9:]


@st.composite
def written(draw: st.DrawFn, digits: str) -> str:
    """Return a text with the CPF in it, in one of the ways that the transform promises to see."""
    separator = st.sampled_from([".", "-", " ", "/", "\u00a0", "\u2013", ", ", "_"])
    way = draw(
        st.one_of(
            st.tuples(separator, separator, separator).map(lambda chosen: grouped(digits, *chosen)),
            st.sampled_from(
                [
                    digits,
                    grouped(digits, "", "", "-"),
                    grouped(digits, ".", ".", ""),
                    "".join(chr(0xFF10 + int(digit)) for digit in digits),
                    "".join(f"\\u{ord(digit):04x}" for digit in digits),
                    "".join(f"%{ord(digit):02X}" for digit in digits),
                    "\u200b".join(digits),
                    " ".join(digits),
                    f"{digits[0]}{grouped(digits, '.', '.', '-')}1",
                ]
            ),
        )
    )
    return draw(BORDERS) + way + draw(BORDERS)


def values(digits: str) -> st.SearchStrategy[Any]:
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1000, 1000),
        WORDS,
        written(digits),
        written(digits),
        # With its leading zeros lost a CPF is known only under `cpf`.
        st.just(int(digits) if digits[0] != "0" else 0),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, written(digits)), inner, max_size=3)
        ),
        max_leaves=8,
    )


@st.composite
def documents(draw: st.DrawFn, digits: str) -> str:
    members = draw(st.dictionaries(st.one_of(KEYS, WORDS, written(digits)), values(digits), max_size=6))
    if draw(st.booleans()):
        members["cpf"] = draw(st.sampled_from([digits, grouped(digits, ".", ".", "-"), int(digits), [digits], None]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:")]))
    text = json.dumps(members, ensure_ascii=draw(st.booleans()), separators=separators)
    if draw(st.booleans()):
        text = re.sub(r'(?<=[0-9.])5(?=[^"]*")(?=[0-9.-]+")', r"\\u0035", text)
    return text


@st.composite
def records(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """Return a record and the CPFs in it."""
    digits = draw(st.lists(cpfs(), min_size=1, max_size=3))
    joint = draw(st.sampled_from(["", "\n", " ", ",", "\n\n", "x"]))
    text = joint.join([draw(documents(each)) for each in digits])
    if draw(st.booleans()):
        text = text[: draw(st.integers(0, len(text)))]
    record = text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16-le"])))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(record)))
        # What ends the document; or what may stay in it, unless it breaks an escape so that other digits are left.
        junk = [b"\xff", b"\x00", b"\xc3"] + ([] if b"\\" in record or b"%" in record else [b"[", b"junk", b'"'])
        record = record[:at] + draw(st.sampled_from(junk)) + record[at:]
    return (base64.b64encode(record) if draw(st.integers(0, 9)) == 0 else record), digits


@settings(max_examples=300, deadline=None)
@given(records())
def test_no_raw_cpf_survives_and_masking_twice_is_masking_once(generated):
    record, digits = generated
    tally = Tally()
    once = mask(record, tally)
    for each in digits:
        assert not shows(once.encode(), each)
    assert mask(once) == once
    assert tally.documents == tally.masked + tally.redacted + tally.without_cpf


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_end_as_lines_that_are_masked_already(record):
    once = mask(record)
    assert once.endswith("\n") or not once.strip()
    assert mask(once) == once


PLAIN = st.text('abcxyz 0123456789.-/_:,"\\%&ãçé\u00d7\u00f7º²\u00a0*()', max_size=14)


@st.composite
def nearly_plain(draw: st.DrawFn) -> bytes:
    """Return a record that is about as regular as the producer's."""
    digits = draw(st.one_of(cpfs(), st.integers(0, 9999).map("{:011d}".format)))
    keys = st.sampled_from(["name", "job", "sequence", "id", "cpf_x", "arrived_at", "c_pf", "Job"])
    scalars = st.one_of(
        PLAIN,
        st.none(),
        st.booleans(),
        st.integers(0, 10**13),
        st.sampled_from([digits, int(digits), digits.lstrip("0")]),
    )
    members = draw(
        st.dictionaries(keys, st.one_of(scalars, scalars, st.dictionaries(keys, scalars, max_size=2)), max_size=4)
    )
    members["cpf"] = grouped(digits, ".", ".", "-")
    members |= draw(st.dictionaries(keys, scalars, max_size=2))
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    return (draw(st.sampled_from(["", "\n"])).join([text] * draw(st.integers(1, 2)))).encode()


@settings(max_examples=800, deadline=None)
@given(nearly_plain())
def test_the_surgical_way_does_what_the_careful_way_does_or_nothing(record):
    (surgically, quick), (carefully, slow) = both_ways(record)
    if surgically is None:
        assert quick == {}
    else:
        assert (surgically, quick) == (carefully, slow)


def test_counts_of_a_record_are_those_of_its_documents():
    tally = Tally()
    mask('{"cpf":"529.982.247-25"}{"cpf":null}\n{"cpf":1}\n[]', tally)
    assert counts(tally) == {"documents": 4, "masked": 1, "without_cpf": 1, "redacted": 2}
