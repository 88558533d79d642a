"""Accounts agree with themselves and with Brazil."""

import json
import re
from collections import Counter
from datetime import date
from itertools import islice, pairwise

import pytest

from how_fake_accounts import pools
from how_fake_accounts.data import jobs, names, places
from how_fake_accounts.generator import REFERENCE_DATE, AccountGenerator
from how_fake_accounts.pools import fold
from schemas import Signup

# https://www.anatel.gov.br/setorregulado/codigo-nacional
AREA_CODES = {
    "AC": {68}, "AL": {82}, "AM": {92, 97}, "AP": {96}, "BA": {71, 73, 74, 75, 77}, "CE": {85, 88}, "DF": {61},
    "ES": {27, 28}, "GO": {61, 62, 64}, "MA": {98, 99}, "MG": {31, 32, 33, 34, 35, 37, 38}, "MS": {67},
    "MT": {65, 66}, "PA": {91, 93, 94}, "PB": {83}, "PE": {81, 87}, "PI": {86, 89},
    "PR": {41, 42, 43, 44, 45, 46}, "RJ": {21, 22, 24}, "RN": {84}, "RO": {69}, "RR": {95}, "RS": {51, 53, 54, 55},
    "SC": {47, 48, 49}, "SE": {79}, "SP": {11, 12, 13, 14, 15, 16, 17, 18, 19}, "TO": {63},
}  # fmt: skip

# First five digits; https://buscacepinter.correios.com.br/app/faixa_cep_uf_localidade/index.php
POSTAL_RANGES = {
    "AC": [(69900, 69999)], "AL": [(57000, 57999)], "AM": [(69000, 69299), (69400, 69899)], "AP": [(68900, 68999)],
    "BA": [(40000, 48999)], "CE": [(60000, 63999)], "DF": [(70000, 72799), (73000, 73699)], "ES": [(29000, 29999)],
    "GO": [(72800, 72999), (73700, 76799)], "MA": [(65000, 65999)], "MG": [(30000, 39999)], "MS": [(79000, 79999)],
    "MT": [(78000, 78899)], "PA": [(66000, 68899)], "PB": [(58000, 58999)], "PE": [(50000, 56999)],
    "PI": [(64000, 64999)], "PR": [(80000, 87999)], "RJ": [(20000, 28999)], "RN": [(59000, 59999)],
    "RO": [(76800, 76999)], "RR": [(69300, 69399)], "RS": [(90000, 99999)], "SC": [(88000, 89999)],
    "SE": [(49000, 49999)], "SP": [(1000, 19999)], "TO": [(77000, 77999)],
}  # fmt: skip


def _prefix(postal_code):
    return int(postal_code[:5])


def test_the_area_code_of_the_phone_belongs_to_the_state(people):
    assert all(int(person["phone"][1:3]) in AREA_CODES[person["address"]["state"]] for person in people)


def test_the_postal_code_lies_in_the_state(people):
    for person in people:
        state, prefix = person["address"]["state"], _prefix(person["address"]["postal_code"])
        assert any(low <= prefix <= high for low, high in POSTAL_RANGES[state]), person


@pytest.mark.parametrize(
    ("city", "area_code", "low", "high"),
    [
        ("São Paulo", 11, 1000, 8499),
        ("Rio de Janeiro", 21, 20000, 23799),
        ("Belo Horizonte", 31, 30000, 31999),
        ("Salvador", 71, 40000, 42599),
        ("Fortaleza", 85, 60000, 61599),
        ("Manaus", 92, 69000, 69099),
        ("Curitiba", 41, 80000, 82999),
        ("Porto Alegre", 51, 90000, 91999),
        ("Campinas", 19, 13000, 13139),
        ("Santos", 13, 11000, 11249),
    ],
)
def test_a_city_has_its_own_area_code_and_postal_codes(people, city, area_code, low, high):
    here = [person for person in people if person["address"]["city"] == city]
    assert here
    assert {int(person["phone"][1:3]) for person in here} == {area_code}
    assert all(low <= _prefix(person["address"]["postal_code"]) <= high for person in here)


def test_no_two_cities_share_a_postal_code():
    ranges = sorted(city.postal_prefixes for city in places.CITIES)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(ranges))


def test_people_live_in_all_states_in_proportion_to_the_census(people):
    lived = Counter(person["address"]["state"] for person in people)
    assert set(lived) == set(AREA_CODES)
    everybody = sum(state.residents for state in places.STATES.values())
    assert everybody == 203_080_756
    for code, state in places.STATES.items():
        assert lived[code] / len(people) == pytest.approx(state.residents / everybody, rel=0.25, abs=0.002)


def test_the_email_is_made_of_the_name_and_reaches_nobody(people):
    for person in people:
        first, *_, last = fold(person["name"]).split()
        assert re.fullmatch(rf"{first}\.{last}\d+@example\.(com|net|org)", person["email"]), person


def test_emails_are_unique(people):
    assert len({person["email"] for person in people}) == len(people)


def test_the_job_agrees_with_the_name(people):
    forms = [(names.MEN, 1), (names.WOMEN, 2)]
    by_name = {name: _titles(form) for listed, form in forms for name in listed.split(",")}
    for person in people:
        given = max((name for name in by_name if person["name"].startswith(f"{name} ")), key=len)
        assert person["job"] in by_name[given], person


def _titles(form):
    return {re.sub(r"\{(\w*)\|(\w*)\}", rf"\{form}", title) for title in jobs.TITLES}


def test_everybody_is_an_adult_and_nobody_is_older_than_the_oldest(people):
    ages = [_age(date.fromisoformat(person["birth_date"]), REFERENCE_DATE) for person in people]
    assert min(ages) == 18
    assert 85 <= max(ages) < 90
    assert 40 < sum(ages) / len(ages) < 50


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 3, 1), date(2026, 12, 31)])
def test_ages_are_counted_up_to_the_day_that_is_given(today):
    accounts = list(islice(AccountGenerator(1, today=today).accounts(), 3_000))
    assert min(_age(account.birth_date, today) for account in accounts) == 18
    assert all(0 < (today - account.registration_date.date()).days <= 365 for account in accounts)


def test_what_a_producer_is_handed_keeps_the_contract():
    envelope = '{"signup_id":"01890a5d-ac96-774b-bcce-b302099a8057","created_at":"2026-01-01T00:00:00.000Z",%s,"producer_id":"p","sequence":1}'  # noqa: E501 - one document
    for members in islice(AccountGenerator(3).members(), 5_000):
        assert Signup.model_validate_json(envelope % members).cpf


def test_the_three_forms_of_an_account_say_the_same():
    generator = AccountGenerator(5)
    forms = zip(generator.members(), generator.records(), generator.accounts(), strict=False)
    for members, record, account in islice(forms, 500):
        parsed = json.loads(record)
        assert json.dumps(parsed, ensure_ascii=False, separators=(",", ":")) == record
        registered = parsed.pop("registration_date")
        assert json.loads(f"{{{members}}}") == parsed
        assert account.registration_date.isoformat(timespec="milliseconds") == registered.replace("Z", "+00:00")
        assert account.birth_date.isoformat() == parsed["birth_date"]
        assert [getattr(account.address, part) for part in parsed["address"]] == list(parsed["address"].values())
        assert [account.name, account.email, account.phone, account.cpf, account.job] == [
            parsed[field] for field in ("name", "email", "phone", "cpf", "job")
        ]


def test_no_text_that_accounts_are_made_of_needs_escaping():
    given_names = [text for given in pools.GIVEN for text in (given.name, given.folded, *given.jobs[::7])]
    surnames = [text for surname in pools.SURNAMES for text in surname]
    cities = [place.city for place in pools.PLACES]
    for text in {*given_names, *surnames, *cities, *pools.STREETS, *pools.DISTRICTS}:
        assert json.dumps(text, ensure_ascii=False) == f'"{text}"'
        assert text == text.strip()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"lane": 2, "lanes": 2}, "there is no lane 2 of 2"),
        ({"lane": -1}, "there is no lane -1 of 1"),
        ({"start_at": -1}, "cannot start at -1"),
        ({"start_at": 999_999_990}, "cannot start at 999999990"),
        ({"today": date(1899, 12, 31)}, "must be in the year 1900 or later"),
    ],
)
def test_a_generator_that_cannot_be_says_why(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        AccountGenerator(1, **arguments)


def _age(born, today):
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
