"""StateReason as it was seen on AWS: each text here is one from a real alarm's history or notification."""

import json

import pytest

from local.alarms.evaluate import Definition, definition, evaluate, evaluation_range
from local.alarms.reason import data, double, text

# 2026-11-23T19:06:10Z
NOW = 1_795_460_770.0
NEWEST = 1_795_460_700


def rule(**changes) -> Definition:
    alarm = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Statistic": "Sum",
        **changes,
    }
    return definition(alarm)


def said(alarm: Definition, *values: float | None) -> str:
    """Return the reason for these values, the newest first."""
    known = {NEWEST - 60 * age: value for age, value in enumerate(values) if value is not None}
    return text(alarm, evaluate(alarm, known, NOW, "OK"))


@pytest.mark.parametrize(
    ("alarm", "values", "expected"),
    [
        (
            rule(DatapointsToAlarm=1),
            [5.0],
            ("Threshold Crossed: 1 out of the last 1 datapoints [5.0 (23/11/26 19:05:00)] was greater than the"
            " threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition)."),
        ),
        (
            rule(DatapointsToAlarm=1, Threshold=80.0),
            [44.79021950541814],
            ("Threshold Crossed: 1 out of the last 1 datapoints [44.79021950541814 (23/11/26 19:05:00)] was not greater"
            " than the threshold (80.0) (minimum 1 datapoint for ALARM -> OK transition)."),
        ),
        (
            rule(EvaluationPeriods=2, Threshold=42),
            [0.0, 1.0],
            ("Threshold Crossed: 2 datapoints [0.0 (23/11/26 19:05:00), 1.0 (23/11/26 19:04:00)] were not greater than"
            " the threshold (42.0)."),
        ),
        (
            rule(EvaluationPeriods=3, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold"),
            [4.0, 5.0, 1.0],
            ("Threshold Crossed: 3 datapoints [4.0 (23/11/26 19:05:00), 5.0 (23/11/26 19:04:00), 1.0 (23/11/26"
            " 19:03:00)] were greater than or equal to the threshold (1.0)."),
        ),
        (
            rule(EvaluationPeriods=3, TreatMissingData="notBreaching"),
            [],
            ("Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as"
            " [NonBreaching]."),
        ),
        (
            rule(TreatMissingData="breaching"),
            [],
            ("Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as"
            " [Breaching]."),
        ),
        (
            rule(EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="breaching"),
            [0.0],
            ("Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as"
            " [Breaching]."),
        ),
        (
            rule(
                EvaluationPeriods=20, DatapointsToAlarm=1, Threshold=1, TreatMissingData="notBreaching",
                ComparisonOperator="GreaterThanOrEqualToThreshold",
            ),
            [613.0],
            ("Threshold Crossed: 1 out of the last 20 datapoints [613.0 (23/11/26 19:05:00)] was greater than or equal"
            " to the threshold (1.0) and 19 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for"
            " OK -> ALARM transition)."),
        ),
        (
            rule(EvaluationPeriods=8, ComparisonOperator="LessThanOrEqualToThreshold", TreatMissingData="breaching"),
            [2.0],
            ("Threshold Crossed: 1 datapoint [2.0 (23/11/26 19:05:00)] was not less than or equal to the threshold"
            " (0.0) and 7 missing datapoints were treated as [Breaching]."),
        ),
        (rule(), [], "Insufficient Data: 1 datapoint was unknown."),
        (rule(EvaluationPeriods=2), [], "Insufficient Data: 2 datapoints were unknown."),
    ],
)  # fmt: skip
def test_the_reason_reads_as_on_aws(alarm, values, expected):
    assert said(alarm, *values) == expected


def test_the_data_names_what_was_evaluated():
    alarm = rule(EvaluationPeriods=2, Threshold=42)
    outcome = evaluate(alarm, {NEWEST: 0.0, NEWEST - 60: 1.0}, NOW, "ALARM")
    assert json.loads(data(alarm, outcome, NOW)) == {
        "version": "1.0",
        "queryDate": "2026-11-23T19:06:10.000+0000",
        "startDate": "2026-11-23T19:04:00.000+0000",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [1.0, 0.0],
        "threshold": 42.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-11-23T19:05:00.000+0000", "value": 0.0},
            {"timestamp": "2026-11-23T19:04:00.000+0000", "value": 1.0},
        ],
    }


def test_an_alarm_on_an_expression_takes_the_period_of_its_metrics_and_has_no_statistic():
    metrics = [
        {"Id": "e1", "Expression": "a+1"},
        {"Id": "a", "MetricStat": {"Period": 300, "Stat": "Sum", "Metric": {}}},
    ]
    alarm = rule(Metrics=metrics, Period=60)
    assert evaluation_range(alarm, NOW).period == 300
    assert "statistic" not in json.loads(data(alarm, evaluate(alarm, {}, NOW, "OK"), NOW))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0.0"),
        (-5.0, "-5.0"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-12_345_678.5, "-1.23456785E7"),
        (0.00025, "2.5E-4"),
        (1e22, "1.0E22"),
    ],
)
def test_numbers_are_written_as_java_does(value, written):
    assert double(value) == written
