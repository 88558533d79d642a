"""What the transform makes of a well-formed document."""

import json

import pytest

from functions.mask_cpf.additions import instant
from functions.mask_cpf.metrics import Tally
from schemas import DeliveredSignup, Signup
from tests.functions.support import (
    ADDED,
    ADDED_WITHOUT_TOKEN,
    ARRIVAL,
    CPF,
    DIGITS,
    MASK,
    TOKEN,
    TOKENS,
    both_ways,
    counts,
    mask,
    shows,
)

SIGNUP = (
    '{"signup_id":"019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071","created_at":"2026-11-23T19:05:11.900Z",'
    '"name":"João Conceição","email":"joao.conceicao.12345@example.com","phone":"(11) 98765-4321",'
    '"birth_date":"1990-05-12","job":"Engenheiro","address":{"street":"Rua das Flores","number":"123",'
    '"district":"Centro","city":"São Paulo","state":"SP","postal_code":"01310-100"},'
    f'"cpf":"{CPF}","producer_id":"laptop-1","sequence":12345}}'
)
MASKED_SIGNUP = SIGNUP.replace(CPF, MASK)[:-1] + "," + ADDED + "}\n"


def test_the_cpf_is_masked_and_token_and_arrival_are_added_and_nothing_else_changes():
    assert mask(SIGNUP) == MASKED_SIGNUP


def test_the_sign_up_of_these_tests_is_one_of_the_contract():
    assert Signup.model_validate_json(SIGNUP).model_dump_json() == SIGNUP


def test_a_masked_sign_up_is_what_the_contract_lets_into_the_bucket():
    delivered = DeliveredSignup.model_validate_json(mask(SIGNUP))
    assert (delivered.cpf, delivered.cpf_token) == (MASK, TOKEN)


@pytest.mark.parametrize("joint", ["", "\n", " \r\n\t"])
def test_every_document_of_a_packed_record_is_masked(joint):
    assert mask(joint.join([SIGNUP] * 3) + joint) == MASKED_SIGNUP * 3


@pytest.mark.parametrize("packed", [SIGNUP, SIGNUP + "\n" + SIGNUP, SIGNUP + SIGNUP + "\n"])
def test_the_producers_records_take_the_fast_path_and_it_does_what_the_careful_way_does(packed):
    surgically, carefully = both_ways(packed.encode())
    assert surgically == carefully


@pytest.mark.parametrize(
    "value",
    [
        f'"{CPF}"',
        f'"{DIGITS}"',
        DIGITS,
        f"{DIGITS}.0",
        "5.2998224725e10",
        '"529 982 247 25"',
        '" 529.982.247/25 "',
        '"529\u00a0982\u00a0247\u00a025"',
        '"５２９．９８２．２４７－２５"',  # noqa: RUF001 - full-width digits are the point
        '"٥٢٩٩٨٢٢٤٧٢٥"',
        '"\\u0035299822472\\u0035"',
    ],
)
@pytest.mark.parametrize("key", ["cpf", "CPF", "Cpf", "\\u0063pf", "c\\u0050f"])
def test_eleven_digits_under_cpf_are_masked_and_have_their_token_however_they_are_written(key, value):
    document = json.loads(mask(f'{{"{key}": {value}}}'))
    assert (next(iter(document.values())), document["cpf_token"]) == (MASK, TOKEN)


@pytest.mark.parametrize(
    ("number", "digits"), [("191912345", "00191912345"), ("1919123456", "01919123456"), ("12345678909", "12345678909")]
)
def test_leading_zeros_lost_in_a_number_are_put_back(number, digits):
    document = json.loads(mask(f'{{"cpf":{number}}}'))
    assert document["cpf"] == f"***.{digits[3:6]}.{digits[6:9]}-**"
    assert document["cpf_token"] == TOKENS.of(digits.encode()).decode()


@pytest.mark.parametrize(
    "value",
    [
        '"529.982.247-2"',
        '"529.982.247-255"',
        '"n/a"',
        f'"CPF {CPF}"',
        "12345678",
        "529982247251",
        "true",
        f'["{CPF}"]',
        f'{{"number":"{CPF}"}}',
        "1e400",
    ],
)
def test_what_is_no_cpf_under_cpf_is_redacted_and_has_no_token(value):
    tally = Tally()
    assert mask(f'{{"cpf":{value}}}', tally) == f'{{"cpf":"***.***.***-**",{ADDED_WITHOUT_TOKEN}}}\n'
    assert counts(tally) == {"documents": 1, "redacted": 1}


@pytest.mark.parametrize("document", ["{}", '{"name":"Ana"}', '{"cpf":null}', '{"cpf":""}'])
def test_a_document_without_cpf_passes_and_is_counted(document):
    tally = Tally()
    assert mask(document, tally) == document[:-1] + ("," if document != "{}" else "") + ADDED_WITHOUT_TOKEN + "}\n"
    assert counts(tally) == {"documents": 1, "without_cpf": 1}


def test_of_several_cpf_all_are_masked_and_the_last_has_the_token():
    assert mask(f'{{"cpf":"111.444.777-35","Cpf":"{CPF}"}}') == f'{{"cpf":"***.444.777-**","Cpf":"{MASK}",{ADDED}}}\n'


def test_members_that_the_transform_adds_cannot_be_forged():
    forged = f'{{"cpf":"{CPF}","cpf_token":"k1.AAAAAAAAAAAAAAAAAAAA","ARRIVED_AT":"1999-01-01T00:00:00.000Z"}}'
    assert mask(forged) == f'{{"cpf":"{MASK}",{ADDED}}}\n'


def test_a_document_masked_before_keeps_its_mask_and_token_when_it_is_sent_again():
    tally = Tally()
    assert mask(MASKED_SIGNUP, tally) == MASKED_SIGNUP
    assert counts(tally) == {"documents": 1, "masked": 1}


def test_what_is_no_token_is_not_kept():
    assert (
        mask(f'{{"cpf":"{MASK}","cpf_token":"x.{DIGITS}AAAAAAAAA"}}') == f'{{"cpf":"{MASK}",{ADDED_WITHOUT_TOKEN}}}\n'
    )


@pytest.mark.parametrize("value", [f'"{CPF}"', DIGITS, f'"{DIGITS}"', f'["{CPF}"]', f'{{"CPF":{DIGITS}}}'])
@pytest.mark.parametrize("key", ["name", "user.cpf", "cpf_number", "C.P.F.", "address"])
def test_a_cpf_in_another_place_is_masked_and_counted(key, value):
    tally = Tally()
    masked = mask(f'{{"cpf":"111.444.777-35","{key}":{value}}}', tally)
    assert not shows(masked.encode(), DIGITS)
    assert "***" in masked.split(",")[1]
    assert counts(tally)["documents"] == 1


def test_the_documents_own_cpf_is_found_where_check_digits_and_borders_would_not_tell():
    invalid = "123.456.789-01"
    masked = mask(f'{{"cpf":"{invalid}","name":"id 12345678901","note":"9912345678901","sum":12345678901}}')
    assert '"name":"id ***.456.789-**","note":"99***.456.789-**","sum":"***.456.789-**"' in masked
    lost_zeros = mask('{"cpf":"001.919.123-45","sequence":191912345,"number":"0191912345"}')
    assert '"sequence":"***.919.123-**","number":"0191912345"' in lost_zeros


def test_duplicates_and_numbers_and_order_stay_as_they_were_written():
    document = '{"b":1.50,"a":-0,"b":[1e5,{"x":null,"x":true}],"a":12345678901234567890123}'
    assert mask(document) == document[:-1] + "," + ADDED_WITHOUT_TOKEN + "}\n"


def test_letters_beyond_ascii_do_not_grow_and_lone_surrogates_stay_json():
    assert '"name":"João 😀"' in mask('{"name":"Jo\\u00e3o \\ud83d\\ude00"}')
    assert json.loads(mask('{"name":"\\ud800"}'))["name"] == "\ud800"


@pytest.mark.parametrize("blank", ["", " ", "\n", " \r\n\t "])
def test_a_blank_record_stays_as_it_is(blank):
    tally = Tally()
    assert mask(blank, tally) == blank
    assert counts(tally) == {}


def test_arrival_is_null_if_firehose_gave_none():
    assert instant(ARRIVAL) == b'"2026-11-23T19:05:12.123Z"'
    assert [instant(each) for each in (None, "1", -1, True, 10**20)] == [b"null"] * 5
