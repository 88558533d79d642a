"""The Faker provider, and what code written for 1.2.0 relies on."""

import json
import re
import subprocess
import sys
from datetime import date

import boto3
import pytest
from faker import Faker
from moto import mock_aws

import how_fake_accounts
from how_fake_accounts import fake
from how_fake_accounts.account import Account
from how_fake_accounts.provider import AccountProvider

FIELDS = {
    "registration_date": str,
    "name": str,
    "email": str,
    "phone": str,
    "cpf": str,
    "birth_date": date,
    "address": str,
    "job": str,
}
"""As 1.2.0 made them, in its order."""


@pytest.fixture
def seeded():
    """Return a Faker of its own with the provider."""
    faker = Faker("pt_BR")
    faker.add_provider(AccountProvider)
    faker.seed_instance(7)
    return faker


@pytest.fixture
def without(monkeypatch):
    """Return a function that makes a library impossible to import."""

    def remove(library):
        for module in [name for name in sys.modules if name.partition(".")[0] == library]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, library, None)

    return remove


def test_accounts_have_the_fields_and_types_of_1_2_0():
    accounts = fake.generate_accounts(10)
    assert isinstance(accounts, list)
    assert len(accounts) == 10
    for account in accounts:
        assert {field: type(value) for field, value in account.items()} == FIELDS
        assert list(account) == list(FIELDS)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", account["registration_date"])
        assert "\n" not in account["address"]


def test_ten_accounts_are_made_when_no_number_is_given():
    assert len(fake.generate_accounts()) == 10


def test_no_accounts_are_a_number_too():
    assert fake.generate_accounts(0) == []
    assert "cpf" in repr(fake.generate_accounts(0).head())


def test_a_number_below_zero_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="n_accounts is -1: ask for 0 accounts or more"):
        fake.generate_accounts(-1)


def test_the_seed_of_the_instance_governs(seeded):
    first = seeded.generate_accounts(5)
    assert seeded.generate_accounts(5) != first
    seeded.seed_instance(7)
    assert seeded.generate_accounts(5) == first


def test_the_shared_seed_governs():
    Faker.seed(11)
    first = fake.generate_accounts(5)
    Faker.seed(11)
    assert fake.generate_accounts(5) == first


def test_instances_do_not_disturb_each_other(seeded):
    expected = seeded.generate_accounts(5)
    seeded.seed_instance(7)
    fake.generate_accounts(5)
    assert seeded.generate_accounts(5) == expected


def test_one_account_has_its_address_in_fields(seeded):
    account = seeded.account(today=date(2026, 11, 23))
    assert isinstance(account, Account)
    assert account.address.one_line() == account.flat()["address"]
    assert date(2025, 11, 23) <= account.registration_date.date() < date(2026, 11, 23)


def test_head_shows_a_table_of_the_first_five(seeded, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    accounts = seeded.generate_accounts(10)
    heading, rule, *lines = repr(accounts.head()).splitlines()
    assert heading.split() == list(FIELDS)
    assert set(rule) == {"─", " "}
    assert len(lines) == 5
    for line, account in zip(lines, accounts, strict=False):
        assert all(str(account[field]) in line for field in ("name", "email", "cpf", "address", "job"))
    assert str(accounts.head(2)).splitlines() != repr(accounts.head(3)).splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160])
def test_a_table_fits_the_terminal(seeded, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = repr(seeded.generate_accounts(10).head(10)).splitlines()
    assert max(map(len, lines)) <= width
    assert all(line.strip() for line in lines)
    assert "name" in lines[0]
    assert "cpf" in lines[0]


def test_a_notebook_shows_a_table(seeded):
    html = seeded.generate_accounts(3).head()._repr_html_()
    assert html.count("<tr>") == 4
    assert "<th>cpf</th>" in html


def test_pandas_gets_the_dates_as_dates(seeded):
    frame = seeded.generate_accounts(10).to_pandas()
    assert list(frame.columns) == list(FIELDS)
    assert len(frame) == 10
    assert frame["registration_date"].dt.year.eq(2025).all()
    assert frame["birth_date"].dt.year.between(1936, 2007).all()


def test_pandas_gets_no_accounts_with_all_columns(seeded):
    assert list(seeded.generate_accounts(0).to_pandas().columns) == list(FIELDS)


def test_without_pandas_it_says_what_to_install(seeded, without):
    without("pandas")
    with pytest.raises(ImportError, match=r"this needs pandas: pip install 'how-fake-accounts\[pandas\]'"):
        seeded.generate_accounts(1).to_pandas()


def test_save_locally_writes_the_file_that_it_is_told_to(seeded, tmp_path):
    accounts = seeded.generate_accounts(3)
    fake.save_locally(accounts, path=str(tmp_path), filename="other.json")
    saved = json.loads((tmp_path / "other.json").read_text(encoding="utf-8"))
    assert saved == [account | {"birth_date": str(account["birth_date"])} for account in accounts]


@mock_aws
def test_save_into_s3_puts_an_object(seeded, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3 = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test").client("s3")
    s3.create_bucket(Bucket="bronze")
    accounts = seeded.generate_accounts(3)
    assert fake.save_into_s3(accounts, bucket="bronze", key="a/accounts.json", filename="x.json", **keys)
    saved = json.loads(s3.get_object(Bucket="bronze", Key="a/accounts.json")["Body"].read())
    assert [account["cpf"] for account in saved] == [account["cpf"] for account in accounts]
    assert not fake.save_into_s3(accounts, bucket="no-such-bucket", key="accounts.json", **keys)


def test_without_boto3_it_says_what_to_install(seeded, without):
    without("boto3")
    with pytest.raises(ImportError, match="this needs boto3: pip install 'boto3'"):
        fake.save_into_s3(seeded.generate_accounts(1), "bucket", "key")


def test_generating_imports_nothing_but_the_standard_library():
    """A producer, and the command, start without waiting for Faker."""
    script = "import sys, how_fake_accounts.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(run.stdout.split())
    assert "how_fake_accounts" in imported
    assert not imported & {"faker", "boto3", "pandas", "pyarrow", "numpy"}


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'faker'"):
        how_fake_accounts.faker  # noqa: B018 - reading it is the test
