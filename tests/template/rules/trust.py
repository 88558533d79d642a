"""Who may take which role."""

from collections.abc import Iterator
from typing import Any

from tests.template.stack import PSEUDO, Stack

ACCOUNT = PSEUDO["AWS::AccountId"]
ECS = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"},
}
SERVICES: dict[str, tuple[str, dict[str, Any]]] = {
    "CrawlerRole": ("glue.amazonaws.com", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    # The documented guard; Firehose is not known to send aws:SourceArn or aws:SourceAccount.
    "DeliveryRole": ("firehose.amazonaws.com", {"StringEquals": {"sts:ExternalId": ACCOUNT}}),
    "MaskRole": ("lambda.amazonaws.com", {}),
    "ProducerExecutionRole": ("ecs-tasks.amazonaws.com", ECS),
    "ProducerTaskRole": ("ecs-tasks.amazonaws.com", ECS),
}
PEOPLE = {"AnalystRole": "AnalystPrincipalArn", "OperatorRole": "OperatorPrincipalArn"}


def services_are_named_and_guarded(stack: Stack) -> Iterator[str]:
    for role, (service, condition) in SERVICES.items():
        expected = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        if condition:
            expected["Condition"] = condition
        trusted = [each for each in _trust(stack, role) if each != _person(stack, role)]
        if role in stack.resources and trusted != [expected]:
            yield f"{role}: only {service} may assume it, under {condition or 'no condition'}"


def people_are_named(stack: Stack) -> Iterator[str]:
    for role, parameter in PEOPLE.items():
        principal = stack.parameters[parameter] or f"arn:aws:iam::{ACCOUNT}:root"
        if _trust(stack, role) != [_allows(principal)]:
            yield f"{role}: only {principal} may assume it"


def every_role_is_known(stack: Stack) -> Iterator[str]:
    for role in stack.of_type("AWS::IAM::Role").keys() - SERVICES.keys() - PEOPLE.keys():
        yield f"{role}: say in tests/template/rules who may assume it and what it needs"


def _person(stack: Stack, role: str) -> dict[str, Any] | None:
    """Return the statement for the person who may take a service's role, if a parameter names one."""
    principal = stack.parameters["ProducerPrincipalArn"]
    return _allows(principal) if role == "ProducerTaskRole" and principal else None


def _allows(principal: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}


def _trust(stack: Stack, role: str) -> list[dict[str, Any]]:
    document: dict[str, Any] = stack.properties(role).get("AssumeRolePolicyDocument", {})
    return list(document.get("Statement", []))


RULES = [services_are_named_and_guarded, people_are_named, every_role_is_known]
