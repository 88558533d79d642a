"""What `make check` would catch: every seeded mistake, by our rules or, where these are silent, by cfn-lint."""

import pytest

from tests.template.linting import lint_findings
from tests.template.mutations import OWN, REALISTIC, Mutation
from tests.template.rules import findings
from tests.template.stack import TEMPLATE

TEXT = TEMPLATE.read_text(encoding="utf-8")
AT_LEAST = 34
BEFORE = frozenset(findings(TEXT))
"""Nothing, unless the template itself is wrong; then it must not pass for the discovery of a mutation."""


def caught_by(mutation: Mutation) -> str | None:
    """Return who finds the mistake; cfn-lint, which takes seconds, is asked only when no rule does."""
    text = mutation.applied(TEXT)
    if set(findings(text)) - BEFORE:
        return "rules"
    return "cfn-lint" if lint_findings(text) else None


def test_realistic_mistakes_are_caught(capsys):
    caught = {each.mistake: caught_by(each) for each in REALISTIC}
    score = sum(who is not None for who in caught.values())
    with capsys.disabled():
        by_rules = sum(who == "rules" for who in caught.values())
        print(f"\nmutations caught: {score} of {len(caught)}, {by_rules} of them by rules and the rest by cfn-lint")
    assert len(REALISTIC) >= 35
    assert score >= AT_LEAST, [mistake for mistake, who in caught.items() if who is None]


@pytest.mark.parametrize("mutation", OWN, ids=lambda each: each.mistake)
def test_own_mistakes_are_caught_by_a_rule(mutation):
    assert set(findings(mutation.applied(TEXT))) - BEFORE
