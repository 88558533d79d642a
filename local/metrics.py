"""Metrics of the local services, published to CloudWatch once a minute of the clock, as AWS's own are."""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError

from local.clients import ClientError, Clients
from local.clock import Clock

log = logging.getLogger(__name__)

PERIOD = 60
METRICS_PER_CALL = 1000
VALUES_PER_METRIC = 150
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""

_Series = tuple[str, tuple[tuple[str, str], ...], str, str, int]


class Metrics:
    """Collects samples from any thread; every minute's samples go out as one distribution per series."""

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: dict[_Series, dict[float, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, namespace: str, dimensions: Mapping[str, str], name: str, value: float, unit: str) -> None:
        minute = int(self._clock.now() // PERIOD) * PERIOD
        series = (namespace, tuple(dimensions.items()), name, unit, minute)
        with self._lock:
            self._samples[series][float(value)] += 1

    async def publish_forever(self) -> None:
        while True:
            await self._clock.sleep_until((self._clock.now() // PERIOD + 1) * PERIOD)
            await asyncio.to_thread(self.publish)

    def publish(self) -> None:
        """Send what was collected so far. What cannot be sent is kept for the next time. Blocks."""
        with self._lock:
            samples, self._samples = self._samples, defaultdict(lambda: defaultdict(int))
        by_namespace: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for series, counts in samples.items():
            by_namespace[series[0]].extend(_data(series, counts))
        try:
            for namespace, data in by_namespace.items():
                for start in range(0, len(data), METRICS_PER_CALL):
                    self._clients.own("cloudwatch").put_metric_data(
                        Namespace=namespace, MetricData=data[start : start + METRICS_PER_CALL]
                    )
        except (ClientError, BotoCoreError) as error:
            log.warning("metrics were not published, they are kept for the next minute: %s", error)
            with self._lock:
                for series, counts in samples.items():
                    for value, count in counts.items():
                        self._samples[series][value] += count


def _data(series: _Series, counts: Mapping[float, int]) -> list[dict[str, Any]]:
    _, dimensions, name, unit, minute = series
    items = list(counts.items())
    return [
        {
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
            "Timestamp": datetime.fromtimestamp(minute, UTC),
            "Values": [value for value, _ in items[start : start + VALUES_PER_METRIC]],
            "Counts": [count for _, count in items[start : start + VALUES_PER_METRIC]],
            "Unit": unit,
        }
        for start in range(0, len(items), VALUES_PER_METRIC)
    ]
