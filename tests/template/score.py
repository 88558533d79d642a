"""How many of the seeded mistakes `make check` catches: by our rules or, where these are silent, by cfn-lint."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.template.linting import lint_findings
from tests.template.mutations import Mutation
from tests.template.rules import findings
from tests.template.stack import TEMPLATE

TEXT = TEMPLATE.read_text(encoding="utf-8")
AT_LEAST = 34
"""Of the realistic mistakes; of its own a project catches all, by a rule."""

BEFORE = frozenset(findings(TEXT))
"""Nothing, unless the template itself is wrong; then it must not pass for the discovery of a mutation."""


@dataclass(frozen=True)
class Score:
    """Names of mistakes, by who found them."""

    by_rules: list[str]
    by_linter: list[str]
    by_nobody: list[str]

    @property
    def caught(self) -> int:
        return len(self.by_rules) + len(self.by_linter)

    @property
    def of(self) -> int:
        return self.caught + len(self.by_nobody)


def score(mutations: Iterable[Mutation]) -> Score:
    """Seed one mistake after the other; cfn-lint, which takes seconds, is asked only when no rule finds it."""
    result = Score([], [], [])
    for mutation in mutations:
        text = mutation.applied(TEXT)
        if found_by_a_rule(text):
            result.by_rules.append(mutation.mistake)
        elif lint_findings(text):
            result.by_linter.append(mutation.mistake)
        else:
            result.by_nobody.append(mutation.mistake)
    return result


def found_by_a_rule(text: str) -> bool:
    """Tell whether a rule finds something in the text that it does not find in the template as it is."""
    return bool(set(findings(text)) - BEFORE)
