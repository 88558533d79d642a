"""What comes out of records is shown masked, visible and of a bearable length."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.console import screen


@pytest.mark.parametrize(
    "written",
    [
        "12345678909",
        "123.456.789-09",
        "123 456 789 09",
        "123-456-789-09",
        "123.456.789/09",
        "".join(chr(0xFF10 + int(digit)) for digit in "12345678909"),
    ],
)
def test_a_cpf_is_masked_however_it_is_grouped(written):
    shown = screen.safe(f"cpf={written};")

    assert "***." in shown
    assert written not in shown


@given(
    st.from_regex(r"\A[0-9]{11}\Z"),
    st.text(st.characters(exclude_categories=["Nd"], exclude_characters="abcdef"), max_size=20),
)
def test_no_eleven_digits_get_through_whatever_is_around_them(digits, around):
    assert digits not in screen.safe(f"{around}{digits}{around}")


@given(st.text())
def test_masking_twice_is_masking_once(text):
    assert screen.mask(screen.mask(text)) == screen.mask(text)


def test_identifiers_and_tokens_are_left_readable():
    for text in ("01a20a89-12e6-7263-9046-652957130643", "0123456789" * 6 + "abcd", "2026-11-23 22:02:03"):
        assert screen.safe(text) == text


def test_a_member_called_cpf_is_masked_whatever_it_looks_like():
    raw = json.dumps({"cpf": "not quite 1234567", "Old_CPF": 12345678909, "cpf_token": "ab" * 32}).encode()

    (shown,) = screen.documents(raw)

    assert "1234567" not in shown
    assert "345678909" not in shown
    assert "ab" * 32 in shown


def test_a_token_is_left_readable_and_a_cpf_in_its_place_is_not():
    (token,) = screen.documents(b'{"cpf_token": "k1.zt0UsudA1hMaJ2knpSQ"}')
    (raw,) = screen.documents(b'{"cpf_token": "123.456.789-09"}')

    assert token == '{"cpf_token": "k1.zt0UsudA1hMaJ2knpSQ"}'
    assert raw == '{"cpf_token": "***.456.789-**"}'


def test_the_time_in_an_objects_key_is_no_cpf():
    name = "signups/dt=2026-11-24-02/signups-1-2026-11-24-02-14-49-68a17587-2243-4988-bc05-c0a07b0cc48c.parquet"

    assert screen.key(name) == name
    assert screen.key(f"by/12345678909/{name}") == f"by/***.456.789-**/{name}"


def test_a_cpf_deep_in_a_document_or_in_a_key_is_masked():
    (shown,) = screen.documents(b'{"a": [{"b": {"123.456.789-09": "x 12345678909"}}]}')

    assert shown.count("***.456.789-**") == 2


def test_a_packed_record_shows_every_document():
    assert len(screen.documents(b'{"a": 1}\n{"a": 2}{"a": 3}')) == 3


def test_what_is_not_json_is_shown_as_masked_text():
    assert screen.documents(b'{"cpf": "123.456.789-09') == ['{"cpf": "***.456.789-**']
    assert screen.documents(b"\xff\xfe") == ["\N{REPLACEMENT CHARACTER}" * 2]
    assert screen.documents(b"") == [""]


def test_characters_that_hide_or_turn_text_are_spelled_out():
    shown = screen.safe("admin\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\N{ZERO WIDTH SPACE}\x1b[31m")

    assert shown == "admin⟨U+202E⟩gpj.exe⟨U+200B⟩⟨U+001B⟩[31m"


def test_a_long_string_is_cut_and_says_so():
    shown = screen.safe("x" * 100_000)

    assert len(shown) < 2_100
    assert shown.endswith("… 98,000 more characters")


def test_a_cpf_at_the_cut_is_masked_before_it_is_cut():
    shown = screen.safe("x" * 1_995 + " 12345678909")

    assert "1234" not in shown


def test_a_record_too_large_to_parse_is_shown_from_its_beginning():
    (shown,) = screen.documents(b'{"cpf": "123.456.789-09", "name": "' + b"x" * 1_000_000)

    assert shown.startswith('{"cpf": "***.456.789-**"')
    assert len(shown) < 2_100


def test_a_document_nested_to_death_is_shown_as_text():
    assert screen.documents(b"[" * 100_000)[0].startswith("[[[")


@pytest.mark.parametrize(
    ("bytes_", "words"), [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (5 * 2**20, "5.0 MiB"), (2**42, "4.0 TiB")]
)
def test_sizes_in_a_persons_units(bytes_, words):
    assert screen.size(bytes_) == words


@pytest.mark.parametrize(("seconds", "words"), [(None, "-"), (-3, "0 s"), (61, "61 s"), (180, "3 min"), (7200, "2 h")])
def test_ages_in_a_persons_units(seconds, words):
    assert screen.age(seconds) == words
