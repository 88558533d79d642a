"""The contract takes what the pipeline sends and refuses what would be lost or leak on the way."""

import pytest
from pydantic import ValidationError

from schemas import DeliveredSignup, Signup
from schemas.cpf import check_digits, valid_cpf

ADDRESS = {
    "street": "Rua das Flores", "number": "12", "district": "Centro",
    "city": "São Paulo", "state": "SP", "postal_code": "01001-000",
}  # fmt: skip

GOOD = {
    "signup_id": "01a20a76-8f60-7e4d-8d2f-7ffa1eb72795",
    "created_at": "2026-11-23T22:11:11.840Z",
    "name": "Ana Conceição",
    "email": "ana.conceicao.1@example.com",
    "phone": "(11) 91234-5678",
    "birth_date": "1990-02-28",
    "job": "Engenheira",
    "address": ADDRESS,
    "cpf": "529.982.247-25",
    "producer_id": "p",
    "sequence": 1,
}  # fmt: skip

DELIVERED = {**GOOD, "cpf": "***.982.247-**", "cpf_token": None, "arrived_at": "2026-11-23T22:11:12.000Z"}


def test_a_signup_survives_the_round_trip_with_its_instant_in_utc():
    signup = Signup.model_validate(GOOD)
    assert '"created_at":"2026-11-23T22:11:11.840Z"' in signup.model_dump_json()
    assert Signup.model_validate_json(signup.model_dump_json()) == signup


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signup_id", "01a20a76-8f60-4e4d-8d2f-7ffa1eb72795"),  # a UUIDv4: not ordered by time
        ("created_at", "2026-11-23T22:11:11.840"),  # no zone
        ("email", "ana@gmail.com"),  # could reach a person
        ("phone", "(11) 1234-5678"),  # no ninth digit
        ("birth_date", "1990-02-30"),
        ("cpf", "529.982.247-26"),  # check digits
        ("cpf", "111.111.111-11"),  # holds, and is never issued
        ("cpf", "52998224725"),
        ("sequence", 0),
        ("name", ""),
        ("address", {**ADDRESS, "state": "XX"}),
        ("address", {**ADDRESS, "postal_code": "01001000"}),
        ("referrer", "not in the contract"),
    ],
)
def test_what_is_not_in_the_contract_is_refused(field, value):
    with pytest.raises(ValidationError):
        Signup.model_validate({**GOOD, field: value})


def test_a_raw_cpf_may_not_land():
    assert DeliveredSignup.model_validate(DELIVERED).cpf == "***.982.247-**"
    with pytest.raises(ValidationError):
        DeliveredSignup.model_validate({**DELIVERED, "cpf": GOOD["cpf"]})


def test_check_digits_of_published_examples():
    # https://pt.wikipedia.org/wiki/Cadastro_de_Pessoas_Físicas works the first one out.
    assert check_digits("529982247") == "25"
    assert check_digits("111444777") == "35"


def test_a_refused_cpf_is_not_repeated_in_the_message():
    with pytest.raises(ValueError, match="check digits") as refused:
        valid_cpf("529.982.247-26")
    assert "529" not in str(refused.value)
