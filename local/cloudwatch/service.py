"""GetMetricData and GetMetricStatistics.

The emulator answers them without expressions, and for a metric without dimensions with all that have some.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

from collections.abc import Mapping
from typing import Any

from local.cloudwatch import queries, statistics
from local.cloudwatch.queries import InvalidQuery, Read, Result
from local.errors import AwsError
from local.wire import Call

QUERIES_PER_REQUEST = 500
DATAPOINTS_PER_REQUEST = 1440
"""Of GetMetricStatistics."""


class MetricDataService:
    """Reads metrics. Over the JSON protocol, which boto3 and the AWS CLI speak to CloudWatch; others pass through."""

    name = "cloudwatch"
    operations = frozenset({"GetMetricData", "GetMetricStatistics"})

    def __init__(self, read: Read) -> None:
        self._read = read

    def resources(self, _call: Call) -> list[str]:
        """CloudWatch has no resource-level permissions for reading metrics."""
        return ["*"]

    async def call(self, call: Call) -> Mapping[str, Any]:
        try:
            start, end = _range(call.parameters)
            if call.operation == "GetMetricStatistics":
                return self._statistics(call.parameters, start, end)
            return self._data(call.parameters, start, end)
        except InvalidQuery as reason:
            raise AwsError("ValidationError", str(reason)) from None

    def _data(self, members: Mapping[str, Any], start: float, end: float) -> Mapping[str, Any]:
        asked = members.get("MetricDataQueries") or []
        if not 0 < len(asked) <= QUERIES_PER_REQUEST:
            raise InvalidQuery(f"The parameter MetricDataQueries must have 1 to {QUERIES_PER_REQUEST} members")
        results = queries.answer(queries.parse(asked), start, end, self._read)
        descending = members.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        return {"MetricDataResults": [_result(each, descending=descending) for each in results], "Messages": []}

    def _statistics(self, members: Mapping[str, Any], start: float, end: float) -> Mapping[str, Any]:
        asked = [*members.get("Statistics", []), *members.get("ExtendedStatistics", [])]
        if not asked or (unknown := [each for each in asked if not statistics.known(each)]):
            raise InvalidQuery(
                f"Statistics or ExtendedStatistics must be given, and be known: {unknown if asked else []}"
            )
        period = int(members.get("Period") or 0)
        if period < 1 or (end - start) / period > DATAPOINTS_PER_REQUEST:
            raise InvalidQuery(f"Period must be at least 1 and give no more than {DATAPOINTS_PER_REQUEST} datapoints")
        metric = queries.metric_of(members)
        moments = range(int(start // 60) * 60, int(-(-end // 1)), period)
        samples = [each for each in self._read(metric) if members.get("Unit") in {None, "", each.unit}]
        periods = statistics.by_period(samples, moments)
        return {
            "Label": metric.name,
            "Datapoints": [_datapoint(at, group, members) for at, group in periods.items()],
        }


def _range(members: Mapping[str, Any]) -> tuple[float, float]:
    try:
        start, end = float(members["StartTime"]), float(members["EndTime"])
    except (KeyError, TypeError, ValueError):
        raise InvalidQuery("The parameters StartTime and EndTime are required, in epoch seconds") from None
    if start >= end:
        raise InvalidQuery("The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def _result(result: Result, *, descending: bool) -> Mapping[str, Any]:
    points = sorted(result.values.items(), reverse=descending)
    return {
        "Id": result.id,
        "Label": result.label,
        "Timestamps": [at for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def _datapoint(at: int, samples: list[statistics.Sample], members: Mapping[str, Any]) -> Mapping[str, Any]:
    extended = {name: statistics.compute(name, samples) for name in members.get("ExtendedStatistics", [])}
    simple = {name: statistics.compute(name, samples) for name in members.get("Statistics", [])}
    return {
        "Timestamp": at,
        "Unit": samples[0].unit,
        **simple,
        **(
            {"ExtendedStatistics": {name: value for name, value in extended.items() if value is not None}}
            if extended
            else {}
        ),
    }
