"""Stacks of a few resources: what they give, or how they fail."""

import json
import uuid

import pytest
from botocore.exceptions import WaiterError


def outputs_of(gateway, template, name=None):
    """Create a stack; return its outputs."""
    cloudformation = gateway.client("cloudformation")
    name = cloudformation.create_stack(
        StackName=name or f"made-{uuid.uuid4()}", TemplateBody=json.dumps(template)
    )["StackId"]  # fmt: skip
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def refusal_of(gateway, resources):
    """Create a stack that must fail; return what the resource that failed says."""
    cloudformation = gateway.client("cloudformation")
    stack = cloudformation.create_stack(
        StackName=f"refused-{uuid.uuid4()}",
        TemplateBody=json.dumps({"Resources": resources}),
        Capabilities=["CAPABILITY_IAM"],
    )["StackId"]
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return next(each["ResourceStatusReason"] for each in events if each["ResourceStatus"] == "CREATE_FAILED")
