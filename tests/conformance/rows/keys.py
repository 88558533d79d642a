# ruff: noqa: E501 - a row of the table is a line, however long
"""Keys of objects: prefixes, expressions, suffixes."""

import re
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.rows.control import processors

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


def oldest(lab: Lab) -> None:
    """Put twice with seconds between: prefix and suffix tell the first put's time."""
    name = lab.create(Prefix="!{timestamp:yyyy-MM-dd-HH-mm-ss}/", ErrorOutputPrefix=ERRORS)
    before = lab.now().replace(microsecond=0)
    lab.put(name, b"first")
    after = lab.now()
    lab.advance(5)
    landed = lab.delivered(name, b"second")[0]
    shown, suffix = landed.key.split("/")
    assert suffix.startswith(f"{name}-1-{shown}-")
    assert before <= datetime.strptime(shown, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC) <= after


def fresh(lab: Lab) -> None:
    expression = "!{firehose:random-string}"
    name = lab.create(Prefix=f"{expression}/{expression}/", ErrorOutputPrefix=ERRORS)
    [landed] = lab.delivered(name, b"record")
    one, other, _ = landed.key.split("/")
    assert one != other


def literal_errors(lab: Lab) -> None:
    processing = processors(("Lambda", {"LambdaArn": lab.function}))
    name = lab.create(Prefix="x/", ErrorOutputPrefix="literal-errors/", **processing)
    [landed] = lab.delivered(name, b"ProcessingFailed")
    pattern = r"literal-errors/processing-failed/\d{4}/\d\d/\d\d/\d\d/"
    assert re.fullmatch(pattern + SUFFIX.format(name=name), landed.key)


def taken(**config: Any) -> Callable[[Lab], None]:
    """Check that a stream may be so configured."""

    def check(lab: Lab) -> None:
        lab.create(**config)

    return check


ACCEPTED = sorted(set(string.ascii_letters) - set("CIJPRTUVbfijloprt"))
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
    Case("each random string is a fresh one", KEYS, "medium", fresh),
    Case("prefix and suffix tell when the oldest record arrived", "floci's sources; radkawar/stackd", "medium", oldest),
    Case("a literal ErrorOutputPrefix gets the error's type and the hour", "AWS's keys were never recorded; Developer Guide, s3-prefixes", "chosen",
         literal_errors),
    Case("an empty FileExtension is as none", "floci-io/floci#2410, 2026-08", "high", key(r"\d{4}/\d\d/\d\d/\d\d/", FileExtension="")),
    Case("FileExtension ends the key", "floci-io/floci#2410, 2026-08; localstack snapshot 2024-05-22", "high",
         key(r"ext\d{4}/\d\d/\d\d/\d\d/", Prefix="ext", FileExtension=".txt")),
    Case("waiting data goes by the newest prefix and version", "floci-io/floci, verified against AWS; radkawar/stackd", "high",
         version_at_delivery),
    Case("CustomTimeZone moves prefix and suffix", "floci-io/floci#1858; radkawar/stackd", "high", zoned),
    *(Case(f"the time zone {zone} is refused", PREFLIGHT, "high", refused(
        "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time zones.",
        CustomTimeZone=zone)) for zone in ("Mars/Phobos", "EST", "Asia/Kolkata", "Europe/Kyiv")),
    *(Case(f"the time zone {zone} is taken", PREFLIGHT, "high", taken(CustomTimeZone=zone)) for zone in ("UTC", "Asia/Tokyo", "Asia/Calcutta")),
    Case("a literal ErrorOutputPrefix is enough for a Prefix with expressions", PREFLIGHT, "high", taken(
        Prefix="!{timestamp:yyyy}/", ErrorOutputPrefix="plainerror/")),
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
    Case("an unknown value in an ErrorOutputPrefix is refused, too", PREFLIGHT, "high", refused(
        "Invalid conversion character used in the value of the expression in ErrorOutputPrefix",
        ErrorOutputPrefix=f"!{{firehose:bogus}}/{ERRORS}")),
    Case("the other 35 letters are taken", PREFLIGHT, "high", taken(
        Prefix="".join(f"!{{timestamp:{letter}}}/" for letter in ACCEPTED), ErrorOutputPrefix=ERRORS)),
    Case("17 of the 52 letters are refused in a pattern", PREFLIGHT, "high", letters),
    Case("an evaluated prefix has at most 512 characters", "badmintoncryer/cdk-preflight, 2026-09-13, us-east-1", "high", refused(
        "Length of evaluated prefix cannot be greater than 512", Prefix=f"{EXACTLY}x")),
    Case("an evaluated ErrorOutputPrefix has at most 512 characters", "badmintoncryer/cdk-preflight, 2026-09-13, us-east-1", "high", refused(
        "Length of evaluated ErrorOutputPrefix cannot be greater than 512", ErrorOutputPrefix=f"{EXACTLY}x")),
    Case("512 characters are taken although the hour follows", "badmintoncryer/cdk-preflight, 2026-09-13, us-east-1", "high",
         lambda lab: [lab.create(Prefix=EXACTLY)].clear()),
]  # fmt: skip
