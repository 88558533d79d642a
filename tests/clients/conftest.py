"""The deployed stack with the known sign-ups in it, and an environment that points stock clients at it."""

from dataclasses import dataclass

import pytest

from tests.clients import known


@dataclass(frozen=True)
class Place:
    """Where the known sign-ups are."""

    gateway: object
    bucket: str
    database: str
    table: str
    work_group: str
    outputs: dict[str, str]

    @property
    def results(self):
        return f"s3://{self.bucket}/athena-results/"


@pytest.fixture(scope="module")
def place(stack):
    outputs = stack.outputs
    known.put(stack.gateway.endpoint, stack.gateway.client("firehose"), outputs["DeliveryStreamName"])
    return Place(
        stack.gateway, outputs["LakeBucketName"], outputs["DatabaseName"], outputs["TableName"],
        outputs["WorkGroupName"], outputs,
    )  # fmt: skip


@pytest.fixture(scope="module")
def environment(place):
    """Set for this process what `python -m local env` prints: nothing else points a client at the gateway."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in place.gateway.environment.items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        yield place.gateway.environment
