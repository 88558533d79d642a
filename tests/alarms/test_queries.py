"""What GetMetricData answers, over samples in memory."""

import asyncio
from typing import Any

import pytest

from local.cloudwatch import statistics
from local.cloudwatch.queries import InvalidQuery, Metric, Result, answer, check_alarm, parse
from local.cloudwatch.service import MetricDataService
from local.cloudwatch.statistics import Sample
from local.errors import AwsError
from local.wire import NOBODY, Call

START = 1_795_435_200  # 2026-11-23T12:00:00Z
DIMENSIONS = [{"Name": "DeliveryStreamName", "Value": "signups"}]


def sample(value: float, at: int, count: float = 1.0, unit: str = "Count") -> Sample:
    return Sample(START + at, unit, count, value * count, value, value)


STORE = {
    Metric("AWS/Firehose", "IncomingBytes", (("DeliveryStreamName", "signups"),)): [sample(300, 0), sample(600, 60, 2)],
    Metric("AWS/Firehose", "IncomingBytes", (("DeliveryStreamName", "others"),)): [sample(9e9, 0)],
    Metric("AWS/Firehose", "BytesPerSecondLimit", (("DeliveryStreamName", "signups"),)): [
        sample(100, 0),
        sample(100, 60),
    ],
    Metric("AWS/Lambda", "Duration", ()): [sample(float(value), 30, 1, "Milliseconds") for value in range(1, 101)],
}


def read(metric: Metric) -> list[Sample]:
    return STORE.get(metric, [])


def stat(name: str, metric: str, statistic: str, period: int = 60, **more) -> dict[str, Any]:
    named = {"Namespace": "AWS/Firehose", "MetricName": metric, "Dimensions": DIMENSIONS}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": period, "Stat": statistic}, **more}


def asked(*queries: dict[str, Any], seconds: int = 180, start: int = START) -> list[Result]:
    return answer(parse(queries), start, start + seconds, read)


def test_a_metric_is_one_set_of_dimensions_and_its_periods_count_from_the_start():
    assert asked(stat("m", "IncomingBytes", "Sum")) == [
        Result("m", "IncomingBytes", {START: 300.0, START + 60: 1200.0})
    ]
    (later,) = asked(stat("m", "IncomingBytes", "Sum", 120), start=START - 60)
    assert later.values == {START - 60: 300.0, START + 60: 1200.0}


def test_the_share_of_the_quota_in_percent():
    (share,) = asked(
        {"Id": "share", "Label": "bytes", "Expression": "100*(in/PERIOD(in))/limit"},
        stat("in", "IncomingBytes", "Sum", ReturnData=False),
        stat("limit", "BytesPerSecondLimit", "Minimum", ReturnData="false"),
    )
    assert share == Result("share", "bytes", {START: 5.0, START + 60: 20.0})


def test_an_expression_may_use_others_in_any_order():
    total, half = asked(
        {"Id": "total", "Expression": "half * 4"},
        {"Id": "half", "Expression": "m / 2"},
        stat("m", "IncomingBytes", "Sum", ReturnData=False),
    )
    assert (half.values[START], total.values[START]) == (150.0, 600.0)


def test_an_array_gives_one_result_for_each_of_its_series():
    results = asked(
        {"Id": "e", "Label": "rate", "Expression": 'METRICS("m")/60'},
        stat("m1", "IncomingBytes", "Sum", ReturnData=False),
        stat("m2", "BytesPerSecondLimit", "Minimum", ReturnData=False),
    )
    assert [(result.id, result.label) for result in results] == [("e", "rate m1"), ("e", "rate m2")]


def test_a_metric_without_dimensions_is_not_the_sum_of_those_with_some():
    metric = {"Namespace": "AWS/Firehose", "MetricName": "IncomingBytes"}
    (alone,) = asked({"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}})
    assert alone.values == {}


def test_the_unit_is_part_of_the_question():
    query = stat("m", "IncomingBytes", "Sum")
    query["MetricStat"]["Unit"] = "Bytes"
    assert asked(query)[0].values == {}


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("SampleCount", 100),
        ("p50", 50.5),
        ("p99", 99.01),
        ("p100", 100),
        ("p0", 1),
    ],
)
def test_statistics(statistic, expected):
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Duration"}
    (result,) = asked({"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}})
    assert result.values[START] == pytest.approx(expected)


def test_a_percentile_needs_values():
    """A statistic set has none, unless all of its values are the same."""
    mixed, uniform = Sample(START, "None", 3, 6, 1, 3), Sample(START, "None", 3, 6, 2, 2)
    assert statistics.compute("p90", [mixed]) is None
    assert statistics.compute("p90", [uniform]) == 2
    assert statistics.compute("Average", [mixed]) == 2


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ([{"Id": "M1", "Expression": "1"}], "'M1' is no Id"),
        ([{"Id": "m1"}], "'m1' must have either an Expression or a MetricStat"),
        ([stat("m", "X", "Sum"), stat("m", "Y", "Sum")], "are not unique: 'm'"),
        ([stat("m", "X", "Median")], "'m' has the Stat 'Median'"),
        ([stat("m", "X", "Sum", 90)], "'m' has the Period 90; it must be 1, 5, 10, 20, 30 or a multiple of 60"),
        ([{"Id": "e", "Expression": "m +"}], "Error in expression 'e' [Unsupported token '<EOF>' at char 3"),
        ([{"Id": "e", "Expression": "e + 1"}], "Error in expression 'e' [it refers to itself]"),
        ([{"Id": "a", "Expression": "b"}, {"Id": "b", "Expression": "a"}], "it refers to itself]"),
        ([{"Id": "e", "Expression": "m * 2"}], "Error in expression 'e' ['m' at char 0 is the Id of no metric"),
        ([{"Id": "m", "MetricStat": {"Metric": {}, "Period": 60, "Stat": "Sum"}}], "A metric has Namespace"),
        ([stat("m", "X", "Sum", 1)], "has more than 100800 periods"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_query_is_said(queries, said):
    with pytest.raises(InvalidQuery) as refusal:
        asked(*queries, seconds=200_000)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ([stat("a", "X", "Sum"), stat("b", "Y", "Sum")], "Exactly one element of the Metrics list should return data"),
        ([stat("a", "X", "Sum", 60, ReturnData=False), stat("b", "Y", "Sum", 300)], "must have the same Period"),
        ([{"Id": "e", "Expression": "in * 2"}], "there is no metric or expression 'in'"),
    ],
)
def test_what_an_alarm_may_not_watch_is_said(queries, said):
    with pytest.raises(InvalidQuery) as refusal:
        check_alarm(parse(queries))
    assert said in str(refusal.value)


def called(operation: str, **members) -> dict[str, Any]:
    call = Call("cloudwatch", operation, members, "us-east-1", NOBODY)
    return dict(asyncio.run(MetricDataService(read).call(call)))


def test_the_newest_datapoint_comes_first_unless_asked_otherwise():
    request = {"MetricDataQueries": [stat("m", "IncomingBytes", "Sum")], "StartTime": START, "EndTime": START + 120}
    (newest_first,) = called("GetMetricData", **request)["MetricDataResults"]
    assert (newest_first["Timestamps"], newest_first["Values"]) == ([START + 60, START], [1200.0, 300.0])
    (oldest_first,) = called("GetMetricData", **request, ScanBy="TimestampAscending")["MetricDataResults"]
    assert oldest_first["Values"] == [300.0, 1200.0]


def test_statistics_of_one_metric():
    answered = called(
        "GetMetricStatistics", Namespace="AWS/Lambda", MetricName="Duration", StartTime=START, EndTime=START + 60,
        Period=60, Statistics=["Sum", "Maximum"], ExtendedStatistics=["p50"],
    )  # fmt: skip
    assert answered == {
        "Label": "Duration",
        "Datapoints": [
            {
                "Timestamp": START,
                "Unit": "Milliseconds",
                "Sum": 5050.0,
                "Maximum": 100.0,
                "ExtendedStatistics": {"p50": 50.5},
            }
        ],
    }


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetMetricData", {"StartTime": START, "EndTime": START + 60}),
        ("GetMetricData", {"MetricDataQueries": [stat("m", "X", "Sum")], "StartTime": START, "EndTime": START}),
        ("GetMetricData", {"MetricDataQueries": [stat("m", "X", "Sum")], "EndTime": START}),
        ("GetMetricStatistics", {"StartTime": START, "EndTime": START + 60, "Period": 60, "Statistics": ["Sum"]}),
        ("GetMetricStatistics", {"StartTime": START, "EndTime": START + 60, "Period": 60, "Statistics": ["Median"]}),
        ("GetMetricStatistics", {"StartTime": START, "EndTime": START + 60, "Statistics": ["Sum"]}),
    ],
)
def test_a_request_that_breaks_a_rule_is_a_validation_error(operation, members):
    with pytest.raises(AwsError) as refusal:
        called(operation, **members)
    assert refusal.value.code == "ValidationError"
