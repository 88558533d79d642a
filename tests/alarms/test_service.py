"""Transitions: a stopped clock, metrics in memory, and a CloudWatch that remembers what it is told."""

import asyncio
import logging
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.alarms.service import AlarmService
from local.clock import Clock
from local.cloudwatch.queries import Metric, answer, parse
from local.cloudwatch.statistics import Sample

MORNING = 1_795_460_700.0  # 2026-11-23T19:05:00Z


class StoppedClock(Clock):
    def __init__(self) -> None:
        super().__init__()
        self.moment = MORNING

    def now(self) -> float:
        return self.moment + self._offset


class FakeCloudWatch:
    """Pages of one alarm, to see that all pages are read."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}
        self.samples: list[Sample] = []
        self.told: list[tuple[str, str]] = []

    def add(self, name: str, **changes) -> dict[str, Any]:
        self.alarms[name] = {
            "AlarmName": name, "StateValue": "INSUFFICIENT_DATA", "StateReason": "Unchecked: Initial alarm creation",
            "Namespace": "Test", "MetricName": "Failures", "Dimensions": [], "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching", **changes,
        }  # fmt: skip
        return self.alarms[name]

    def publish(self, value: float, at: float) -> None:
        self.samples.append(Sample(at, "Count", 1, value, value, value))

    def describe_alarms(self, AlarmTypes: list[str], NextToken: str = "") -> dict[str, Any]:  # noqa: N803 - AWS spelling
        assert AlarmTypes == ["MetricAlarm"]
        names = [name for name in sorted(self.alarms) if name >= NextToken]
        page = {"MetricAlarms": [dict(self.alarms[names[0]])] if names else []}
        return page | ({"NextToken": names[1]} if len(names) > 1 else {})

    def get_metric_data(self, MetricDataQueries, StartTime: datetime, EndTime: datetime, ScanBy: str):  # noqa: N803 - AWS spelling
        assert ScanBy == "TimestampAscending"
        results = answer(parse(MetricDataQueries), StartTime.timestamp(), EndTime.timestamp(), self._read)
        return {
            "MetricDataResults": [
                {
                    "Id": result.id,
                    "Timestamps": [datetime.fromtimestamp(at, StartTime.tzinfo) for at in result.values],
                    "Values": list(result.values.values()),
                }
                for result in results
            ]
        }

    def _read(self, metric: Metric) -> list[Sample]:
        return self.samples if metric == Metric("Test", "Failures", ()) else []

    def set_alarm_state(self, AlarmName: str, StateValue: str, StateReason: str, StateReasonData: str) -> None:  # noqa: N803 - AWS spelling
        if self.alarms[AlarmName].get("gone"):
            raise ClientError({"Error": {"Code": "ResourceNotFound", "Message": "Alarm gone"}}, "SetAlarmState")
        self.alarms[AlarmName] |= {
            "StateValue": StateValue,
            "StateReason": StateReason,
            "StateReasonData": StateReasonData,
        }
        self.told.append((AlarmName, StateValue))


class FakeClients:
    def __init__(self, cloudwatch: FakeCloudWatch) -> None:
        self.cloudwatch = cloudwatch

    def own(self, service: str) -> FakeCloudWatch:
        assert service == "cloudwatch"
        return self.cloudwatch


@pytest.fixture
def cloudwatch() -> FakeCloudWatch:
    return FakeCloudWatch()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def service(cloudwatch, clock) -> AlarmService:
    return AlarmService(FakeClients(cloudwatch), clock)  # type: ignore[arg-type]  # as much of Clients as is used


def evaluated(service: AlarmService) -> dict[str, str]:
    return asyncio.run(service.evaluate())


def test_an_alarm_goes_off_once_and_comes_back_once(service, cloudwatch, clock):
    cloudwatch.add("failures")
    assert evaluated(service) == {"failures": "OK"}
    cloudwatch.publish(3, MORNING + 5)
    assert evaluated(service) == {"failures": "OK"}, "the minute is not over"
    states = []
    for _ in range(6):
        clock.advance(60)
        states += [evaluated(service)["failures"], evaluated(service)["failures"]]
    # Its one datapoint is looked at again until it leaves the evaluation range of three periods.
    assert states == ["ALARM"] * 6 + ["OK"] * 6
    assert cloudwatch.told == [("failures", "OK"), ("failures", "ALARM"), ("failures", "OK")]


def test_a_new_alarm_without_data_says_so_instead_of_being_unchecked(service, cloudwatch):
    alarm = cloudwatch.add("quiet", TreatMissingData="missing")
    assert evaluated(service) == evaluated(service) == {"quiet": "INSUFFICIENT_DATA"}
    assert alarm["StateReason"] == "Insufficient Data: 1 datapoint was unknown."
    assert len(cloudwatch.told) == 1


def test_silence_alarms_where_data_is_expected(service, cloudwatch, clock):
    cloudwatch.add(
        "silence",
        Period=300,
        EvaluationPeriods=2,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    for minute in range(20):
        cloudwatch.publish(5, MORNING + 60 * minute)
    clock.advance(600)
    assert evaluated(service) == {"silence": "OK"}
    clock.advance(600)
    assert evaluated(service) == {"silence": "OK"}
    # Five minutes later the newest period is empty, but the range of four still has data in two.
    clock.advance(300)
    assert evaluated(service) == {"silence": "OK"}
    clock.advance(900)
    assert evaluated(service) == {"silence": "ALARM"}


def test_two_of_three_datapoints(service, cloudwatch, clock):
    cloudwatch.add("throttling", EvaluationPeriods=3, DatapointsToAlarm=2)
    for minute, value in enumerate([0, 1, 0, 1, 0, 0]):
        cloudwatch.publish(value, MORNING + 60 * minute)
    states = []
    for _ in range(6):
        clock.advance(60)
        states.append(evaluated(service)["throttling"])
    assert states == ["OK", "OK", "OK", "ALARM", "OK", "OK"]


def test_an_expression_of_two_metrics(service, cloudwatch, clock):
    """Records come in and none goes out."""

    def stat(name: str, metric: str) -> dict[str, Any]:
        named = {"Namespace": "Test", "MetricName": metric}
        return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}}

    expression = {"Id": "blocked", "Expression": "IF(FILL(in,0)>0 AND FILL(out,0)==0,1,0)", "ReturnData": True}
    cloudwatch.add("blocked", Metrics=[expression, stat("in", "Failures"), stat("out", "None")], Threshold=0)
    cloudwatch.publish(7, MORNING)
    clock.advance(60)
    assert evaluated(service) == {"blocked": "ALARM"}
    clock.advance(60)
    assert evaluated(service) == {"blocked": "OK"}


def test_one_alarm_that_cannot_be_evaluated_does_not_keep_the_others_from_it(service, cloudwatch, caplog):
    cloudwatch.add("a-band", ComparisonOperator="GreaterThanUpperThreshold", StateValue="OK")
    cloudwatch.add("b-deleted-meanwhile", gone=True)
    cloudwatch.add("c-fine")
    with caplog.at_level(logging.WARNING):
        assert evaluated(service)["c-fine"] == "OK"
        evaluated(service)
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if "a-band was not evaluated: GreaterThanUpperThreshold" in line]) == 1
    assert any("b-deleted-meanwhile was not evaluated" in line for line in said)
    assert cloudwatch.told == [("c-fine", "OK")]


def test_a_state_set_by_hand_lasts_until_the_next_evaluation(service, cloudwatch):
    cloudwatch.add("failures", StateValue="OK", StateReason="fine")
    cloudwatch.set_alarm_state("failures", "ALARM", "testing", "")
    assert evaluated(service) == {"failures": "OK"}


def test_it_evaluates_by_itself_ten_seconds_after_each_minute(cloudwatch, clock):
    cloudwatch.add("failures")
    cloudwatch.publish(3, MORNING)

    async def told_after(seconds: float) -> list[tuple[str, str]]:
        clock.advance(seconds)
        for _ in range(50):
            await asyncio.sleep(0.005)
        return list(cloudwatch.told)

    async def run() -> None:
        service = AlarmService(FakeClients(cloudwatch), clock)  # type: ignore[arg-type]  # as much of Clients as is used
        await service.start()
        await asyncio.sleep(0)
        assert await told_after(9) == []
        assert await told_after(1) == [("failures", "OK")]
        assert await told_after(59) == [("failures", "OK")]
        assert await told_after(1) == [("failures", "OK"), ("failures", "ALARM")]
        await service.stop()
        assert len(await told_after(600)) == 2

    asyncio.run(run())
