"""One collector of metrics: what is published, when, and what becomes of what cannot be."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.clock import Clock
from local.metrics import VALUES_PER_METRIC, Metrics, NamedMetrics

NOON = 1_795_435_200.0


class StoppedClock(Clock):
    def now(self) -> float:
        return NOON + self._offset


@dataclass
class CloudWatch:
    calls: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False

    def own(self, _service: str) -> "CloudWatch":
        return self

    def put_metric_data(self, **call: Any) -> None:
        if self.down:
            raise ClientError({"Error": {"Code": "InternalFailure", "Message": ""}}, "PutMetricData")
        self.calls.append(call)

    def data(self) -> list[dict[str, Any]]:
        return [datum for call in self.calls for datum in call["MetricData"]]


@pytest.fixture
def cloudwatch():
    return CloudWatch()


@pytest.fixture
def clock():
    return StoppedClock()


@pytest.fixture
def metrics(cloudwatch, clock):
    return Metrics(cloudwatch, clock)


def test_each_value_is_published_with_how_often_it_came_so_that_percentiles_can_be_asked_for(metrics, cloudwatch):
    for value in (1, 2, 2):
        metrics.add("N", {"D": "d"}, "M", value, "Count")
    metrics.publish()
    assert cloudwatch.data() == [{
        "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "d"}], "Timestamp": datetime.fromtimestamp(NOON, UTC),
        "Unit": "Count", "Values": [1.0, 2.0], "Counts": [1, 2],
    }]  # fmt: skip


def test_too_many_different_values_become_a_statistic_set(metrics, cloudwatch):
    for value in range(VALUES_PER_METRIC + 1):
        metrics.add("N", {}, "M", value, "Count")
    metrics.publish()
    [datum] = cloudwatch.data()
    assert "Values" not in datum
    assert datum["StatisticValues"] == {"SampleCount": 151, "Sum": 11_325.0, "Minimum": 0.0, "Maximum": 150.0}


def test_samples_carry_the_minute_in_which_they_were_taken(metrics, cloudwatch, clock):
    metrics.add("N", {}, "M", 1, "Count")
    clock.advance(61)
    metrics.add("N", {}, "M", 2, "Count")
    metrics.publish()
    stamps = {datum["Timestamp"].timestamp(): datum["Values"] for datum in cloudwatch.data()}
    assert stamps == {NOON: [1.0], NOON + 60: [2.0]}


def test_what_cannot_be_published_is_kept(metrics, cloudwatch):
    metrics.add("N", {}, "M", 1, "Count")
    cloudwatch.down = True
    metrics.publish()
    cloudwatch.down = False
    metrics.add("N", {}, "M", 1, "Count")
    metrics.publish()
    metrics.publish()
    [datum] = cloudwatch.data()
    assert (datum["Values"], datum["Counts"]) == ([1.0], [2])


def test_totals_go_on_over_publishing(metrics):
    named = NamedMetrics(metrics, "N", "D")
    named.add("a", "M", 2)
    metrics.publish()
    named.add("a", "M", 3)
    named.add("b", "M", 7)
    assert named.total("a", "M") == 5
    assert named.total("c", "M") == 0
