"""Stacks that must fail."""

import json
import uuid

import pytest
from botocore.exceptions import WaiterError


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
