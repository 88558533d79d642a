"""Alarms and event rules from a template, on the real gateway: deployed, driven, delivered through SNS to a queue."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

MINUTE = 60
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Queue"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "sns.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                            "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}},
                        }
                    ],
                },
            },
        },
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": "QueuePolicy",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        },
        "Failures": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Namespace": "Test",
                "MetricName": "Failures",
                "Dimensions": [{"Name": "Stream", "Value": "watched"}],
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "DatapointsToAlarm": 1,
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": 0,
                "TreatMissingData": "notBreaching",
                "AlarmActions": [{"Ref": "Topic"}],
                "OKActions": [{"Ref": "Topic"}],
            },
        },
        "Blocked": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Metrics": [
                    {"Id": "blocked", "Expression": "IF(FILL(in,0)>0 AND FILL(out,0)==0,1,0)"},
                    *(
                        {
                            "Id": name,
                            "ReturnData": "false",
                            "MetricStat": {
                                "Stat": "Sum",
                                "Period": "60",
                                "Metric": {
                                    "Namespace": "Test",
                                    "MetricName": metric,
                                    "Dimensions": [{"Name": "Stream", "Value": "watched"}],
                                },
                            },
                        }
                        for name, metric in (("in", "Failures"), ("out", "Delivered"))
                    ),
                ],
                "EvaluationPeriods": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "Threshold": 1,
                "TreatMissingData": "notBreaching",
            },
        },
        "Both": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": {
                "AlarmRule": {"Fn::Sub": "ALARM(${Failures}) AND ALARM(${Blocked})"},
                "AlarmActions": [{"Ref": "Topic"}],
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        },
        "ErrorObjects": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [{"Ref": "Bucket"}]}, "object": {"key": [{"prefix": "errors/"}]}},
                },
                "Targets": [
                    {
                        "Id": "topic",
                        "Arn": {"Ref": "Topic"},
                        "InputTransformer": {
                            "InputPathsMap": {"bucket": "$.detail.bucket.name", "key": "$.detail.object.key"},
                            "InputTemplate": '"written: s3://<bucket>/<key>"',
                        },
                    }
                ],
            },
        },
    },
    "Outputs": {name: {"Value": {"Ref": name}} for name in ("Topic", "Queue", "Bucket", "Failures", "Blocked", "Both")},
}


@dataclass
class Watched:
    """The stack's names, and what its topic told the queue."""

    gateway: Any
    names: dict[str, str]
    evaluate_all: Callable[[], dict[str, str]]

    def told(self) -> list[dict[str, Any]]:
        """Return the messages that arrived since the last time."""
        sqs, queue, messages = self.gateway.client("sqs"), self.names["Queue"], []
        while received := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                messages.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return messages

    def publish(self, metric: str, value: float, stream: str = "watched") -> None:
        datum = {"MetricName": metric, "Dimensions": [{"Name": "Stream", "Value": stream}], "Value": value}
        stamp = (self.now() // MINUTE - 1) * MINUTE
        self.gateway.client("cloudwatch").put_metric_data(
            Namespace="Test", MetricData=[{**datum, "Timestamp": stamp, "Unit": "Count"}]
        )

    def write(self, key: str) -> None:
        self.gateway.client("s3").put_object(Bucket=self.names["Bucket"], Key=key, Body=b"x")

    def told_of_objects(self) -> list[str]:
        """Wait for a message and return what arrived. S3 tells of an object after it answered."""
        deadline = time.monotonic() + 10
        messages: list[dict[str, Any]] = []
        while not messages and time.monotonic() < deadline:
            messages += self.told()
        return [message["Message"] for message in messages]

    def now(self) -> float:
        return float(self.gateway.act("clock")["now"])

    def evaluate(self) -> dict[str, str]:
        states = self.evaluate_all()
        return {logical: states[name] for logical, name in self.names.items() if name in states}


@pytest.fixture(scope="module")
def watched(gateway, evaluate) -> Iterator[Watched]:
    cloudformation = gateway.client("cloudformation")
    cloudformation.create_stack(StackName="watched", TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="watched", WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName="watched")["Stacks"]
    running = Watched(gateway, {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}, evaluate)
    yield running
    s3, bucket = gateway.client("s3"), running.names["Bucket"]
    for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=found["Key"])
    cloudformation.delete_stack(StackName="watched")


def test_an_alarm_of_the_template_goes_off_and_comes_back_and_tells_once_each(watched):
    assert watched.evaluate() == {"Failures": "OK", "Blocked": "OK"}
    watched.told()
    watched.publish("Failures", 3, stream="another")
    assert watched.evaluate() == {"Failures": "OK", "Blocked": "OK"}, "another stream is another metric"
    watched.publish("Failures", 5)
    for _ in range(2):
        assert watched.evaluate() == {"Failures": "ALARM", "Blocked": "ALARM"}
    alarms = [each for each in watched.told() if each["Subject"].startswith("ALARM")]
    failures, both = sorted(
        (json.loads(each["Message"]) for each in alarms), key=lambda message: "AlarmRule" in message
    )
    assert failures["AlarmName"] == watched.names["Failures"]
    assert failures["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [5.0 (")
    assert both["AlarmName"] == watched.names["Both"]
    watched.gateway.act("clock", advance=4 * MINUTE)
    for _ in range(2):
        assert watched.evaluate() == {"Failures": "OK", "Blocked": "OK"}
    (back,) = [json.loads(each["Message"]) for each in watched.told()]
    assert (back["AlarmName"], back["OldStateValue"], back["NewStateValue"]) == (
        watched.names["Failures"],
        "ALARM",
        "OK",
    )
    assert back["NewStateReason"].endswith("1 missing datapoint was treated as [NonBreaching].")


def test_the_history_and_the_reason_are_kept(watched):
    cloudwatch, name = watched.gateway.client("cloudwatch"), watched.names["Failures"]
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    summaries = [each["HistorySummary"] for each in history]
    assert summaries[:2] == ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"]
    changes = [json.loads(each["HistoryData"])["newState"]["stateReason"] for each in history]
    assert not [each for each in changes if "GreaterThanThreshold" in each], "the emulator must not evaluate too"
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert json.loads(alarm["StateReasonData"])["threshold"] == 0.0


def test_what_came_in_while_nothing_went_out_is_an_expression(watched):
    watched.publish("Failures", 5)
    watched.publish("Delivered", 5)
    assert watched.evaluate()["Blocked"] == "OK"
    start = watched.now() // MINUTE * MINUTE - 5 * MINUTE
    metrics = watched.gateway.client("cloudwatch").describe_alarms(AlarmNames=[watched.names["Blocked"]])
    answer = watched.gateway.client("cloudwatch").get_metric_data(
        MetricDataQueries=metrics["MetricAlarms"][0]["Metrics"], StartTime=start, EndTime=start + 5 * MINUTE,
        ScanBy="TimestampAscending",
    )  # fmt: skip
    (result,) = answer["MetricDataResults"]
    assert (result["Id"], result["Values"][-1]) == ("blocked", 0.0)
    assert set(result["Values"]) <= {0.0, 1.0}


def test_an_expression_with_a_mistake_is_refused_when_the_alarm_is_put(watched):
    with pytest.raises(ClientError) as refusal:
        watched.gateway.client("cloudwatch").put_metric_alarm(
            AlarmName="mistaken", Metrics=[{"Id": "e", "Expression": "in * 2"}], EvaluationPeriods=1, Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
    assert (
        refusal.value.response["Error"]["Message"] == "Error in expression 'e' [there is no metric or expression 'in']"
    )


def test_an_object_under_the_prefix_is_told_and_another_is_not(watched):
    watched.told()
    watched.write("signups/a")
    watched.write("errors/a")
    assert watched.told_of_objects() == [f'"written: s3://{watched.names["Bucket"]}/errors/a"']


def test_a_topic_whose_policy_lets_neither_service_publish_is_not_told(watched):
    sns, topic = watched.gateway.client("sns"), watched.names["Topic"]
    before = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    other = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [other]})
    watched.gateway.act("clock", advance=4 * MINUTE)
    assert watched.evaluate()["Failures"] == "OK"
    watched.told()
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    watched.publish("Failures", 5)
    assert watched.evaluate()["Failures"] == "ALARM"
    watched.write("errors/unheard")
    log = watched.gateway.state / "gateway.log"
    deadline = time.monotonic() + 10
    while "rule/" not in log.read_text().partition("was not told")[2] and time.monotonic() < deadline:
        time.sleep(0.05)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=before)
    watched.write("errors/heard")
    assert watched.told_of_objects() == [f'"written: s3://{watched.names["Bucket"]}/errors/heard"']


def test_reading_metrics_needs_permission(watched):
    iam = watched.gateway.client("iam")
    iam.create_user(UserName="nobody-much")
    key = iam.create_access_key(UserName="nobody-much")["AccessKey"]
    stranger = watched.gateway.client(
        "cloudwatch", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    with pytest.raises(ClientError) as refusal:
        stranger.get_metric_data(
            MetricDataQueries=[{"Id": "e", "Expression": "TIME_SERIES(1)"}], StartTime=0, EndTime=60
        )
    assert "not authorized to perform: cloudwatch:GetMetricData" in refusal.value.response["Error"]["Message"]
