"""One gateway with one stack that every test of roles shares."""

import pytest

from tests.conftest import started
from tests.e2e.conftest import signup
from tests.iam.deployment import IMAGE, STACK, Deployment, deploy, eventually


@pytest.fixture(scope="session")
def deployed(tmp_path_factory):
    with started(tmp_path_factory.mktemp("roles aws")) as gateway:
        key = gateway.client("kms").create_key()["KeyMetadata"]["Arn"]
        parameters = {
            "BufferIntervalSeconds": 1, "TransformBufferIntervalSeconds": 0, "CrawlerSchedule": "none",
            "KmsKeyArn": key, "ProducerImageUri": IMAGE, "StreamName": STACK, "DatabaseName": STACK,
        }  # fmt: skip
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        done = deploy(gateway, "--stack-name", STACK, "--parameter-overrides", *overrides)
        assert done.returncode == 0, done.stderr
        cloudformation = gateway.client("cloudformation")
        outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
        running = Deployment(
            gateway,
            {each["OutputKey"]: each["OutputValue"] for each in outputs},
            {
                each["LogicalResourceId"]: each["PhysicalResourceId"]
                for page in pages
                for each in page["StackResourceSummaries"]
            },
        )
        running.put(signup())
        eventually(lambda: running.keys("signups/"))
        yield running
