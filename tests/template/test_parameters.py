"""A parameter out of range is refused before anything is created, with its own words."""

import re

import pytest

from tests.template.stack import TEMPLATE, parse

PARAMETERS = parse(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]
DIGEST = "sha256:" + 64 * "0"


def accepts(name, value):
    """Tell whether CloudFormation would take the value, by its User Guide, parameters-section-structure."""
    parameter = PARAMETERS[name]
    if "AllowedValues" in parameter:
        return value in [str(each) for each in parameter["AllowedValues"]]
    if parameter["Type"] == "Number":
        return parameter["MinValue"] <= float(value) <= parameter["MaxValue"]
    return re.fullmatch(parameter["AllowedPattern"], value) is not None


@pytest.mark.parametrize("name", PARAMETERS)
def test_default_is_accepted(name):
    assert accepts(name, str(PARAMETERS[name]["Default"]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AlarmEmail", "on-call@example.com"),
        ("AnalystPrincipalArn", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Analyst_0a1b"),
        ("CrawlerSchedule", "cron(15 0/2 * * ? *)"),
        ("CrawlerSchedule", "none"),
        ("FirstPartition", "2026-12-31-23"),
        ("KmsKeyArn", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"),
        ("ProducerImageUri", f"111122223333.dkr.ecr.sa-east-1.amazonaws.com/signups/producer@{DIGEST}"),
        ("ProducerImageUri", "111122223333.dkr.ecr.sa-east-1.amazonaws.com/producer:2.0.0"),
    ],
)
def test_good_values_are_accepted(name, value):
    assert accepts(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AlarmEmail", "on-call"),
        ("BufferIntervalSeconds", "301"),
        ("BufferIntervalSeconds", "-1"),
        ("BufferSizeMegabytes", "63"),
        ("CrawlerSchedule", "cron(10 * * * *)"),
        ("CrawlerSchedule", "rate(1 hour)"),
        ("DatabaseName", "Sign-ups"),
        ("ErrorRetentionDays", "0"),
        ("FirstPartition", "2026-11-01"),
        ("FirstPartition", "2026-13-01-00"),
        ("FirstPartition", "2026-11-01-24"),
        ("KmsKeyArn", "arn:aws:kms:us-east-1:111122223333:alias/signups"),
        ("LogRetentionDays", "2"),
        ("ProducerImageUri", "docker.io/library/python:3.14"),
        ("ScanCutoffMegabytes", "9"),
        ("StreamName", "sign ups"),
        ("StreamName", 65 * "s"),
    ],
)
def test_bad_values_are_refused(name, value):
    assert not accepts(name, value)
