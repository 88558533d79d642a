"""Delivery streams from a template, held to what Firehose would accept: MiniStack keeps whatever it is given.

Private to version 1.5.33: `_RESOURCE_HANDLERS` of its provisioners.
"""

from collections.abc import Callable, Mapping
from typing import Any

from local.errors import AwsError

KIND = "AWS::KinesisFirehose::DeliveryStream"
_NAME_LIMIT = 64

Plan = Callable[[Mapping[str, Any]], object]
"""Checks CreateDeliveryStream's parameters; raises AwsError."""


def hold_to(plan: Plan, handlers: dict[str, dict[str, Any]]) -> None:
    """Let `plan` see what is to be created or updated before it is, and fail the resource with what it says."""
    original = handlers[KIND]

    def check(props: Mapping[str, Any], name: str) -> None:
        try:
            plan({"DeliveryStreamName": name[:_NAME_LIMIT], **props})
        except AwsError as refusal:
            status = f"Status Code: {refusal.status}"
            raise ValueError(f"{refusal.message} (Service: Firehose, {status}, {refusal.code})") from None

    def create(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        check(props, f"{stack}-{logical_id}")
        return original["create"](logical_id, props, stack)

    def update(name: str, old: dict[str, Any], new: dict[str, Any], *others: str) -> Any:
        check(new, name)
        return original["update"](name, old, new, *others)

    handlers[KIND] = {**original, "create": create, "update": update}
