"""What an alarm tells its SNS topics: the message that people and programs get.

The form is that of messages seen on AWS; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
describes it in words only.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-2": "US West (Oregon)",
    "eu-west-1": "EU (Ireland)",
    "eu-central-1": "EU (Frankfurt)",
    "sa-east-1": "South America (Sao Paulo)",
}
"""CloudWatch writes a region's name, not its code. Regions not listed keep their code."""

SUBJECT_LENGTH = 100

_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_LOWER_CASE = {"Name": "name", "Value": "value"}


def actions(alarm: Mapping[str, Any], state: str) -> list[str]:
    """Return the ARNs that a change to `state` is told to."""
    if not alarm.get("ActionsEnabled", True):
        return []
    return list(alarm.get(_ACTIONS[state]) or [])


def subject(alarm: Mapping[str, Any], state: str, region: str) -> str:
    return f'{state}: "{alarm["AlarmName"]}" in {REGIONS.get(region, region)}'[:SUBJECT_LENGTH]


def message(alarm: Mapping[str, Any], old_state: str, account: str, region: str) -> dict[str, Any]:
    """Describe the alarm, which is in its new state already, and what it came from."""
    told = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": _moment(alarm.get("AlarmConfigurationUpdatedTimestamp", 0)),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": _moment(alarm["StateUpdatedTimestamp"]),
        "Region": REGIONS.get(region, region),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old_state,
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
    }
    if "AlarmRule" in alarm:
        return {**told, "AlarmRule": alarm["AlarmRule"]}
    return {**told, "Trigger": _trigger(alarm)}


def _trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    rule = {
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        **({"DatapointsToAlarm": alarm["DatapointsToAlarm"]} if "DatapointsToAlarm" in alarm else {}),
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile") or "",
    }
    if alarm.get("Metrics"):
        return {"Metrics": [_query(each) for each in alarm["Metrics"]], **rule}
    return {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        **_statistic(alarm),
        "Unit": alarm.get("Unit"),
        "Dimensions": _dimensions(alarm.get("Dimensions") or []),
        "Period": alarm["Period"],
        **rule,
    }


def _statistic(alarm: Mapping[str, Any]) -> dict[str, str]:
    if extended := alarm.get("ExtendedStatistic"):
        return {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": extended}
    return {"StatisticType": "Statistic", "Statistic": str(alarm["Statistic"]).upper()}


def _query(members: Mapping[str, Any]) -> dict[str, Any]:
    if not (stat := members.get("MetricStat")):
        return dict(members)
    metric = stat["Metric"]
    return {
        **members,
        "MetricStat": {**stat, "Metric": {**metric, "Dimensions": _dimensions(metric.get("Dimensions") or [])}},
    }


def _dimensions(dimensions: list[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{_LOWER_CASE[key]: value for key, value in each.items()} for each in dimensions]


def _moment(epoch: float) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%S}.{int(epoch * 1000) % 1000:03d}+0000"
