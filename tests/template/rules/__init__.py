"""What linters do not see: each rule is a function from a stack to its findings, one sentence each."""

from collections.abc import Callable, Iterator

from tests.template.rules import (
    athena,
    bucket,
    catalog,
    crawling,
    dashboard,
    delivery,
    form,
    masking,
    monitoring,
    permissions,
    producer,
    trust,
)
from tests.template.stack import EVERYTHING, Stack, load, samconfig_parameters

Rule = Callable[[Stack], Iterator[str]]

RULES: list[Rule] = [
    *athena.RULES,
    *bucket.RULES,
    *catalog.RULES,
    *crawling.RULES,
    *dashboard.RULES,
    *delivery.RULES,
    *form.RULES,
    *masking.RULES,
    *monitoring.RULES,
    *permissions.RULES,
    *producer.RULES,
    *trust.RULES,
]

ENVIRONMENTS: dict[str, dict[str, str]] = {
    **{name: samconfig_parameters(name) for name in ("default", "production", "local")},
    "everything": EVERYTHING,
}


def findings(text: str, environments: tuple[str, ...] = ("default", "everything")) -> list[str]:
    """Return what the rules find in a template's text; a template that cannot be loaded is one finding."""
    found: dict[str, None] = {}
    for environment in environments:
        try:
            stack = load(text, ENVIRONMENTS[environment])
        except Exception as reason:  # noqa: BLE001 - whatever stops the transform is what is wrong with the template
            return [f"{type(reason).__name__}: {reason}"]
        for rule in RULES:
            found.update(dict.fromkeys(_found(rule, stack)))
    return list(found)


def _found(rule: Rule, stack: Stack) -> list[str]:
    name = f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"
    try:
        return [f"{name}: {each}" for each in rule(stack)]
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as reason:
        return [f"{name}: {type(reason).__name__}: {reason}"]
