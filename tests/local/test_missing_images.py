"""A service of containers whose image does not exist fails its stack, as on AWS, though no container is run here."""

import json

import pytest

from tests.local.stacks import refusal_of

REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
NOWHERE = f"sha256:{64 * '0'}"


@pytest.fixture(scope="module")
def digest(gateway):
    """Return the digest of the one image that there is; its tag is 1.0."""
    ecr = gateway.client("ecr")
    ecr.create_repository(repositoryName="made")
    return ecr.put_image(repositoryName="made", imageManifest="{}", imageTag="1.0")["image"]["imageId"]["imageDigest"]


def service_of(image, count=1, **properties):
    task = {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {"Family": "f", "ContainerDefinitions": [{"Name": "c", "Image": image}]},
    }
    properties = {"TaskDefinition": {"Ref": "Task"}, "DesiredCount": count, **properties}
    return {"Task": task, "Service": {"Type": "AWS::ECS::Service", "Properties": properties}}


BREAKER = {"DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}}


@pytest.mark.usefixtures("digest")
@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (f"made@{NOWHERE}", f"failed to resolve ref {REGISTRY}/made@{NOWHERE}: {REGISTRY}/made@{NOWHERE}: not found"),
        ("made:2.0", f"{REGISTRY}/made:2.0: not found"),
        ("made", f"{REGISTRY}/made: not found"),  # without a tag it is `latest`
        (
            "never-made:1.0",
            "The repository with name 'never-made' does not exist in the registry with id '000000000000'",
        ),
    ],
)
def test_a_service_whose_image_is_missing_trips_its_circuit_breaker(gateway, image, reason):
    said = refusal_of(gateway, service_of(f"{REGISTRY}/{image}", **BREAKER))
    assert said.startswith(
        "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'. CannotPullContainerError: "
    )
    assert reason in said


def test_without_a_circuit_breaker_it_would_be_waited_for(gateway):
    said = refusal_of(gateway, service_of(f"{REGISTRY}/never-made:1.0"))
    assert said.startswith("The service did not stabilize, for which CloudFormation waits three hours")


def test_a_service_is_made_when_its_image_is_there_is_elsewhere_or_is_not_pulled(gateway, digest):
    cloudformation = gateway.client("cloudformation")
    for number, resources in enumerate((
        service_of(f"{REGISTRY}/made:1.0"),
        service_of(f"{REGISTRY}/made@{digest}"),
        service_of(f"{REGISTRY}/made:moved@{digest}"),
        service_of(f"{REGISTRY}/never-made:1.0", count="0"),
        service_of("111122223333.dkr.ecr.us-east-1.amazonaws.com/unknown:1.0"),
        service_of("public.ecr.aws/docker/library/python:3.14"),
    )):  # fmt: skip
        cloudformation.create_stack(StackName=f"pulled-{number}", TemplateBody=json.dumps({"Resources": resources}))
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=f"pulled-{number}", WaiterConfig={"Delay": 1, "MaxAttempts": 10}
        )
