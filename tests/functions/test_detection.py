"""What counts as a CPF in a text, and what is left alone."""

import pytest

from functions.mask_cpf.detection import check_digits_hold, mask_text
from schemas.cpf import check_digits
from tests.functions.support import CPF, DIGITS, MASK


@pytest.mark.parametrize(
    "text",
    [
        CPF,
        "529982247-25",
        "529.982.24725",
        "529 982 247 25",
        "529/982/247/25",
        "529_982_247_25",
        "529. 982. 247 - 25",
        "529\u00a0982\u200b247\u201325",
        "529\n982\n247\n25",
        "529:982:247:25",
        "５２９．９８２．２４７－２５",  # noqa: RUF001 - full-width digits are the point
        "٥٢٩٩٨٢٢٤٧٢٥",
        "".join(chr(ord("\N{MATHEMATICAL BOLD DIGIT ZERO}") + int(digit)) for digit in DIGITS),
        DIGITS,
        "5 2 9 9 8 2 2 4 7 2 5",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Ana {}.", "cpf={};", "({})", "x{}y", "ana.{}@example.com"])
def test_a_cpf_in_a_text_is_masked(around, text):
    assert mask_text(around.format(text)) == around.format(MASK)


def test_a_formatted_cpf_is_masked_whatever_its_check_digits_and_its_neighbours():
    assert mask_text("1123.456.789-012") == "1***.456.789-**2"


@pytest.mark.parametrize(
    "hidden",
    [
        "\\u00352998224725",
        "%35%32%39%39%38%32%32%34%37%32%35",
        "529%2E982%2E247%2D25",
        "%2535299822472%2535",
        "&#53;2998224725",
        "&#x35;2998224725",
        "5\u200b2\u200b9982\u200d24725",
        "5\ufe0f\u20e32998224725",
        "⁵²⁹⁹⁸²²⁴⁷²⁵",
        "①①①④④④⑦⑦⑦③⑤",
    ],
)
def test_digits_hidden_in_a_text_are_starred(hidden):
    assert not any(character.isnumeric() for character in mask_text(f"see {hidden}"))


def test_where_cpfs_overlap_no_digit_stays():
    assert mask_text("999.529.982.247-25") == "***.***.***.***-**"
    assert mask_text(f"{CPF} {CPF}") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "(11) 98765-4321",
        "+55 11 98765-4321",
        "0800 123 4567",
        "2026-11-23T19:05:12.123Z",
        "2026-11-23-19",
        "2026-11-23 19:05:12.123456",
        "01310-100",
        "12.345.678/0001-95",
        "4111 1111 1111 1111",
        "1795460712123",
        "52998224724",
        "5299822472",
        "529982247251",
        "529.982.247-2",
        "019ab529-9822-4725-8a1b-52998224725a",
        "52998224725a4c0f9a630d1f4f1f9d2e",
        "arn:aws:ecs:us-east-1:123456789012:task/signups/0123456789abcdef0123456789abcdef",
        "joao.conceicao.12345678@example.com",
        "100% of 3 & 4",
    ],
)
def test_what_is_no_cpf_is_left_alone(text):
    assert mask_text(text) == text


def test_even_an_identifier_gives_up_the_documents_own_cpf():
    text = "019ab529-9822-7725-8a1b-52998224725a"
    assert mask_text(text, (DIGITS,)) == f"019ab529-9822-7725-8a1b-{MASK}a"


@pytest.mark.parametrize("base", ["529982247", "111444777", "000000001", "999999999", "123456789"])
def test_check_digits_agree_with_the_contracts(base):
    digits = base + check_digits(base)
    assert check_digits_hold(digits)
    assert not check_digits_hold(digits[:10] + str((int(digits[10]) + 1) % 10))
    assert not check_digits_hold(digits[:9] + str((int(digits[9]) + 1) % 10) + digits[10])


@pytest.mark.parametrize("text", [f"{DIGITS} ", "529.982.247-25-", "529982247-25-", "5 2 9 9 8 2 2 4 7 2 5;"])
def test_a_text_full_of_cpfs_is_masked_in_time_that_grows_no_faster_than_it(text):
    masked = mask_text(text * 20_000)
    assert DIGITS not in masked
    assert "529" not in masked


def test_a_text_full_of_identifiers_stays_as_it_is():
    text = "019ab529-9822-4725-8a1b-52998224725a " * 20_000
    assert mask_text(text) == text
