"""Keys: expressions, patterns, time zones."""

from datetime import UTC, datetime

import pytest

from local.errors import AwsError
from local.firehose import javatime, prefix
from local.firehose.prefix import Moment
from local.firehose.randomness import Randomness

ZEROS = Randomness(bytes)
UUID = "00000000-0000-4000-8000-000000000000"
ARRIVAL = datetime(2026, 11, 23, 19, 4, 5, 678_000, tzinfo=UTC)


def moment(**members) -> Moment:
    return Moment(**{"stream": "signups", "version": 3, "oldest": ARRIVAL, **members})


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy/MM/dd/HH/", "2026/11/23/19/"),
        ("yyyy-MM-dd'T'HH:mm:ss", "2026-11-23T19:04:05"),
        ("'year='yy", "year=26"),
        ("''HH''", "'19'"),
        ("MMM MMMM MMMMM", "Nov November N"),
        ("E EEEE e", "Mon Monday 2"),
        ("h:mm a", "7:04 PM"),
        ("k K", "19 7"),
        ("D DDD", "327 327"),
        ("Q QQQ QQQQ", "4 Q4 4th quarter"),
        ("YYYY-ww W", "2026-48 4"),
        ("S SSS", "0 000"),
        ("Z x XXX OOOO", "+0000 +00 Z GMT"),
        ("G u", "AD 2026"),
        ("A N n", "68645000 68645000000000 0"),
    ],
)
def test_patterns_are_those_of_java(pattern, text):
    assert javatime.render(pattern, ARRIVAL.replace(microsecond=0)) == text


def test_the_last_days_of_december_belong_to_the_week_year_that_follows():
    assert javatime.render("YYYY-ww", datetime(2026, 12, 28, tzinfo=UTC)) == "2027-01"
    assert javatime.render("YYYY-ww", datetime(2026, 12, 26, tzinfo=UTC)) == "2026-52"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("", "2026/11/23/19/"),
        ("legacy", "legacy2026/11/23/19/"),
        ("a/dt=!{timestamp:yyyy-MM-dd-HH}/", "a/dt=2026-11-23-19/"),
        ("!{firehose:random-string}/!{firehose:random-string}/", "aaaaaaaaaaa/aaaaaaaaaaa/"),
    ],
)
def test_data_keys(given, key):
    assert prefix.data_key(given, ".parquet", moment(), ZEROS) == f"{key}signups-3-2026-11-23-19-04-05-{UUID}.parquet"


def test_a_time_zone_moves_prefix_and_suffix():
    key = prefix.data_key("!{timestamp:HH}/", "", moment(time_zone="America/Sao_Paulo"), ZEROS)
    assert key == f"16/signups-3-2026-11-23-16-04-05-{UUID}"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("", "processing-failed/2026/11/23/19/"),
        ("e/!{firehose:error-output-type}/", "e/processing-failed/"),
        ("e/!{firehose:error-output-type}/!{timestamp:yyyy}/", "e/processing-failed/2026/"),
    ],
)
def test_error_keys(given, key):
    made = prefix.error_key(given, moment(error_type="processing-failed"), ZEROS)
    assert made == f"{key}signups-3-2026-11-23-19-04-05-{UUID}"


def test_of_the_52_letters_those_that_aws_was_seen_to_refuse_are_refused():
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    refused = {letter for letter in letters if not javatime.accepts(letter)}
    assert refused == set("CIJPRTUVbfijloprt")
    for letter in set(letters) - refused:
        assert javatime.render(letter, ARRIVAL)


@pytest.mark.parametrize("given", ["!{timestamp:yyyy", "x!{", "!{}", "!{timestamp}"])
def test_stray_expressions_are_refused(given):
    with pytest.raises(AwsError, match="Invalid expression usage"):
        prefix.check(given, "e/!{firehose:error-output-type}/")
