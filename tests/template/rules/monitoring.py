"""The alarms: every trouble has one, on a metric that exists, that somebody hears."""

import re
from collections.abc import Iterator
from typing import Any

from functions.mask_cpf.metrics import METRICS as OWN_METRICS
from tests.template.stack import PSEUDO, Stack

OWN = f"Signups/{PSEUDO['AWS::StackName']}"
STREAM = {"DeliveryStreamName": "<DeliveryStream>"}
FUNCTION = {"FunctionName": "<MaskFunction>"}
# Developer Guide, monitoring-with-cloudwatch-metrics: those of Direct PUT to S3 with a transform and conversion.
KNOWN: dict[str, tuple[dict[str, str], set[str]]] = {
    "AWS/Firehose": (
        STREAM,
        {
            *("IncomingBytes", "IncomingRecords", "IncomingPutRequests", "ThrottledRecords"),
            *("BytesPerSecondLimit", "RecordsPerSecondLimit", "PutRequestsPerSecondLimit"),
            *("ExecuteProcessing.Duration", "ExecuteProcessing.Success"),
            *("SucceedProcessing.Records", "SucceedProcessing.Bytes"),
            *("SucceedConversion.Records", "SucceedConversion.Bytes"),
            *("FailedConversion.Records", "FailedConversion.Bytes"),
            *("DeliveryToS3.Bytes", "DeliveryToS3.Records", "DeliveryToS3.DataFreshness", "DeliveryToS3.Success"),
            *("KMSKeyAccessDenied", "KMSKeyDisabled", "KMSKeyInvalidState", "KMSKeyNotFound"),
        },
    ),
    "AWS/Lambda": (FUNCTION, {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}),
    "AWS/Athena": (
        {"QueryState": "SUCCEEDED", "QueryType": "DML", "WorkGroup": "<QueryWorkGroup>"},
        {"ProcessedBytes", "TotalExecutionTime"},
    ),
    OWN: (STREAM, set(OWN_METRICS)),
}
WATCHED = {
    "AWS/Firehose": {
        "DeliveryToS3.DataFreshness",
        "DeliveryToS3.Success",
        "FailedConversion.Records",
        "ExecuteProcessing.Success",
        "ThrottledRecords",
        # Blocked delivery, and the quotas.
        *("IncomingRecords", "DeliveryToS3.Records"),
        *("BytesPerSecondLimit", "RecordsPerSecondLimit", "PutRequestsPerSecondLimit"),
    },
    "AWS/Lambda": {"Errors", "Throttles", "Duration"},
    OWN: {"TokenKeyUnavailable", "InternalErrors", "Oversized", "Redacted"},
}
AVERAGED = {"DeliveryToS3.Success", "ExecuteProcessing.Success"}
PERIODS = {60, 300}


def alarms(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every alarm's logical id and properties."""
    for name, resource in stack.of_type("AWS::CloudWatch::Alarm").items():
        yield name, resource["Properties"]


def metrics(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each metric of an alarm with its statistic and period, whether alone or in metric math."""
    if "MetricName" in alarm:
        yield {**alarm, "Stat": alarm.get("Statistic", alarm.get("ExtendedStatistic"))}
    for each in alarm.get("Metrics", []):
        if "MetricStat" in each:
            yield {**each["MetricStat"]["Metric"], **each["MetricStat"]}


def metrics_exist(stack: Stack) -> Iterator[str]:
    for name, alarm in alarms(stack):
        for metric in metrics(alarm):
            dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
            if problem := unknown(metric["Namespace"], metric["MetricName"], dimensions):
                yield f"{name}: {problem}"


def unknown(namespace: str, metric: str, dimensions: dict[str, str]) -> str | None:
    """Return what is wrong with a metric's identity, if anything is."""
    if namespace not in KNOWN or metric not in KNOWN[namespace][1]:
        return f"there is no metric {metric} in {namespace}"
    if dimensions != KNOWN[namespace][0]:
        return f"{metric} has the dimensions {KNOWN[namespace][0]}, not {dimensions}"
    return None


def every_trouble_has_an_alarm(stack: Stack) -> Iterator[str]:
    watched = {(each["Namespace"], each["MetricName"]) for _, alarm in alarms(stack) for each in metrics(alarm)}
    for namespace, names in WATCHED.items():
        for name in sorted(names):
            if (namespace, name) not in watched:
                yield f"no alarm watches {namespace} {name}"
    if stack.parameters["ExpectTraffic"] == "true" and not _hears_silence(stack):
        yield "with ExpectTraffic there must be an alarm on IncomingRecords that takes missing data as breaching"
    if stack.parameters["KmsKeyArn"] and ("AWS/Firehose", "KMSKeyAccessDenied") not in watched:
        yield "with a customer's key there must be an alarm on its refusals"


def _hears_silence(stack: Stack) -> bool:
    return any(
        alarm.get("MetricName") == "IncomingRecords" and alarm.get("TreatMissingData") == "breaching"
        for _, alarm in alarms(stack)
    )


def evaluation_fits_the_metric(stack: Stack) -> Iterator[str]:
    for name, alarm in alarms(stack):
        if alarm.get("TreatMissingData") not in {"notBreaching", "breaching"}:
            yield f"{name}: TreatMissingData must be chosen: no record means no data point"
        if alarm.get("TreatMissingData") == "breaching" and alarm.get("MetricName") != "IncomingRecords":
            yield f"{name}: missing data is normal for {alarm.get('MetricName')}"
        if int(alarm.get("DatapointsToAlarm", 1)) > int(alarm["EvaluationPeriods"]):
            yield f"{name}: DatapointsToAlarm is more than EvaluationPeriods"
        for metric in metrics(alarm):
            if int(metric.get("Period", 0)) not in PERIODS:
                yield f"{name}: the period must be 60 or 300 s: Firehose publishes by the minute"
            if problem := _misjudged(metric, alarm):
                yield f"{name}: {problem}"


def _misjudged(metric: dict[str, Any], alarm: dict[str, Any]) -> str | None:
    name, stat = metric["MetricName"], metric["Stat"]
    if name in AVERAGED:
        below = str(alarm.get("ComparisonOperator")).startswith("LessThan") and 0 < float(alarm["Threshold"]) <= 1
        return None if stat == "Average" and below else f"{name} is a ratio of 0 to 1: Average, less than"
    if name == "DeliveryToS3.DataFreshness":
        return None if stat == "Maximum" else "freshness is the age of the oldest record: Maximum"
    if name == "Duration":
        return None if stat == "p99" and float(alarm["Threshold"]) > 1000 else "Duration is in milliseconds: p99"
    if name.endswith("Limit"):
        return None if stat == "Minimum" else f"{name}: Minimum"
    return None if stat == "Sum" else f"{name} is a count: Sum"


def expressions_use_what_is_there(stack: Stack) -> Iterator[str]:
    for name, alarm in alarms(stack):
        identifiers = {each["Id"] for each in alarm.get("Metrics", [])}
        for each in alarm.get("Metrics", []):
            if missing := set(re.findall(r"\b[a-z]\w*", each.get("Expression", ""))) - identifiers:
                yield f"{name}: the expression {each['Expression']} uses {sorted(missing)}, which is not there"
        if alarm.get("Metrics") and [each["ReturnData"] for each in alarm["Metrics"]].count(True) != 1:
            yield f"{name}: exactly one of its metrics must return data"


def somebody_hears(stack: Stack) -> Iterator[str]:
    for name, alarm in alarms(stack):
        if alarm.get("AlarmActions") != ["<AlarmTopic>"] or alarm.get("OKActions") != ["<AlarmTopic>"]:
            yield f"{name}: going off and being over must both be told to the topic"
        if not alarm.get("AlarmDescription"):
            yield f"{name}: say what it means and what to do"
    policy = str(stack.properties("AlarmTopicPolicy"))
    for service in ("cloudwatch.amazonaws.com", "events.amazonaws.com"):
        if service not in policy:
            yield f"the topic must let {service} publish"


def events_reach_the_topic(stack: Stack) -> Iterator[str]:
    expected = {
        "aws.s3": {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": ["<LakeBucket>"]}, "object": {"key": [{"prefix": "errors/"}]}},
        },
        "aws.glue": {
            "source": ["aws.glue"],
            "detail-type": ["Glue Crawler State Change"],
            "detail": {"crawlerName": ["<SignupsCrawler>"], "state": ["Failed"]},
        },
    }
    rules = [each["Properties"] for each in stack.of_type("AWS::Events::Rule").values()]
    for source, pattern in expected.items():
        if not any(each["EventPattern"] == pattern and each["Targets"][0]["Arn"] == "<AlarmTopic>" for each in rules):
            yield f"a rule must tell the topic of {source}: {pattern}"


RULES = [
    metrics_exist,
    every_trouble_has_an_alarm,
    evaluation_fits_the_metric,
    expressions_use_what_is_there,
    somebody_hears,
    events_reach_the_topic,
]
