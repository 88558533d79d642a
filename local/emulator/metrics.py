"""Metrics, where MiniStack keeps them.

Private to version 1.5.33: in `cloudwatch` `_metrics`, `_dims_key`.
"""

from collections.abc import Mapping
from typing import Any

from local.cloudwatch.queries import Metric
from local.cloudwatch.statistics import Sample


class MetricStore:
    """The metrics of one account and region, as they were published."""

    def __init__(self, cloudwatch: Any, account: str, region: str) -> None:
        self._cloudwatch = cloudwatch
        self._scope = (account, region)

    def __call__(self, metric: Metric) -> list[Sample]:
        """Return a metric's samples (`local.cloudwatch.queries.Read`). Call it on the event loop, where they change."""
        key = (metric.namespace, metric.name, self._cloudwatch._dims_key(dict(metric.dimensions)))  # noqa: SLF001
        points = self._cloudwatch._metrics.get_scoped(*self._scope, key) or []  # noqa: SLF001
        return [_sample(point) for point in points]


def _sample(point: Mapping[str, Any]) -> Sample:
    at, unit = float(point["Timestamp"]), str(point.get("Unit") or "None")
    if (stats := point.get("_stat")) is not None:
        count, total, low, high = (float(stats.get(key, 0)) for key in ("SampleCount", "Sum", "Minimum", "Maximum"))
        return Sample(at, unit, count, total, low, high)
    count, value = float(point.get("Count", 1)), float(point["Value"])
    return Sample(at, unit, count, count * value, value, value)
