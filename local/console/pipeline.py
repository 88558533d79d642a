"""Which resources make up the pipeline: found by their type in the stack, and in what the stream itself says."""

from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from local.clients import ClientError
from local.console.explain import why
from local.errors import UsageError
from local.target import Target

SAMS_OWN = "aws-sam-cli-managed-default"


@dataclass(frozen=True)
class Transform:
    """The Lambda processor of a delivery stream."""

    function_arn: str
    function: str
    size_bytes: int
    interval: int
    retries: int


@dataclass(frozen=True)
class Pipeline:
    """One delivery stream and all around it. What is absent is an empty text."""

    stack: str
    region: str
    stream: str
    stream_arn: str
    role_arn: str
    bucket: str
    prefix: str
    error_prefix: str
    size_bytes: int
    interval: int
    transform: Transform | None
    database: str
    table: str
    log_group: str
    log_stream: str
    workgroup: str
    crawler: str
    alarms: dict[str, str] = field(default_factory=dict)
    """Name in the template by name of the alarm."""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def data_prefix(self) -> str:
        """What all delivered keys begin with: `signups/`."""
        return _literal(self.prefix)

    @property
    def errors_prefix(self) -> str:
        return _literal(self.error_prefix)


def discover(target: Target, stack: str | None) -> Pipeline:
    """Return the pipeline of the stack; raises UsageError that says which there are."""
    try:
        return _discover(target, stack)
    except ClientError as error:
        raise UsageError(error.response["Error"]["Message"]) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise UsageError(why(error)) from None


def _discover(target: Target, stack: str | None) -> Pipeline:
    found = _stack(target, stack)
    resources = _resources(target, found["StackName"])
    streams = list(resources.get("AWS::KinesisFirehose::DeliveryStream", {}).values())
    if not streams:
        raise UsageError(f"the stack '{found['StackName']}' has no delivery stream")
    described = target.client("firehose").describe_delivery_stream(DeliveryStreamName=streams[0])
    stream = described["DeliveryStreamDescription"]
    s3 = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    hints = s3.get("BufferingHints", {})
    schema = s3.get("DataFormatConversionConfiguration", {}).get("SchemaConfiguration", {})
    logs = s3.get("CloudWatchLoggingOptions", {})
    return Pipeline(
        stack=found["StackName"],
        region=stream["DeliveryStreamARN"].split(":")[3],
        stream=stream["DeliveryStreamName"],
        stream_arn=stream["DeliveryStreamARN"],
        role_arn=s3["RoleARN"],
        bucket=s3["BucketARN"].rpartition(":")[2],
        prefix=s3.get("Prefix", ""),
        error_prefix=s3.get("ErrorOutputPrefix", ""),
        size_bytes=int(hints.get("SizeInMBs", 5)) * 2**20,
        interval=int(hints.get("IntervalInSeconds", 300)),
        transform=_transform(s3.get("ProcessingConfiguration", {})),
        database=schema.get("DatabaseName", ""),
        table=schema.get("TableName", ""),
        log_group=logs.get("LogGroupName", ""),
        log_stream=logs.get("LogStreamName", ""),
        workgroup=next(iter(resources.get("AWS::Athena::WorkGroup", {}).values()), "primary"),
        crawler=next(iter(resources.get("AWS::Glue::Crawler", {}).values()), ""),
        alarms={physical: logical for logical, physical in resources.get("AWS::CloudWatch::Alarm", {}).items()},
        outputs={each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])},
    )


def _stack(target: Target, stack: str | None) -> dict[str, Any]:
    pages = target.client("cloudformation").get_paginator("describe_stacks")
    found = [
        each
        for page in pages.paginate(**({"StackName": stack} if stack else {}))
        for each in page["Stacks"]
        if each["StackName"] != SAMS_OWN and each["StackStatus"] != "DELETE_COMPLETE"
    ]
    if len(found) != 1:
        names = ", ".join(each["StackName"] for each in found)
        raise UsageError(
            f"which stack? Name one with --stack: {names}" if names else
            "no stack is deployed yet: `make run` or `python -m local deploy` deploys one"
        )  # fmt: skip
    return dict(found[0])


def _resources(target: Target, stack: str) -> dict[str, dict[str, str]]:
    """Return physical names by type and name in the template."""
    found: dict[str, dict[str, str]] = {}
    for page in target.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack):
        for each in page["StackResourceSummaries"]:
            found.setdefault(each["ResourceType"], {})[each["LogicalResourceId"]] = each.get("PhysicalResourceId", "")
    return found


def _transform(processing: dict[str, Any]) -> Transform | None:
    for processor in processing.get("Processors", []) if processing.get("Enabled") else []:
        if processor["Type"] == "Lambda":
            given = {each["ParameterName"]: each["ParameterValue"] for each in processor["Parameters"]}
            arn = given["LambdaArn"]
            return Transform(
                function_arn=arn,
                function=arn.split(":")[6],
                size_bytes=int(float(given.get("BufferSizeInMBs", 1)) * 2**20),
                interval=int(float(given.get("BufferIntervalInSeconds", 60))),
                retries=int(given.get("NumberOfRetries", 3)),
            )
    return None


def _literal(prefix: str) -> str:
    """Return the part before the first expression, up to its last slash."""
    head = prefix.partition("!{")[0]
    return head[: head.rfind("/") + 1]
