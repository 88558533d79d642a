"""A template's delivery stream is refused at deploy, with Firehose's own words, when Firehose would refuse it."""

import json

import pytest

BUCKET = "arn:aws:s3:::lake"
PREFIX = "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"
SIZE = "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled."
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "firehose.amazonaws.com"}}]
}
CONVERSION = {
    "SchemaConfiguration": {"RoleARN": {"Fn::GetAtt": ["Role", "Arn"]}, "DatabaseName": "d", "TableName": "t"},
    "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
    "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
}


@pytest.fixture
def deploy(gateway):
    """Create or update a stack with one stream; return why it failed, or an empty string."""
    formation = gateway.client("cloudformation")
    made = set()

    def deployed(stack: str, **config) -> str:
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
        destination = {"RoleARN": {"Fn::GetAtt": ["Role", "Arn"]}, "BucketARN": BUCKET, **config}
        stream = {"Type": "AWS::KinesisFirehose::DeliveryStream",
                  "Properties": {"ExtendedS3DestinationConfiguration": destination}}  # fmt: skip
        template = json.dumps({"Resources": {"Role": role, "Stream": stream}})
        act = formation.update_stack if stack in made else formation.create_stack
        act(StackName=stack, TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
        waiter = "stack_update_complete" if stack in made else "stack_create_complete"
        made.add(stack)
        try:
            formation.get_waiter(waiter).wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        except Exception:  # noqa: BLE001 - whatever the waiter says, the events say why
            events = formation.describe_stack_events(StackName=stack)["StackEvents"]
            return "\n".join(each.get("ResourceStatusReason", "") for each in events)
        return ""

    yield deployed
    for stack in made:
        formation.delete_stack(StackName=stack)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"Prefix": "dt=!{timestamp:yyyy}/"}, PREFIX),
        ({"BufferingHints": {"SizeInMBs": "5", "IntervalInSeconds": "60"},
          "DataFormatConversionConfiguration": CONVERSION}, SIZE),
        ({"CompressionFormat": "SNAPPY"}, "[ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED]"),
    ],
)  # fmt: skip
def test_what_firehose_refuses_fails_the_deployment(deploy, config, message):
    assert message in deploy("refused-" + str(len(message)), **config)


def test_what_it_accepts_is_made_and_a_bad_update_is_refused(deploy, gateway):
    assert deploy("streams", Prefix="a/", BufferingHints={"SizeInMBs": "5", "IntervalInSeconds": "60"}) == ""
    assert PREFIX in deploy("streams", Prefix="dt=!{timestamp:yyyy}/")
    resource = gateway.client("cloudformation").describe_stack_resource(StackName="streams", LogicalResourceId="Stream")
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    described = gateway.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
    [destination] = described["DeliveryStreamDescription"]["Destinations"]
    assert destination["ExtendedS3DestinationDescription"]["Prefix"] == "a/"
