"""What `make check` would catch: every seeded mistake, by our rules or, where these are silent, by cfn-lint."""

import pytest

from tests.template.mutations import OWN, REALISTIC
from tests.template.score import AT_LEAST, TEXT, found_by_a_rule, score


def test_realistic_mistakes_are_caught(capsys):
    found = score(REALISTIC)
    with capsys.disabled():
        print(f"\nmutations caught: {found.caught} of {found.of}, {len(found.by_rules)} by rules, the rest by cfn-lint")
    assert found.of >= 35
    assert found.caught >= AT_LEAST, found.by_nobody


@pytest.mark.parametrize("mutation", OWN, ids=lambda each: each.mistake)
def test_own_mistakes_are_caught_by_a_rule(mutation):
    assert found_by_a_rule(mutation.applied(TEXT))
