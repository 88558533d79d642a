"""Alarms, as MiniStack keeps them and tells of them: `local.alarms` evaluates them.

Private to version 1.5.33: in `cloudwatch` `_alarms`, `_composite_alarms`, `_error`, `_evaluate_alarm`,
`_put_metric_alarm`, `_put_composite_alarm`, `_delete_alarms`, `_dispatch_alarm_actions`, `_is_sns_action_arn`; in `sns`
`_fanout`, `topic_policy_allows`; in `provisioners` `_RESOURCE_HANDLERS`, `_cw_metric_alarm_record`, `_physical_name`.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from local.alarms import notification
from local.cloudwatch import queries
from local.cloudwatch.queries import InvalidQuery

log = logging.getLogger(__name__)

PRINCIPAL = "cloudwatch.amazonaws.com"

_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
"""Members that an alarm on an expression does not have."""


def mend(cloudwatch: Any, sns: Any, provisioners: Any) -> None:
    """Let `local.alarms` evaluate alarms, keep those on expressions, and deploy composite ones.

    MiniStack evaluates an alarm whenever a metric is published, over all dimensions and one window of all its periods.
    """
    cloudwatch._evaluate_alarm = lambda _alarm: None  # noqa: SLF001
    cloudwatch._dispatch_alarm_actions = _dispatcher(cloudwatch, sns)  # noqa: SLF001
    cloudwatch._put_metric_alarm = _put_alarm(cloudwatch, cloudwatch._put_metric_alarm)  # noqa: SLF001
    provisioners._cw_metric_alarm_record = _alarm_record(provisioners._cw_metric_alarm_record)  # noqa: SLF001
    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = _composite_handler(cloudwatch, provisioners)  # noqa: SLF001


def _dispatcher(cloudwatch: Any, sns: Any) -> Callable[[dict[str, Any], str, str, str], None]:
    """Tell the topics what CloudWatch would: MiniStack's message lacks the alarm's ARN, metrics and more."""

    def dispatch(alarm: dict[str, Any], old_state: str, new_state: str, _reason: str) -> None:
        account, region = cloudwatch.get_account_id(), cloudwatch.get_region()
        message = json.dumps(notification.message(alarm, old_state, account, region))
        subject = notification.subject(alarm, new_state, region)
        for topic in notification.actions(alarm, new_state):
            if not cloudwatch._is_sns_action_arn(topic):  # noqa: SLF001
                continue
            if sns.topic_policy_allows(topic, PRINCIPAL, alarm["AlarmArn"], account):
                sns._fanout(topic, cloudwatch.new_uuid(), message, subject)  # noqa: SLF001
            else:
                log.warning(
                    "%s was not told: the policy of %s does not let %s publish", alarm["AlarmName"], topic, PRINCIPAL
                )

    return dispatch


def _put_alarm(cloudwatch: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """PutMetricAlarm with Metrics, which MiniStack drops."""

    def put(params: Any, members: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:  # noqa: FBT001, FBT002 - MiniStack's form
        if not (metrics := members.get("Metrics")):
            return original(params, members, is_cbor, is_json)
        try:
            kept = _checked(metrics)
        except InvalidQuery as reason:
            return cloudwatch._error("ValidationError", str(reason), 400, use_json=is_json, use_cbor=is_cbor)  # noqa: SLF001
        answer = original(params, members, is_cbor, is_json)
        if answer[0] == 200:  # noqa: PLR2004 - HTTP
            _watch_expression(cloudwatch._alarms[members["AlarmName"]], kept)  # noqa: SLF001
        return answer

    return put


def _alarm_record(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """AWS::CloudWatch::Alarm with Metrics, which MiniStack refuses."""

    def record(name: str, props: dict[str, Any]) -> dict[str, Any]:
        if not (metrics := props.get("Metrics")):
            return original(name, props)
        kept = _checked(metrics)
        others = {key: value for key, value in props.items() if key != "Metrics"}
        alarm = original(name, {**others, "MetricName": "none", "Namespace": "none"})
        _watch_expression(alarm, kept)
        return alarm

    return record


def _checked(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the Metrics of an alarm with their numbers and truths as such; raises InvalidQuery."""
    parsed = queries.parse(members)
    queries.check_alarm(parsed)
    return [_stored(each, query) for each, query in zip(members, parsed, strict=True)]


def _stored(members: Mapping[str, Any], query: queries.Query) -> dict[str, Any]:
    stored = {**members, "ReturnData": query.returns_data}
    if query.metric:
        return {**stored, "MetricStat": {**members["MetricStat"], "Period": query.period}}
    return {**stored, "Period": query.period} if query.period else stored


def _watch_expression(alarm: dict[str, Any], metrics: list[dict[str, Any]]) -> None:
    for member in _OF_ONE_METRIC:
        alarm.pop(member, None)
    alarm["Metrics"] = metrics


def _composite_handler(cloudwatch: Any, provisioners: Any) -> dict[str, Any]:
    """AWS::CloudWatch::CompositeAlarm: MiniStack evaluates them, but not from a template."""

    def put(name: str, props: dict[str, Any]) -> tuple[str, dict[str, str]]:
        _done(cloudwatch._put_composite_alarm({}, {**props, "AlarmName": name}, False, True))  # noqa: SLF001, FBT003 - its form
        return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}  # noqa: SLF001

    def named(props: dict[str, Any], stack: str, logical_id: str) -> str:
        return str(props.get("AlarmName") or provisioners._physical_name(stack, logical_id, max_len=255))  # noqa: SLF001

    def create(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        return put(named(props, stack, logical_id), props)

    def update(name: str, _old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str = "") -> Any:
        if (wanted := named(new, stack, logical_id)) != name:
            delete(name, new)
        return put(wanted, new)

    def delete(name: str, _props: dict[str, Any]) -> None:
        _done(cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, True))  # noqa: SLF001, FBT003 - its form

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _done(answer: tuple[int, Any, bytes]) -> None:
    status, _, body = answer
    if status != 200:  # noqa: PLR2004 - HTTP
        raise ValueError(json.loads(body).get("message", body.decode()))
