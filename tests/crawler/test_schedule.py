"""Crawler schedules: six fields, UTC."""

from datetime import UTC, datetime

import pytest

from local.crawler.schedule import BadSchedule, fires, schedule


def after(expression, text):
    found = schedule(expression).after(datetime.fromisoformat(text).replace(tzinfo=UTC))
    return found and found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("expression", "moment", "following"),
    [
        ("cron(10 * * * ? *)", "2026-11-23T19:05:00", "2026-11-23 19:10"),
        ("cron(10 * * * ? *)", "2026-11-23T19:10:00", "2026-11-23 20:10"),
        ("cron(10 * * * ? *)", "2026-12-31T23:59:00", "2027-01-01 00:10"),
        ("cron(0/15 9-17 ? * MON-FRI *)", "2026-11-20T17:50:00", "2026-11-23 09:00"),
        ("cron(30 8 1 JAN,JUL ? *)", "2026-02-01T00:00:00", "2026-07-01 08:30"),
        ("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00", "2028-02-29 00:00"),
        ("cron(0 0 1 1 ? 2026)", "2026-01-01T00:00:00", None),
    ],
)
def test_the_moment_after(expression, moment, following):
    assert after(expression, moment) == following


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("cron(10 * * * ?)", "six fields"),
        ("rate(1 hour)", "six fields"),
        ("cron(10 * * * * *)", "exactly one of day-of-month and day-of-week"),
        ("cron(61 * * * ? *)", "values from 0 to 59"),
        ("cron(10 * L * ? *)", "not supported"),
        ("cron(10/0 * * * ? *)", "values from 0 to 59"),
    ],
)
def test_what_glue_refuses(expression, why):
    with pytest.raises(BadSchedule, match=why):
        schedule(expression)


def test_a_schedule_fires_once_in_an_hour():
    begin = datetime(2026, 11, 23, 19, 0, tzinfo=UTC).timestamp()
    assert [fires("cron(10 * * * ? *)", begin + minute * 60, begin + (minute + 1) * 60) for minute in range(60)].count(
        True
    ) == 1
