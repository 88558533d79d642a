# ruff: noqa: E501 - a row of the table is a line, however long
"""Keys of objects: prefixes, expressions, suffixes."""

import re
from collections.abc import Callable
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab

KEYS = "floci-io/floci#1857, 2026-07-13, eu-west-1"
PREFLIGHT = "badmintoncryer/cdk-preflight, 2026-09-10, us-east-1"
SUFFIX = r"{name}-1-\d{{4}}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}"
ERRORS = "errors/!{firehose:error-output-type}/"


def key(pattern: str, **config: Any) -> Callable[[Lab], None]:
    """Check that one record lands under a key of this pattern; the suffix follows it."""

    def check(lab: Lab) -> None:
        name = lab.create(**config)
        [landed] = lab.delivered(name, b"record")
        assert re.fullmatch(pattern + SUFFIX.format(name=name) + re.escape(config.get("FileExtension", "")), landed.key)

    return check


def refused(message: str, code: str = "InvalidArgumentException", **config: Any) -> Callable[[Lab], None]:
    """Check that a stream so configured is refused in these words."""

    def check(lab: Lab) -> None:
        assert lab.refusal(lambda: lab.create(**config)) == (code, message)

    return check


def letters(lab: Lab) -> None:
    message = "Invalid conversion character used in the value of the expression in Prefix"
    for letter in "CIJPRTUVbfijloprt":
        bad = {"Prefix": f"!{{timestamp:{letter}}}/", "ErrorOutputPrefix": ERRORS}
        assert lab.refusal(lambda bad=bad: lab.create(**bad)) == ("InvalidArgumentException", message), letter  # type: ignore[misc]


def version_at_delivery(lab: Lab) -> None:
    name = lab.create(Prefix="before/")
    lab.put(name, b"record")
    lab.client("firehose").update_destination(
        DeliveryStreamName=name, CurrentDeliveryStreamVersionId="1", DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate={"Prefix": "after/"},
    )  # fmt: skip
    [landed] = lab.delivered(name)
    assert landed.key.startswith("after/")
    assert f"{name}-2-" in landed.key


def zoned(lab: Lab) -> None:
    name = lab.create(Prefix="!{timestamp:HH}/", ErrorOutputPrefix=ERRORS, CustomTimeZone="Asia/Tokyo")
    [landed] = lab.delivered(name, b"record")
    hour, suffix = landed.key.split("/")
    assert suffix.removeprefix(f"{name}-1-").split("-")[3] == hour


EXACTLY = "x" * 512
CASES = [
    Case("without Prefix the key begins with the UTC hour", KEYS, "high", key(r"\d{4}/\d\d/\d\d/\d\d/")),
    Case("an empty Prefix is as none", KEYS, "high", key(r"\d{4}/\d\d/\d\d/\d\d/", Prefix="")),
    Case("a literal Prefix gets the hour glued on, without a slash", KEYS, "high", key(r"legacy\d{4}/\d\d/\d\d/\d\d/", Prefix="legacy")),
    Case("a timestamp expression stands for the whole path", KEYS, "high",
         key(r"dt=\d{4}-\d\d-\d\d-\d\d/", Prefix="dt=!{timestamp:yyyy-MM-dd-HH}/", ErrorOutputPrefix=ERRORS)),
    Case("text in single quotes is literal", KEYS, "high",
         key(r"year=\d{4}/", Prefix="!{timestamp:'year='yyyy}/", ErrorOutputPrefix=ERRORS)),
    Case("a random string has 11 letters or digits, and nothing is appended", f"{KEYS} (the guide says the hour is)", "medium",
         key(r"[A-Za-z0-9]{11}/", Prefix="!{firehose:random-string}/", ErrorOutputPrefix=ERRORS)),
    Case("FileExtension ends the key", "floci-io/floci#2410, 2026-08; localstack snapshot 2024-05-22", "high",
         key(r"ext\d{4}/\d\d/\d\d/\d\d/", Prefix="ext", FileExtension=".txt")),
    Case("waiting data goes by the newest prefix and version", "floci-io/floci, verified against AWS; radkawar/stackd", "high",
         version_at_delivery),
    Case("CustomTimeZone moves prefix and suffix", "floci-io/floci#1858; radkawar/stackd", "high", zoned),
    *(Case(f"the time zone {zone} is refused", PREFLIGHT, "high", refused(
        "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.",
        CustomTimeZone=zone)) for zone in ("Mars/Phobos", "EST", "Asia/Kolkata", "Europe/Kyiv")),
    Case("a Prefix with expressions needs an ErrorOutputPrefix", PREFLIGHT, "high", refused(
        "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions", Prefix="!{timestamp:yyyy}/")),
    Case("an ErrorOutputPrefix with expressions must tell the error type", PREFLIGHT, "high", refused(
        "ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}",
        ErrorOutputPrefix="!{timestamp:yyyy}/")),
    Case("a Prefix may not tell the error type", PREFLIGHT, "high", refused(
        "Prefix must not contain any occurrence of !{firehose:error-output-type}",
        Prefix="!{firehose:error-output-type}/", ErrorOutputPrefix=ERRORS)),
    Case("partition keys have no place in an ErrorOutputPrefix", PREFLIGHT, "high", refused(
        "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
        ErrorOutputPrefix=f"!{{partitionKeyFromQuery:k}}/{ERRORS}")),
    Case("an unknown namespace is named", PREFLIGHT, "high", refused(
        "Namespace to the left of colon (time) is an invalid keyword!", Prefix="!{time:yyyy}/", ErrorOutputPrefix=ERRORS)),
    Case("a stray expression is refused", PREFLIGHT, "high", refused(
        "Invalid expression usage", Prefix="!{timestamp", ErrorOutputPrefix=ERRORS)),
    Case("an unknown value of firehose is refused", PREFLIGHT, "high", refused(
        "Invalid conversion character used in the value of the expression in Prefix",
        Prefix="!{firehose:bogus}/", ErrorOutputPrefix=ERRORS)),
    Case("17 of the 52 letters are refused in a pattern", PREFLIGHT, "high", letters),
    Case("an evaluated prefix has at most 512 characters", "badmintoncryer/cdk-preflight, 2026-09-13, us-east-1", "high", refused(
        "Length of evaluated prefix cannot be greater than 512", Prefix=f"{EXACTLY}x")),
    Case("512 characters are taken although the hour follows", "badmintoncryer/cdk-preflight, 2026-09-13, us-east-1", "high",
         lambda lab: [lab.create(Prefix=EXACTLY)].clear()),
]  # fmt: skip
