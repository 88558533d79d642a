"""The message to a topic: its members are those of messages that alarms on AWS sent."""

from typing import Any

from local.alarms import notification

ALARM: dict[str, Any] = {
    "AlarmName": "failures", "AlarmDescription": "",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:failures",
    "AlarmConfigurationUpdatedTimestamp": 1_795_460_000, "StateUpdatedTimestamp": 1_795_460_770.5,
    "StateValue": "ALARM", "StateReason": "because", "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:told"],
    "MetricName": "Errors", "Namespace": "AWS/Lambda", "Statistic": "Sum",
    "Dimensions": [{"Name": "F", "Value": "mask"}],
    "Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0.0, "TreatMissingData": "notBreaching",
}  # fmt: skip


def told(**changes) -> dict[str, Any]:
    return notification.message(ALARM | changes, "OK", "000000000000", "us-east-1")


def test_it_names_the_alarm_the_change_and_the_trigger():
    assert told() == {
        "AlarmName": "failures",
        "AlarmDescription": None,
        "AWSAccountId": "000000000000",
        "AlarmConfigurationUpdatedTimestamp": "2026-11-23T18:53:20.000+0000",
        "NewStateValue": "ALARM",
        "NewStateReason": "because",
        "StateChangeTime": "2026-11-23T19:06:10.500+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:failures",
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:told"],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "Errors",
            "Namespace": "AWS/Lambda",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"name": "F", "value": "mask"}],
            "Period": 60,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def test_a_percentile_is_an_extended_statistic():
    trigger = told(ExtendedStatistic="p99")["Trigger"]
    assert (trigger["StatisticType"], trigger["ExtendedStatistic"]) == ("ExtendedStatistic", "p99")
    assert "Statistic" not in trigger


def test_an_expression_brings_its_metrics():
    metric = {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "1"}]}
    queries = [
        {"Id": "e", "Expression": "m*2"},
        {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
    ]
    trigger = told(Metrics=queries)["Trigger"]
    assert trigger["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"] == [{"name": "D", "value": "1"}]
    assert "MetricName" not in trigger


def test_a_composite_alarm_brings_its_rule():
    message = told(AlarmRule="ALARM(a) OR ALARM(b)")
    assert message["AlarmRule"] == "ALARM(a) OR ALARM(b)"
    assert "Trigger" not in message


def test_the_subject_fits_into_an_email_and_regions_have_names():
    assert notification.subject(ALARM, "OK", "sa-east-1") == 'OK: "failures" in South America (Sao Paulo)'
    assert notification.subject(ALARM, "OK", "eu-north-1").endswith("in eu-north-1")
    assert len(notification.subject(ALARM | {"AlarmName": "x" * 255}, "OK", "us-east-1")) == 100


def test_actions_are_those_of_the_state_unless_switched_off():
    assert notification.actions(ALARM, "ALARM") == ["arn:aws:sns:us-east-1:000000000000:told"]
    assert notification.actions(ALARM, "OK") == []
    assert notification.actions(ALARM | {"ActionsEnabled": False}, "ALARM") == []
