"""The live picture: what is drawn where nobody looked, and what each box says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.console import flow, questions
from local.console.lake import Footer, Object
from local.console.page import stage
from local.console.pipeline import Pipeline, Transform

NOW = datetime(2026, 11, 24, 2, 20, 40, tzinfo=UTC)
END = int(NOW.timestamp() * 1000)
MINUTE = 60_000
PIPELINE = Pipeline(
    stack="s", region="us-east-1", stream="signups", stream_arn="", role_arn="", bucket="lake", prefix="",
    error_prefix="", size_bytes=128 * 2**20, interval=60, transform=Transform("", "mask", 2**20, 60, 3),
    database="d", table="t", log_group="", log_stream="", workgroup="w", crawler="",
)  # fmt: skip


def look(**members):
    usual = {
        "now": NOW, "live": True, "records_in": 50.0, "bytes_in": 1024.0, "records_out": 49.0, "throttled": 0.0,
        "failed": 0.0, "retries": 0, "retrying": "", "transform": flow.Held(2**19, 10, 30.0),
        "destination": flow.Held(2**20, 20, 45.0), "freshness": 3.0, "landed": [], "waiting": flow.Waiting(),
        "newest_row": None, "minute": flow.Minute(50.0, 1024.0, 0.5), "history": [],
    }  # fmt: skip
    return flow.Flow(**{**usual, **members})


def history(*minutes_ago):
    return [(END - each * MINUTE, 10.0, 10.0) for each in sorted(minutes_ago, reverse=True)]


def test_minutes_nobody_watched_come_from_cloudwatch():
    live = [(END - 2_000, None, None), (END - 1_000, 12.0, 11.0), (END, 12.0, 11.0)]

    points, (start, end) = flow.drawn(look(history=history(9, 4, 3, 2, 1)), live)

    assert [at - END for at, *_ in points] == [-4 * MINUTE, -3 * MINUTE, -2 * MINUTE, -MINUTE, -1_000, 0]
    assert (start, end) == (END - 5 * MINUTE, END)


def test_a_gap_without_traffic_stays_open():
    live = [(END - 4 * MINUTE, 5.0, 5.0), (END - 1_001, None, None), (END - 1_000, 5.0, 5.0)]

    points, _ = flow.drawn(look(), live)

    assert [come for _, come, _ in points] == [5.0, None, 5.0]


def test_a_gap_that_cloudwatch_fills_is_closed():
    live = [(END - 4 * MINUTE, 5.0, 5.0), (END - 1_001, None, None), (END - 1_000, 5.0, 5.0)]

    points, _ = flow.drawn(look(history=history(3, 2, 1)), live)

    assert [come for _, come, _ in points] == [5.0, 10.0, 10.0, 10.0, 5.0]


def test_on_aws_an_hour_of_whole_minutes_is_drawn():
    points, (start, _) = flow.drawn(look(live=False, history=history(59, 30, 1)), [(END, 1.0, 1.0)])

    assert len(points) == 3
    assert start == END - 60 * MINUTE


@given(st.lists(st.integers(0, 600_000)), st.lists(st.integers(0, 600_000)))
def test_what_is_drawn_is_in_order_and_within_the_window(looked, minutes):
    live = [(END - ago, 1.0, 1.0) for ago in sorted(looked, reverse=True)]
    past = [(END - ago, 1.0, 1.0) for ago in sorted(minutes, reverse=True)]

    points, (start, end) = flow.drawn(look(history=past), live)

    assert points == sorted(points)
    assert all(start <= at <= end for at, *_ in points)


def test_the_last_minute_is_one_minute_for_all_metrics():
    series = {
        "IncomingRecords": [(END - 2 * MINUTE, 60.0), (END - MINUTE, 120.0)],
        "Throttled": [(END - MINUTE * 2, 9.0)],
    }

    assert flow.latest(series, NOW) == {"IncomingRecords": 120.0}
    assert flow.latest(series, NOW + timedelta(hours=1)) == {}


def test_a_producer_that_lives_in_the_future_makes_no_row_newer_than_its_object():
    landed = flow.Landed(Object("k", 1, NOW, "e"), Footer(1, datetime(2099, 1, 1)))  # noqa: DTZ001 - as Parquet has it

    assert flow.newest_row([landed]) == NOW


def test_buffers_fill_by_bytes_or_by_time_whichever_is_nearer():
    said = stage.looks(look(), PIPELINE)

    assert said["transform"].full == 0.5
    assert said["objects"].full == 0.25
    assert (said["transform"].figure, said["transform"].unit) == ("512.0 KiB", "buffered, 10 records")


def test_what_aws_does_not_tell_is_a_dash():
    unknown = flow.Held()
    said = stage.looks(look(live=False, records_in=None, bytes_in=None, transform=unknown), PIPELINE)

    assert [said[name].figure for name in ("producer", "stream", "transform")] == ["-", "-", "-"]
    assert said["producer"].notes == ["in the last minute"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1", "  with a as (select 1) select * from a", "-- a remark\nSELECT 1", "/* one\n two */ show tables",
        "(SELECT 1)", "EXPLAIN SELECT 1", "explain analyze select 1", "EXPLAIN ANALYZE (FORMAT JSON) SELECT 1",
    ],
)  # fmt: skip
def test_a_statement_that_reads_is_known(sql):
    assert questions.reads(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t SELECT 1", "-- SELECT\nDROP TABLE t", "/* SELECT */ CREATE VIEW v AS SELECT 1",
        "UNLOAD (SELECT 1)",
        "EXPLAIN ANALYZE INSERT INTO t SELECT 1", "EXECUTE prepared", "MSCK REPAIR TABLE t", "", "--", "/* unfinished",
    ],
)  # fmt: skip
def test_a_statement_that_may_change_something_is_known(sql):
    assert not questions.reads(sql)
