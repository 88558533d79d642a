"""Services of containers: none runs here, but one whose image does not exist fails as it would on AWS.

Private to MiniStack 1.5.33: in `provisioners` `_RESOURCE_HANDLERS`, `_ecs`, `_ecr`; in `ecs` `_task_defs`,
`_resolve_td_key`; in `ecr` `_repositories`, `_images`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.emulator.callers import ACCOUNT

_KIND = "AWS::ECS::Service"
_TRIPPED = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."
_STUCK = (
    "The service did not stabilize, for which CloudFormation waits three hours; a DeploymentCircuitBreaker ends that."
)
"""What CloudFormation says of a service with and without a circuit breaker:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def mend(provisioners: Any, region: str) -> None:
    """Let a service whose image is not in its repository fail, and read `DesiredCount` as the number it is."""
    handlers = provisioners._RESOURCE_HANDLERS  # noqa: SLF001
    handlers[_KIND] = _service_handler(handlers[_KIND], provisioners._ecs, provisioners._ecr, region)  # noqa: SLF001


def _service_handler(original: dict[str, Any], ecs: Any, ecr: Any, region: str) -> dict[str, Any]:
    def counted(props: dict[str, Any]) -> dict[str, Any]:
        """`DesiredCount` out of a parameter is text, with which MiniStack would calculate."""
        return props | {"DesiredCount": int(props["DesiredCount"])} if "DesiredCount" in props else props

    def started(props: dict[str, Any]) -> dict[str, Any]:
        known = counted(props)
        if known.get("DesiredCount", 1):
            _check_images(known, ecs, ecr, region)
        return known

    def create(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        return original["create"](logical_id, started(props), stack)

    def update(name: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
        return original["update"](name, counted(old), started(new), stack)

    return {**original, "create": create, "update": update}


def _check_images(service: Mapping[str, Any], ecs: Any, ecr: Any, region: str) -> None:
    """Raise ValueError if a container's image is certainly not there: registries elsewhere cannot be asked."""
    task = ecs._task_defs.get(ecs._resolve_td_key(service.get("TaskDefinition"))) or {}  # noqa: SLF001
    breaker = (service.get("DeploymentConfiguration") or {}).get("DeploymentCircuitBreaker") or {}
    outcome = _TRIPPED if str(breaker.get("Enable")).lower() == "true" else _STUCK
    for container in task.get("containerDefinitions", []):
        for missing in _missing(str(container.get("image")), ecr, region):
            raise ValueError(f"{outcome} {missing}")


def _missing(image: str, ecr: Any, region: str) -> Iterator[str]:
    """Yield why ECS would stop the task, in its words.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
    """
    named = _IMAGE.fullmatch(image)
    if named is None or (named["account"], named["region"]) != (ACCOUNT, region):
        return
    repository = named["repository"]
    if repository not in ecr._repositories:  # noqa: SLF001
        yield (
            f"CannotPullContainerError: The repository with name '{repository}' does not exist in the registry"
            f" with id '{ACCOUNT}'"
        )
        return
    held = ecr._images.get(repository) or []  # noqa: SLF001
    if not any(
        named["digest"] == each.get("imageDigest") if named["digest"]
        else (named["tag"] or "latest") in each.get("imageTags", [])
        for each in held
    ):  # fmt: skip
        yield (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s):"
            f" failed to resolve ref {image}: {image}: not found"
        )
