"""Every row of the table, against the gateway."""

from collections.abc import Iterator

import pytest

from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.table import TABLE
from tests.conformance.without import WITHOUT_A_ROW
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def lab(gateway) -> Iterator[Lab]:
    with Lab(gateway.endpoint) as made:
        yield made


@pytest.mark.parametrize("case", TABLE, ids=[case.name for case in TABLE])
def test_what_aws_was_seen_to_do(case: Case, lab: Lab):
    if case.differs:
        with pytest.raises(AssertionError):
            case.check(lab)
    else:
        case.check(lab)


def test_every_fact_is_told_once():
    facts = [case.fact for case in TABLE]
    assert sorted(set(facts)) == sorted(facts)


def test_tests_that_stand_for_rows_exist():
    named = {word.strip(",:") for why in WITHOUT_A_ROW.values() for word in why.split() if word.startswith("tests/")}
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
