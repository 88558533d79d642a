"""Evaluates every metric alarm of the account once a minute, and on demand."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError

from local.alarms import reason
from local.alarms.evaluate import Definition, NotModelled, definition, evaluate, evaluation_range
from local.clients import ClientError, Clients
from local.clock import Clock

log = logging.getLogger(__name__)

MINUTE = 60
AFTER_THE_MINUTE = 10
"""Seconds after the full minute: metrics of the minute before have been published by then."""

_UNCHECKED = "Unchecked"
"""How the reason of a new alarm begins."""


class AlarmService:
    """Sets states through SetAlarmState, so that the control plane keeps the history and takes the actions.

    A state set by hand lasts until the next evaluation, as on AWS. Composite alarms follow their children's changes.
    """

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._reported: set[str] = set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._evaluate_forever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def evaluate(self) -> dict[str, str]:
        """Evaluate all alarms now; return the state of each by name."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._evaluate_all, self._clock.now())

    async def act(self, _members: dict[str, Any]) -> dict[str, str]:
        """Evaluate now: an action of the gateway's own (`local.control.Action`)."""
        return await self.evaluate()

    async def _evaluate_forever(self) -> None:
        while True:
            minutes = (self._clock.now() - AFTER_THE_MINUTE) // MINUTE + 1
            await self._clock.sleep_until(minutes * MINUTE + AFTER_THE_MINUTE)
            try:
                await self.evaluate()
            except (ClientError, BotoCoreError) as error:
                log.warning("alarms were not evaluated this minute: %s", error)

    def _evaluate_all(self, now: float) -> dict[str, str]:
        client = self._clients.own("cloudwatch")
        return {alarm["AlarmName"]: self._evaluate(client, alarm, now) for alarm in _alarms(client)}

    def _evaluate(self, client: Any, alarm: Mapping[str, Any], now: float) -> str:
        state = str(alarm["StateValue"])
        try:
            rule = definition(alarm)
            outcome = evaluate(rule, _values(client, alarm, rule, now), now, state)
            if outcome.state != state or str(alarm.get("StateReason", "")).startswith(_UNCHECKED):
                client.set_alarm_state(
                    AlarmName=alarm["AlarmName"],
                    StateValue=outcome.state,
                    StateReason=reason.text(rule, outcome),
                    StateReasonData=reason.data(rule, outcome, now),
                )
        except (ClientError, NotModelled) as error:
            # It may have been deleted meanwhile; and one alarm must not keep the others from being evaluated.
            self._report(alarm["AlarmName"], error)
            return state
        return outcome.state

    def _report(self, name: str, error: Exception) -> None:
        if (line := f"the alarm {name} was not evaluated: {error}") not in self._reported:
            self._reported.add(line)
            log.warning(line)


def _alarms(client: Any) -> Iterator[Mapping[str, Any]]:
    page = client.describe_alarms(AlarmTypes=["MetricAlarm"])
    yield from page["MetricAlarms"]
    while page.get("NextToken"):
        page = client.describe_alarms(AlarmTypes=["MetricAlarm"], NextToken=page["NextToken"])
        yield from page["MetricAlarms"]


def _values(client: Any, alarm: Mapping[str, Any], rule: Definition, now: float) -> dict[int, float]:
    """Return the values of what the alarm watches, by start of period, over the evaluation range."""
    frame = evaluation_range(rule, now)
    answer = client.get_metric_data(
        MetricDataQueries=alarm.get("Metrics") or [_query(alarm, rule)],
        StartTime=datetime.fromtimestamp(frame.start, UTC),
        EndTime=datetime.fromtimestamp(frame.end, UTC),
        ScanBy="TimestampAscending",
    )
    results = answer["MetricDataResults"]
    if len(results) > 1:
        raise NotModelled("its expression gives several time series; an alarm watches one")
    pairs = [pair for result in results for pair in zip(result["Timestamps"], result["Values"], strict=True)]
    return {int(at.timestamp()): value for at, value in pairs}


def _query(alarm: Mapping[str, Any], rule: Definition) -> dict[str, Any]:
    metric = {
        "Namespace": alarm["Namespace"],
        "MetricName": alarm["MetricName"],
        "Dimensions": alarm.get("Dimensions", []),
    }
    stat = {"Metric": metric, "Period": rule.period, "Stat": rule.statistic}
    return {"Id": "m1", "MetricStat": {**stat, "Unit": alarm["Unit"]} if alarm.get("Unit") else stat}
