"""The producer on Fargate; rules say nothing when no image is given."""

from collections.abc import Iterator
from typing import Any

from tests.template.stack import Stack

FARGATE_SIZES = {"256": {"512", "1024", "2048"}, "512": {str(1024 * each) for each in range(1, 5)}}
MOST_SECONDS_TO_STOP = 120
ITS_TYPES = ("AWS::ECS::", "AWS::EC2::", "AWS::ApplicationAutoScaling::")


def is_created_for_an_image_only(stack: Stack) -> Iterator[str]:
    present = [name for name, each in stack.resources.items() if each["Type"].startswith(ITS_TYPES)]
    if present and not stack.parameters["ProducerImageUri"]:
        yield f"without an image there must be no {sorted(present)}"


def container(stack: Stack) -> dict[str, Any]:
    """Return the task's one container."""
    [only] = stack.properties("ProducerTask")["ContainerDefinitions"]
    return dict(only)


def task_fits_fargate(stack: Stack) -> Iterator[str]:
    if not (task := stack.properties("ProducerTask")):
        return
    if str(task.get("Memory")) not in FARGATE_SIZES.get(str(task.get("Cpu")), set()):
        yield f"Fargate has no task of {task.get('Cpu')} CPU units with {task.get('Memory')} MiB"
    if not 30 <= int(container(stack).get("StopTimeout", 30)) <= MOST_SECONDS_TO_STOP:
        yield "StopTimeout must be 30 to 120 s on Fargate"
    is_root = container(stack).get("User") in {None, "root", "0"}
    if is_root or container(stack).get("ReadonlyRootFilesystem") is not True:
        yield "the container must not be root, nor write outside its volume"
    roles = (task.get("TaskRoleArn"), task.get("ExecutionRoleArn"))
    if roles != ("<ProducerTaskRole.Arn>", "<ProducerExecutionRole.Arn>"):
        yield "the task must run with the producer's role and be started with the execution role"
    if container(stack)["LogConfiguration"]["Options"].get("awslogs-group") != "<ProducerLogGroup>":
        yield "the container must log to the template's group"


def service_can_start_and_fail(stack: Stack) -> Iterator[str]:
    if not (service := stack.properties("ProducerService")):
        return
    if ("LaunchType" in service) == ("CapacityProviderStrategy" in service):
        yield "a service has either a LaunchType or a CapacityProviderStrategy"
    if service.get("DeploymentConfiguration", {}).get("DeploymentCircuitBreaker") != {"Enable": True, "Rollback": True}:
        yield "without a circuit breaker a missing image keeps the stack waiting for hours"
    depends = stack.transformed["Resources"]["ProducerService"].get("DependsOn", [])
    if not {"ProducerDefaultRoute", "ProducerRouteAssociation"} <= {*depends}:
        yield "it must wait for the route: the first task could not pull its image"
    if service["NetworkConfiguration"]["AwsvpcConfiguration"].get("AssignPublicIp") != "ENABLED":
        yield "without a public address and without NAT the task reaches nothing"


def network_lets_nothing_in(stack: Stack) -> Iterator[str]:
    if not (group := stack.properties("ProducerSecurityGroup")):
        return
    if group.get("SecurityGroupIngress"):
        yield "the producer serves nothing: no ingress"
    if [(each["FromPort"], each["ToPort"]) for each in group.get("SecurityGroupEgress", [])] != [(443, 443)]:
        yield "the producer needs HTTPS out, and nothing else"


RULES = [
    is_created_for_an_image_only,
    task_fits_fargate,
    service_can_start_and_fail,
    network_lets_nothing_in,
]
