"""The same seed gives the same bytes: on every Python, whatever ran before, from wherever one starts."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from faker import Faker
from hypothesis import given
from hypothesis import strategies as st

from how_fake_accounts.draws import draws
from how_fake_accounts.generator import AccountGenerator
from how_fake_accounts.provider import AccountProvider

SOURCE = Path(__file__).parents[2] / "src"
GOLDEN = Path(__file__).parent / "golden"
"""Written by version 2.0.0; these bytes change with a new version of the library only, and its changelog says so."""

DIGEST = "65d0d058804a3c958b83ea53d297e08c677861ec8d08b9e59650015d3bc4cb4e"


def _lines(generator, count):
    return "".join(f"{record}\n" for record in islice(generator.records(), count))


def test_the_accounts_of_seed_7_are_those_of_the_golden_file():
    assert _lines(AccountGenerator(7), 20) == (GOLDEN / "seed-7.ndjson").read_text(encoding="utf-8")


def test_a_hundred_thousand_accounts_have_the_digest_that_they_always_had():
    assert hashlib.sha256(_lines(AccountGenerator(7), 100_000).encode()).hexdigest() == DIGEST


def test_a_seeded_faker_gives_the_accounts_of_the_golden_file():
    fake = Faker("pt_BR")
    fake.add_provider(AccountProvider)
    fake.seed_instance(7)
    expected = (GOLDEN / "faker-seed-7.txt").read_text(encoding="utf-8")
    assert "".join(f"{account}\n" for account in fake.generate_accounts(5)) == expected


def test_nothing_in_the_process_disturbs_a_generator():
    expected = _lines(AccountGenerator(7), 300)
    random.seed(1)
    Faker.seed(2)
    next(AccountGenerator(8, today=date(2020, 5, 5)).records())
    interleaved, other = AccountGenerator(7).records(), AccountGenerator(9).records()
    lines = ""
    for record, _ in islice(zip(interleaved, other, strict=False), 300):
        random.random()
        lines += f"{record}\n"
    assert lines == expected


_SCRIPT = """
import sys
from itertools import islice
from how_fake_accounts.generator import AccountGenerator
sys.stdout.buffer.writelines(f"{record}\\n".encode() for record in islice(AccountGenerator(7).records(), 20))
"""


def _printed_by(python, **environment):
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run([python, "-c", _SCRIPT], env=surroundings | environment, capture_output=True, check=True)
    return run.stdout


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_gives_the_same_bytes(hash_seed):
    printed = _printed_by(sys.executable, PYTHONHASHSEED=hash_seed, TZ="Asia/Tokyo", LC_ALL="C")
    assert printed == (GOLDEN / "seed-7.ndjson").read_bytes()


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_python_gives_the_same_bytes(version):
    python = shutil.which(f"python{version}")
    # A shim of pyenv is there for versions that are not.
    if not python or subprocess.run([python, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"no Python {version} on this machine")
    assert _printed_by(python) == (GOLDEN / "seed-7.ndjson").read_bytes()


@given(st.integers(), st.integers(min_value=0, max_value=400))
def test_a_start_in_the_middle_continues_the_sequence(seed, start):
    whole = list(islice(AccountGenerator(seed).records(), start + 3))
    assert list(islice(AccountGenerator(seed, start_at=start).records(), 3)) == whole[start:]


def test_draws_use_their_whole_range_evenly():
    drawn = list(islice(draws(1, "test", 5, 0), 20_000))
    assert {len(each) for each in drawn} == {5}
    for column in zip(*drawn, strict=True):
        assert sum(column) / len(column) == pytest.approx(32_767.5, rel=0.02)
        assert min(column) < 100
        assert max(column) > 65_436


@given(st.integers(min_value=0, max_value=1_000))
def test_draws_are_reached_at_once(position):
    assert next(draws(1, "test", 3, position)) == next(islice(draws(1, "test", 3, 0), position, None))


def test_draws_for_one_purpose_say_nothing_about_another():
    one, other = (list(islice(draws(1, purpose, 1, 0), 1_000)) for purpose in ("one", "other"))
    assert sum(map(tuple.__eq__, one, other)) < 5
