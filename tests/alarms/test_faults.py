"""The template's own alarms and rules, driven by what really goes wrong."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told(stack) -> Told:
    """Return a function that gives what the stack's topic told since the last time."""
    sqs = stack.gateway.client("sqs")
    queue = sqs.create_queue(QueueName="told-by-the-alarm-topic")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    topic = stack.outputs["AlarmTopicArn"]
    stack.gateway.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def receive() -> list[dict[str, Any]]:
        messages = []
        while received := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                messages.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return messages

    return receive


@pytest.fixture
def minutes_until(gateway, evaluate) -> Callable[[str, str], int]:
    """Return a function that lets minutes pass until an alarm is in a state, and says how many it took."""

    def wait(logical_id: str, wanted: str) -> int:
        for minutes in range(8):
            (state,) = [state for name, state in evaluate().items() if f"-{logical_id}-" in name]
            if state == wanted:
                return minutes
            gateway.act("clock", advance=60)
            time.sleep(0.2)  # what wakes with the minute publishes its metrics
        raise AssertionError(f"{logical_id} never got to {wanted}")

    return wait


def test_every_alarm_of_the_template_can_be_evaluated_and_a_quiet_pipeline_is_fine(stack, evaluate):
    alarms = stack.gateway.client("cloudwatch").describe_alarms(AlarmNamePrefix="signups-")["MetricAlarms"]
    states = evaluate()
    assert {alarm["AlarmName"] for alarm in alarms} <= set(states)
    assert "was not evaluated" not in (stack.gateway.state / "gateway.log").read_text()


def test_a_record_that_is_no_sign_up_alarms_and_its_error_object_is_told(stack, told, minutes_until):
    gateway = stack.gateway
    minutes_until("FailedConversionAlarm", "OK")
    told()
    gateway.client("firehose").put_record(DeliveryStreamName="signups", Record={"Data": b"no sign-up"})
    gateway.act("flush")
    minutes_until("FailedConversionAlarm", "ALARM")
    messages = told()
    subjects = [message["Subject"] for message in messages]
    assert len([each for each in subjects if each.startswith('ALARM: "signups-FailedConversionAlarm')]) == 1
    written = [message["Message"] for message in messages if message["Subject"] == "EventBridge Notification"]
    assert any("errors/format-conversion-failed/" in text for text in written), messages
    minutes_until("FailedConversionAlarm", "OK")
    assert [each for each in told() if each["Subject"].startswith('OK: "signups-FailedConversionAlarm')]


def test_a_failing_function_alarms_before_raw_records_lie_in_the_bucket_for_long(stack, told, minutes_until):
    gateway = stack.gateway
    minutes_until("MaskErrorsAlarm", "OK")
    told()
    gateway.act("faults", function_fails=True)
    try:
        gateway.client("firehose").put_record(DeliveryStreamName="signups", Record={"Data": b'{"cpf": "none"}'})
        gateway.act("flush")
        minutes_until("MaskErrorsAlarm", "ALARM")
    finally:
        gateway.act("faults", function_fails=False)
    (alarm,) = [
        json.loads(each["Message"]) for each in told() if each["Subject"].startswith('ALARM: "signups-MaskErrors')
    ]
    assert alarm["Trigger"]["Namespace"] == "AWS/Lambda"
    assert "was greater than the threshold (0.0)" in alarm["NewStateReason"]
    minutes_until("MaskErrorsAlarm", "OK")
