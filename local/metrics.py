"""Metrics of the local services, published to CloudWatch once a minute of the clock, as AWS's own are."""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.clients import Clients
from local.clock import Clock

log = logging.getLogger(__name__)

PERIOD = 60
METRICS_PER_CALL = 1000
VALUES_PER_METRIC = 150
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""

BYTES, COUNT, MILLISECONDS, SECONDS, NONE = "Bytes", "Count", "Milliseconds", "Seconds", "None"

_Metric = tuple[str, tuple[tuple[str, str], ...], str, str]
"""Namespace, dimensions, name, unit."""


@dataclass(slots=True)
class _Samples:
    """One metric's samples of one minute: each value and how often, while there are not too many of them."""

    count: int = 0
    sum: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    values: dict[float, int] = field(default_factory=dict)

    def add(self, value: float, times: int = 1) -> None:
        self.count += times
        self.sum += value * times
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if len(self.values) <= VALUES_PER_METRIC:
            self.values[value] = self.values.get(value, 0) + times

    def merge(self, other: "_Samples") -> None:
        """Take in what could not be published."""
        self.count += other.count
        self.sum += other.sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        for value, times in other.values.items():
            self.values[value] = self.values.get(value, 0) + times

    def members(self) -> dict[str, Any]:
        """Return every value, so that percentiles can be asked for, or else the statistic set."""
        if len(self.values) <= VALUES_PER_METRIC:
            return {"Values": list(self.values), "Counts": list(self.values.values())}
        statistics = {"SampleCount": self.count, "Sum": self.sum, "Minimum": self.minimum, "Maximum": self.maximum}
        return {"StatisticValues": statistics}


class Metrics:
    """Collects samples from any thread; each is published with the minute in which it was taken."""

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: dict[tuple[_Metric, int], _Samples] = defaultdict(_Samples)
        self._totals: dict[tuple[Any, ...], float] = defaultdict(float)

    def add(self, namespace: str, dimensions: Mapping[str, str], name: str, value: float, unit: str) -> None:
        minute = int(self._clock.now() // PERIOD) * PERIOD
        metric = (namespace, tuple(dimensions.items()), name, unit)
        with self._lock:
            self._samples[metric, minute].add(float(value))
            self._totals[metric[:3]] += value

    def total(self, namespace: str, dimensions: Mapping[str, str], name: str) -> float:
        """Return the sum of all samples since this process began."""
        return self._totals.get((namespace, tuple(dimensions.items()), name), 0.0)

    async def publish_forever(self) -> None:
        while True:
            await self._clock.sleep_until((self._clock.now() // PERIOD + 1) * PERIOD)
            await asyncio.to_thread(self.publish)

    def publish(self) -> None:
        """Send what was collected so far. What cannot be sent is kept for the next time. Blocks."""
        with self._lock:
            taken, self._samples = self._samples, defaultdict(_Samples)
        by_namespace: dict[str, list[tuple[_Metric, int]]] = defaultdict(list)
        for key in taken:
            by_namespace[key[0][0]].append(key)
        for namespace, keys in by_namespace.items():
            for start in range(0, len(keys), METRICS_PER_CALL):
                some = keys[start : start + METRICS_PER_CALL]
                self._send(namespace, {key: taken[key] for key in some})

    def _send(self, namespace: str, samples: Mapping[tuple[_Metric, int], _Samples]) -> None:
        data = [_datum(metric, minute, each) for (metric, minute), each in samples.items()]
        try:
            self._clients.own("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)
        except (ClientError, BotoCoreError) as error:
            log.warning("metrics of %s were not published, they are kept for the next minute: %s", namespace, error)
            with self._lock:
                for key, each in samples.items():
                    self._samples[key].merge(each)


@dataclass(frozen=True, slots=True)
class NamedMetrics:
    """The metrics of one kind of resource, told apart by one dimension: the resource's name."""

    metrics: Metrics
    namespace: str
    dimension: str

    def add(self, resource: str, name: str, value: float, unit: str = COUNT) -> None:
        self.metrics.add(self.namespace, {self.dimension: resource}, name, value, unit)

    def total(self, resource: str, name: str) -> int:
        return int(self.metrics.total(self.namespace, {self.dimension: resource}, name))


def _datum(metric: _Metric, minute: int, samples: _Samples) -> dict[str, Any]:
    _, dimensions, name, unit = metric
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
        "Timestamp": datetime.fromtimestamp(minute, UTC),
        "Unit": unit,
        **samples.members(),
    }
