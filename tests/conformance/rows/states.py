"""The states of a delivery stream before and after it is ACTIVE."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import ClientError

from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.rows.control import update

STACKD = "radkawar/stackd captures, us-east-1"
IN_USE = "ResourceInUseException"


@contextmanager
def just_asked_for(lab: Lab) -> Iterator[str]:
    """Give the name of a stream that nobody has waited for."""
    name = lab.name()
    lab.client("firehose").create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=lab.destination()
    )
    try:
        yield name
    finally:
        lab.until_active(name)
        lab.client("firehose").delete_delivery_stream(DeliveryStreamName=name)


def refused_while_creating(code: str, call: Callable[[Lab, str], Any]) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        with just_asked_for(lab) as name:
            found, _ = lab.refusal(lambda: call(lab, name))
            assert found == code

    return check


def shown(lab: Lab) -> None:
    with just_asked_for(lab) as name:
        assert lab.describe(name)["DeliveryStreamStatus"] == "CREATING"
        lab.until_active(name)
        assert lab.describe(name)["DeliveryStreamStatus"] == "ACTIVE"
        assert lab.put(name, b"x")["FailedPutCount"] == 0


def not_deleted_while_creating(lab: Lab) -> None:
    with just_asked_for(lab) as name:
        found = lab.refusal(lambda: lab.client("firehose").delete_delivery_stream(DeliveryStreamName=name))
        message = f"Firehose {name} under account {lab.account} cannot be deleted in CREATING state"
        assert found == (IN_USE, message)


def tagged(lab: Lab) -> None:
    with just_asked_for(lab) as name:
        lab.client("firehose").tag_delivery_stream(DeliveryStreamName=name, Tags=[{"Key": "a", "Value": "1"}])
        found = lab.client("firehose").list_tags_for_delivery_stream(DeliveryStreamName=name)
        assert found["Tags"] == [{"Key": "a", "Value": "1"}]


def deleted_twice(lab: Lab) -> None:
    firehose, name = lab.client("firehose"), lab.create()
    firehose.delete_delivery_stream(DeliveryStreamName=name)
    firehose.delete_delivery_stream(DeliveryStreamName=name)
    assert lab.describe(name)["DeliveryStreamStatus"] == "DELETING"
    with suppress(ClientError):
        while lab.describe(name):
            pass
    code, _ = lab.refusal(lambda: firehose.delete_delivery_stream(DeliveryStreamName=name))
    assert code == "ResourceNotFoundException"


CASES = [
    Case("a stream is CREATING at first, then ACTIVE", STACKD, "medium", shown),
    Case("a stream takes no puts while it is being created", STACKD, "medium",
         refused_while_creating("ResourceNotFoundException", lambda lab, name: lab.put(name, b"x"))),
    Case("a stream is not updated while it is being created", STACKD, "medium",
         refused_while_creating(IN_USE, lambda lab, name: update(lab, name, Prefix="b/"))),
    Case("a stream is not deleted while it is being created", STACKD, "medium", not_deleted_while_creating),
    Case("a stream may be tagged while it is being created", STACKD, "medium", tagged),
    Case("a stream is DELETING until it is gone, and may be deleted again meanwhile", STACKD, "medium", deleted_twice),
]  # fmt: skip
