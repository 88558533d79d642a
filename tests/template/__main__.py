"""`python -m tests.template`: whether the template is right, and whether we would notice if it were not."""

import sys

from tests.template.linting import lint_findings
from tests.template.mutations import OWN, REALISTIC
from tests.template.rules import ENVIRONMENTS, RULES, findings
from tests.template.score import AT_LEAST, TEXT, score


def main() -> int:
    """Print findings and the score; return 1 if the template is wrong or too many mistakes would pass."""
    wrong = [*findings(TEXT, tuple(ENVIRONMENTS)), *lint_findings(TEXT)]
    for each in wrong:
        print(f"template.yaml: {each}", file=sys.stderr)
    print(f"template: {len(wrong)} findings by {len(RULES)} rules in {len(ENVIRONMENTS)} environments, and by cfn-lint"
          " as written and as SAM transforms it")  # fmt: skip
    realistic, own = score(REALISTIC), score(OWN)
    for mistake in (*realistic.by_nobody, *own.by_linter, *own.by_nobody):
        print(f"no rule finds: {mistake}", file=sys.stderr)
    print(
        f"mutations caught: {realistic.caught} of {realistic.of} realistic mistakes"
        f" ({len(realistic.by_rules)} by rules, {len(realistic.by_linter)} by cfn-lint alone),"
        f" {len(own.by_rules)} of {own.of} of our own by rules"
    )
    return int(bool(wrong) or realistic.caught < AT_LEAST or len(own.by_rules) < own.of)


if __name__ == "__main__":
    sys.exit(main())
