"""Every statement of every role of the template is needed: without it, and nothing else, something is refused."""

import re

import pytest

from tests.iam.probes import PROBES
from tests.template.rules.permissions import statements
from tests.template.stack import EVERYTHING, TEMPLATE, load


def of_the_template():
    stack = load(TEMPLATE.read_text(), EVERYTHING)
    for role in stack.of_type("AWS::IAM::Role"):
        for statement in statements(stack, role):
            yield role, statement["Sid"]


def of_the_roles_alone():
    """Leave out what the operator has by the analyst's policy: it is tested where it is the analyst's."""
    analyst = {sid for role, sid in of_the_template() if role == "AnalystRole"}
    return [(role, sid) for role, sid in of_the_template() if role != "OperatorRole" or sid not in analyst]


def test_there_is_a_probe_for_every_statement():
    assert set(of_the_roles_alone()) == set(PROBES)


def test_the_operator_does_not_get_twice_what_the_analysts_policy_gives():
    stack = load(TEMPLATE.read_text(), EVERYTHING)
    given = [each["Sid"] for each in statements(stack, "OperatorRole")]
    assert len(given) == len(set(given))


@pytest.mark.parametrize(("role", "sid"), sorted(PROBES), ids=lambda each: each)
def test_without_the_statement_it_is_refused_and_with_it_it_works(deployed, role, sid):
    probe, refusal = PROBES[role, sid]
    with deployed.without(role, sid):
        said = probe(deployed)
    assert re.search(refusal, said), said or "it worked without the statement"
    deployed.gateway.act("clock", advance=90)  # what is retried is due
    assert probe(deployed) == ""
