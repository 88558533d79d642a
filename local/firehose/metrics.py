"""CloudWatch metrics of the delivery streams, one statistic set for each minute.

https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NAMESPACE = "AWS/Firehose"
PERIOD_SECONDS = 60
_AT_ONCE = 500

BYTES, COUNT, MILLISECONDS, SECONDS, NONE = "Bytes", "Count", "Milliseconds", "Seconds", "None"


@dataclass(slots=True)
class _Statistics:
    unit: str
    count: int = 0
    sum: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")

    def add(self, value: float) -> None:
        self.count += 1
        self.sum += value
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)


class Metrics:
    """Gathers samples from any thread until they are taken for publishing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gathered: dict[tuple[str, str], _Statistics] = {}
        self._totals: dict[tuple[str, str], float] = {}

    def add(self, stream: str, name: str, value: float, unit: str = COUNT) -> None:
        with self._lock:
            statistics = self._gathered.get((stream, name))
            if statistics is None:
                statistics = self._gathered[stream, name] = _Statistics(unit)
            statistics.add(value)
            self._totals[stream, name] = self._totals.get((stream, name), 0.0) + value

    def total(self, stream: str, name: str) -> int:
        """Return the sum of all samples since this process began."""
        return int(self._totals.get((stream, name), 0))

    def take(self, minute: float) -> list[dict[str, Any]]:
        """Return what was gathered as PutMetricData's MetricData, stamped with `minute`, and start anew."""
        with self._lock:
            gathered, self._gathered = self._gathered, {}
        stamp = datetime.fromtimestamp(minute, UTC)
        return [_datum(stream, name, each, stamp) for (stream, name), each in gathered.items()]


def publish(cloudwatch: Any, data: list[dict[str, Any]]) -> None:
    for at in range(0, len(data), _AT_ONCE):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[at : at + _AT_ONCE])


def _datum(stream: str, name: str, statistics: _Statistics, stamp: datetime) -> dict[str, Any]:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "DeliveryStreamName", "Value": stream}],
        "Timestamp": stamp,
        "Unit": statistics.unit,
        "StatisticValues": {
            "SampleCount": statistics.count,
            "Sum": statistics.sum,
            "Minimum": statistics.minimum,
            "Maximum": statistics.maximum,
        },
    }
