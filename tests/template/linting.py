"""cfn-lint as a library, on the template as written and on what SAM makes of it.

Both, because rule W3037 (names of IAM actions) is silent in a template that has a `Transform` line.
"""

import json

from cfnlint.api import lint  # type: ignore[import-untyped]  # publishes no types

from tests.template.stack import PSEUDO, parse, transform


def lint_findings(text: str) -> list[str]:
    """Return what cfn-lint says of a template's text and of its transformed form, errors and warnings alike."""
    return [*_lint(text), *_lint(json.dumps(transform(parse(text))))]


def _lint(text: str) -> list[str]:
    return [f"{each.rule.id}: {each.message}" for each in lint(text, None, [PSEUDO["AWS::Region"]])]
