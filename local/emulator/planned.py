"""What a template makes, held to what its service would accept: MiniStack keeps whatever it is given.

Private to version 1.5.33: `_RESOURCE_HANDLERS` of its provisioners.
"""

from collections.abc import Callable, Mapping
from typing import Any

from local.crawler import policy
from local.errors import AwsError

_STREAM, _CRAWLER = "AWS::KinesisFirehose::DeliveryStream", "AWS::Glue::Crawler"
_NAME_LIMIT = 64

Plan = Callable[[Mapping[str, Any]], object]
"""Checks the parameters of a resource's creation; raises AwsError."""


def hold_streams_to(plan: Plan, handlers: dict[str, dict[str, Any]]) -> None:
    """Let `plan` see CreateDeliveryStream's parameters before a stream is created or updated."""

    def check(props: Mapping[str, Any], name: str) -> None:
        plan({"DeliveryStreamName": name[:_NAME_LIMIT], **props})

    handlers[_STREAM] = _held(handlers[_STREAM], "Firehose", check)


def hold_crawlers(handlers: dict[str, dict[str, Any]]) -> None:
    """Refuse the crawlers that Glue refuses."""
    handlers[_CRAWLER] = _held(handlers[_CRAWLER], "Glue", lambda props, _name: policy.check(props))


def _held(original: dict[str, Any], service: str, check: Callable[[Mapping[str, Any], str], object]) -> dict[str, Any]:
    """Fail a resource with what its service says of it, before it is created or updated."""

    def checked(props: Mapping[str, Any], name: str) -> None:
        try:
            check(props, name)
        except AwsError as refusal:
            status = f"Status Code: {refusal.status}"
            raise ValueError(f"{refusal.message} (Service: {service}, {status}, {refusal.code})") from None

    def create(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        checked(props, f"{stack}-{logical_id}")
        return original["create"](logical_id, props, stack)

    def update(name: str, old: dict[str, Any], new: dict[str, Any], *others: str) -> Any:
        checked(new, name)
        return original["update"](name, old, new, *others)

    return {**original, "create": create, "update": update}
