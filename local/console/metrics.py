"""The charts of the Firehose console's Monitoring tab, read with GetMetricData as any tool would.

Titles and statistics are those that dashboards exported from the console show, word for word (AWS Solutions,
`DeliveryStreamMonitoring` of the Streaming Data Solution).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.pipeline import Pipeline

FIREHOSE, LAMBDA = "AWS/Firehose", "AWS/Lambda"
QUERIES_PER_CALL = 500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""


@dataclass(frozen=True)
class Line:
    """One series of a chart. `per_second` divides the sum by the period."""

    metric: str
    stat: str
    label: str
    namespace: str = FIREHOSE
    per_second: bool = False
    scale: float = 1
    limit: bool = False


@dataclass(frozen=True)
class Chart:
    """One chart of the page."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    section: str = "Firehose stream metrics"


@dataclass(frozen=True)
class Drawn:
    """A chart with its data: per line, (epoch milliseconds, value) in time order."""

    chart: Chart
    data: list[list[tuple[int, float]]]


def _incoming(title: str, unit: str, metric: str, limit: str) -> Chart:
    return Chart(
        title,
        unit,
        (
            Line(metric, "Sum", f"{metric} (per second average)", per_second=True),
            Line(limit, "Minimum", limit, limit=True),
        ),
    )


def _sum(title: str, unit: str, metric: str) -> Chart:
    return Chart(title, unit, (Line(metric, "Sum", metric),))


CHARTS = (
    _incoming("Incoming bytes per second", "bytes", "IncomingBytes", "BytesPerSecondLimit"),
    _incoming("Incoming put requests per second", "count", "IncomingPutRequests", "PutRequestsPerSecondLimit"),
    _incoming("Incoming records per second", "count", "IncomingRecords", "RecordsPerSecondLimit"),
    _sum("Throttled records (Count)", "count", "ThrottledRecords"),
    _sum("Records successfully converted using AWS Glue (Sum)", "count", "SucceedConversion.Records"),
    _sum("Bytes successfully converted using AWS Glue (Sum)", "bytes", "SucceedConversion.Bytes"),
    Chart(
        "Delivery to Amazon S3 success",
        "percent",
        (Line("DeliveryToS3.Success", "Average", "DeliveryToS3.Success (average)", scale=100),),
    ),
    _sum("Records not successfully converted using AWS Glue (Sum)", "count", "FailedConversion.Records"),
    _sum("Bytes not successfully converted using AWS Glue (Sum)", "bytes", "FailedConversion.Bytes"),
    Chart(
        "Delivery to Amazon S3 data freshness (Maximum)",
        "seconds",
        (Line("DeliveryToS3.DataFreshness", "Maximum", "DeliveryToS3.DataFreshness"),),
    ),
    _sum("Records delivered to Amazon S3 (Sum)", "count", "DeliveryToS3.Records"),
    _sum("Bytes delivered to Amazon S3 (Sum)", "bytes", "DeliveryToS3.Bytes"),
    Chart(
        "Transform success",
        "percent",
        (Line("ExecuteProcessing.Success", "Average", "ExecuteProcessing.Success (average)", scale=100),),
        "Transform",
    ),
    Chart(
        "Invocations, errors, throttles",
        "count",
        tuple(Line(each, "Sum", each, LAMBDA) for each in ("Invocations", "Errors", "Throttles")),
        "Transform",
    ),
    Chart(
        "Duration (p50, p99, Maximum)",
        "milliseconds",
        tuple(Line("Duration", stat, stat, LAMBDA) for stat in ("p50", "p99", "Maximum")),
        "Transform",
    ),
)


def read(
    cloudwatch: Any, pipeline: Pipeline, charts: Iterable[Chart], *, end: datetime, span: int, period: int
) -> list[Drawn]:
    """Return the charts over the last `span` seconds in points of `period` seconds. Blocks; raises ClientError."""
    drawn = list(charts)
    queries = {
        f"m{at}_{number}": _query(f"m{at}_{number}", line, pipeline, period)
        for at, chart in enumerate(drawn)
        for number, line in enumerate(chart.lines)
    }
    found: dict[str, dict[int, float]] = {identifier: {} for identifier in queries}
    wanted = list(queries.values())
    for start in range(0, len(wanted), QUERIES_PER_CALL):
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=wanted[start : start + QUERIES_PER_CALL],
            StartTime=_floor(end - timedelta(seconds=span), period),
            EndTime=end,
            ScanBy="TimestampAscending",
        )
        for page in pages:
            _collect(found, page)
    return [
        Drawn(
            chart,
            [_points(line, found[f"m{at}_{number}"], period) for number, line in enumerate(chart.lines)],
        )
        for at, chart in enumerate(drawn)
    ]


def recent(
    cloudwatch: Any, pipeline: Pipeline, metrics: Mapping[str, str], *, end: datetime, span: int
) -> dict[str, list[tuple[int, float]]]:
    """Return each metric's values (by its statistic) over the last whole minutes, in time order. Blocks."""
    charts = [Chart(name, "", (Line(name, stat, name),)) for name, stat in metrics.items()]
    drawn = read(cloudwatch, pipeline, charts, end=_floor(end, 60), span=span, period=60)
    return {each.chart.title: each.data[0] for each in drawn}


def _query(identifier: str, line: Line, pipeline: Pipeline, period: int) -> dict[str, Any]:
    function = pipeline.transform.function if pipeline.transform else "-"
    name, value = ("FunctionName", function) if line.namespace == LAMBDA else ("DeliveryStreamName", pipeline.stream)
    metric = {
        "Namespace": line.namespace, "MetricName": line.metric, "Dimensions": [{"Name": name, "Value": value}],
    }  # fmt: skip
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": period, "Stat": line.stat}}


def _collect(found: dict[str, dict[int, float]], page: Mapping[str, Any]) -> None:
    for result in page["MetricDataResults"]:
        pairs = zip(result["Timestamps"], result["Values"], strict=True)
        found[result["Id"]] |= {int(stamp.timestamp() * 1000): value for stamp, value in pairs}


def _points(line: Line, values: Mapping[int, float], period: int) -> list[tuple[int, float]]:
    factor = line.scale / period if line.per_second else line.scale
    return [(stamp, value * factor) for stamp, value in sorted(values.items())]


def _floor(moment: datetime, period: int) -> datetime:
    """Return the moment rounded down to the period, so that a whole period is never cut in two."""
    return datetime.fromtimestamp(moment.timestamp() // period * period, UTC)
