# ruff: noqa: E501 - a row of the table is a line, however long
"""Create, describe, update, delete, tag."""

import json
from collections.abc import Callable
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab

PREFLIGHT = "badmintoncryer/cdk-preflight, 2026-09, us-east-1"
FLOCI = "floci-io/floci#3236, #3375, 2026-09, us-west-2"
SNAPSHOT = "localstack snapshots of AWS, 2023-10; radkawar/stackd"
INVALID = "InvalidArgumentException"
DESTINATION = "destinationId-000000000001"


def refused(message: str, code: str = INVALID, **config: Any) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        assert lab.refusal(lambda: lab.create(**config)) == (code, message)

    return check


def constraint(member: str, demand: str, **config: Any) -> Callable[[Lab], None]:
    """Check that a destination breaks one constraint of the model, told in the service's words."""
    where = f"extendedS3DestinationConfiguration.{member}"
    message = f"1 validation error detected: Value at '{where}' failed to satisfy constraint: Member must {demand}"
    return refused(message, "ValidationException", **config)


def processors(*listed: tuple[str, dict[str, str]], enabled: bool = True) -> dict[str, Any]:
    made = [
        {"Type": kind, "Parameters": [{"ParameterName": n, "ParameterValue": v} for n, v in given.items()]}
        for kind, given in listed
    ]
    return {"ProcessingConfiguration": {"Enabled": enabled, "Processors": made}}


def update(lab: Lab, name: str, version: str = "1", destination: str = DESTINATION, **changes: Any) -> None:
    lab.client("firehose").update_destination(
        DeliveryStreamName=name, CurrentDeliveryStreamVersionId=version, DestinationId=destination,
        ExtendedS3DestinationUpdate=changes,
    )  # fmt: skip


def extended(lab: Lab, name: str) -> dict[str, Any]:
    return dict(lab.describe(name)["Destinations"][0]["ExtendedS3DestinationDescription"])


def describe_defaults(lab: Lab) -> None:
    name = lab.create(BufferingHints=None)
    found = lab.describe(name)
    assert found["VersionId"] == "1"
    assert found["DeliveryStreamEncryptionConfiguration"] == {"Status": "DISABLED"}
    assert found["HasMoreDestinations"] is False
    assert "LastUpdateTimestamp" not in found
    [destination] = found["Destinations"]
    assert destination["DestinationId"] == DESTINATION
    plain, whole = destination["S3DestinationDescription"], destination["ExtendedS3DestinationDescription"]
    assert whole == {**plain, "S3BackupMode": "Disabled"}
    assert {member: plain[member] for member in plain if member not in {"RoleARN", "BucketARN"}} == {
        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
        "CloudWatchLoggingOptions": {"Enabled": False},
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
    }


def lambda_echo(lab: Lab) -> None:
    name = lab.create(**processors(("Lambda", {"NumberOfRetries": "5", "LambdaArn": lab.function})))
    [processor] = extended(lab, name)["ProcessingConfiguration"]["Processors"]
    assert [(each["ParameterName"], each["ParameterValue"]) for each in processor["Parameters"]] == [
        ("LambdaArn", lab.function), ("NumberOfRetries", "5"), ("RoleArn", lab.role),
        ("BufferSizeInMBs", "1"), ("BufferIntervalInSeconds", "60"),
    ]  # fmt: skip


def processing_disabled(lab: Lab) -> None:
    name = lab.create(ProcessingConfiguration={"Processors": []})
    assert extended(lab, name)["ProcessingConfiguration"]["Enabled"] is False


def versions(lab: Lab) -> None:
    name = lab.create(Prefix="a/")
    update(lab, name, Prefix="a/")
    assert lab.describe(name)["VersionId"] == "1"
    update(lab, name, Prefix="b/")
    found = lab.describe(name)
    assert found["VersionId"] == "2"
    assert found["LastUpdateTimestamp"] > found["CreateTimestamp"]


def stale_version(lab: Lab) -> None:
    name = lab.create()
    found = lab.refusal(lambda: update(lab, name, version="7", Prefix="b/"))
    message = f"Cannot update firehose: {name} since the current version id: 1 and specified version id: 7 do not match"
    assert found == ("ConcurrentModificationException", message)


def wrong_destination(lab: Lab) -> None:
    name = lab.create()
    found = lab.refusal(lambda: update(lab, name, destination="destinationId-000000000009", Prefix="b/"))
    assert found == (INVALID, "Destination Id destinationId-000000000009 not found")


def hints_merge(lab: Lab) -> None:
    name = lab.create(BufferingHints={"SizeInMBs": 7, "IntervalInSeconds": 90})
    update(lab, name, BufferingHints={"IntervalInSeconds": 120})
    assert extended(lab, name)["BufferingHints"] == {"SizeInMBs": 7, "IntervalInSeconds": 120}


def processing_replaced(lab: Lab) -> None:
    name = lab.create(**processors(("Lambda", {"LambdaArn": lab.function})))
    update(lab, name, ProcessingConfiguration={"Enabled": False})
    assert extended(lab, name)["ProcessingConfiguration"] == {"Enabled": False, "Processors": []}


def backup_stays(lab: Lab) -> None:
    where = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}"}
    name = lab.create(S3BackupMode="Enabled", S3BackupConfiguration=where)
    found = lab.refusal(lambda: update(lab, name, S3BackupMode="Disabled"))
    assert found == (INVALID, "Disabling S3 backup is not currently supported.")


def duplicate(lab: Lab) -> None:
    name = lab.create()
    found = lab.refusal(lambda: lab.create(name))
    assert found == ("ResourceInUseException", f"Firehose {name} under accountId {lab.account} already exists")


def two_destinations(lab: Lab) -> None:
    plain = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}"}
    call = lab.client("firehose").create_delivery_stream
    found = lab.refusal(lambda: call(
        DeliveryStreamName=lab.name(), S3DestinationConfiguration=plain, ExtendedS3DestinationConfiguration=plain
    ))  # fmt: skip
    assert found == (INVALID, "Exactly one destination configuration is supported for a Firehose")


def unassumable(lab: Lab) -> None:
    role = f"arn:aws:iam::{lab.account}:role/conformance-nobody"
    found = lab.refusal(lambda: lab.create(RoleARN=role))
    assert found == (INVALID, f"Firehose is unable to assume role {role}. Please check the role provided.")


def discarded(lab: Lab) -> None:
    name = lab.create()
    lab.put(name, b"never seen")
    lab.client("firehose").delete_delivery_stream(DeliveryStreamName=name)
    assert lab.landed(name) == []


def tags(lab: Lab) -> None:
    firehose, name = lab.client("firehose"), lab.create()
    firehose.tag_delivery_stream(
        DeliveryStreamName=name,
        Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
    )
    firehose.untag_delivery_stream(DeliveryStreamName=name, TagKeys=["unknown"])
    found = firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)
    assert found["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    after = firehose.list_tags_for_delivery_stream(DeliveryStreamName=name, ExclusiveStartTagKey="a")
    assert after["Tags"] == [{"Key": "b", "Value": "2"}]


def encrypted(lab: Lab) -> None:
    firehose, name = lab.client("firehose"), lab.create()
    firehose.start_delivery_stream_encryption(DeliveryStreamName=name)
    while lab.describe(name)["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLING":
        pass
    assert lab.put(name, b"x")["Encrypted"] is True


def encryption_refused(message: str, **encryption: str) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        call = lab.client("firehose").create_delivery_stream
        found = lab.refusal(lambda: call(
            DeliveryStreamName=lab.name(), ExtendedS3DestinationConfiguration=lab.destination(),
            DeliveryStreamEncryptionConfigurationInput=encryption,
        ))  # fmt: skip
        assert found == (INVALID, message)

    return check


def missing(member: str) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        destination = lab.destination(**{member: None})
        call = lab.client("firehose", checked=False).create_delivery_stream
        code, message = lab.refusal(lambda: call(
            DeliveryStreamName=lab.name(), ExtendedS3DestinationConfiguration=destination
        ))  # fmt: skip
        assert code == "ValidationException"
        assert message.endswith("failed to satisfy constraint: Member must not be null")

    return check


def prefix_echo(lab: Lab) -> None:
    assert "Prefix" not in extended(lab, lab.create())
    assert extended(lab, lab.create(Prefix=""))["Prefix"] == ""


def backup_interval(lab: Lab) -> None:
    where = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}"}
    hints = {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 59}}
    code, _ = lab.refusal(lambda: lab.create(S3BackupMode="Enabled", S3BackupConfiguration={**where, **hints}))
    assert code == INVALID


def nothing_to_update(lab: Lab) -> None:
    name = lab.create()
    call = lab.client("firehose").update_destination
    found = lab.refusal(lambda: call(
        DeliveryStreamName=name, CurrentDeliveryStreamVersionId="1", DestinationId=DESTINATION
    ))  # fmt: skip
    assert found == (INVALID, "At least one destination or source configuration update must be provided")


def listed(lab: Lab) -> None:
    firehose, base = lab.client("firehose"), lab.name()
    names = [lab.create(f"{base}-{number:02}") for number in range(11)]
    page = firehose.list_delivery_streams(ExclusiveStartDeliveryStreamName=f"{base}-")
    assert page["DeliveryStreamNames"] == names[:10]
    assert page["HasMoreDeliveryStreams"] is True
    after = firehose.list_delivery_streams(ExclusiveStartDeliveryStreamName=names[9], Limit=1)
    assert after["DeliveryStreamNames"] == names[10:]


def by_cloudformation(lab: Lab) -> None:
    """Deploy a stream whose ErrorOutputPrefix is missing: the reason has words of CloudFormation's own before it."""
    formation, stack = lab.client("cloudformation"), lab.name()
    destination = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}", "Prefix": "!{timestamp:yyyy}/"}
    stream = {
        "Type": "AWS::KinesisFirehose::DeliveryStream",
        "Properties": {"ExtendedS3DestinationConfiguration": destination},
    }
    formation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Stream": stream}}))

    def reasons() -> list[str]:
        events = formation.describe_stack_events(StackName=stack)["StackEvents"]
        return [each.get("ResourceStatusReason", "") for each in events if each["ResourceStatus"] == "CREATE_FAILED"]

    try:
        said = lab.eventually(reasons)
        assert any(
            "The supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or"
            " empty when Prefix contains expressions" in reason
            for reason in said
        )
    finally:
        formation.delete_stack(StackName=stack)


ENUM = "satisfy enum value set: [ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED]"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
BUFFER = {"LambdaArn": ARN, "BufferIntervalInSeconds": "60"}
SIZES = "BufferSizeInMBs for lambda processor must be between 0.2 and 3."
TIMES = "BufferIntervalInSeconds for lambda processor must be between 0 and 900."
RETRIES = "Number of retries for lambda must be between 0 and 300."
DYNAMIC: dict[str, Any] = {
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "ErrorOutputPrefix": "e/!{firehose:error-output-type}/",
}
QUERY = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
KEYED: dict[str, Any] = {"Prefix": "!{partitionKeyFromQuery:k}/", **DYNAMIC}
CASES = [
    Case("Describe fills in defaults and shows both views", SNAPSHOT, "high", describe_defaults),
    Case("a Lambda processor is echoed with five parameters in a fixed order", f"{SNAPSHOT}; {FLOCI}", "high", lambda_echo),
    Case("processing whose Enabled is omitted is disabled", FLOCI, "high", processing_disabled),
    Case("an update that changes nothing leaves the version", "radkawar/stackd", "medium", versions),
    Case("an update names a stale version", "radkawar/stackd; moto; floci", "high", stale_version),
    Case("an update names an unknown destination", "moto; radkawar/stackd", "medium", wrong_destination),
    Case("half a pair of buffering hints is merged by an update", "radkawar/stackd (the API reference wants both)", "medium", hints_merge),
    Case("processing is replaced whole by an update", FLOCI, "high", processing_replaced),
    Case("a backup cannot be switched off", "awsdocs firehose guide #11, 2020; radkawar/stackd", "high", backup_stays),
    Case("a name is taken once", "radkawar/stackd; moto", "high", duplicate),
    Case("there is exactly one destination", f"{PREFLIGHT}; moto", "high", two_destinations),
    Case("a role that cannot be assumed is refused at creation", "terraform-provider-aws retry list", "high", unassumable),
    Case("deleting discards what is buffered", "floci-io/floci, 2026-07-13, eu-west-1", "high", discarded),
    Case("tags are sorted, the last of a key wins, unknown keys go quietly", "radkawar/stackd; localstack 2026-03", "medium", tags),
    Case("with server-side encryption puts answer Encrypted true", "service model, PutRecordBatchOutput", "medium", encrypted),
    Case("a customer's key must be named", PREFLIGHT, "high", encryption_refused(
        "KeyARN has to be specified when KeyType is CUSTOMER_MANAGED_CMK", KeyType="CUSTOMER_MANAGED_CMK")),
    Case("AWS's own key may not be named", PREFLIGHT, "high", encryption_refused(
        "KeyARN cannot be specified when KeyType is AWS_OWNED_CMK", KeyType="AWS_OWNED_CMK",
        KeyARN="arn:aws:kms:us-east-1:123456789012:key/k")),
    Case("a bucket is named by its ARN", PREFLIGHT, "high", constraint(
        "bucketARN", r"satisfy regular expression pattern: arn:.*:s3:::[\w\.\-]{1,255}", BucketARN="lake")),
    Case("compressions are spelled as the API does", "floci-io/floci#2328, raw wire, 2026-08", "high",
         constraint("compressionFormat", ENUM, CompressionFormat="SNAPPY")),
    Case("a file extension begins with a dot", "floci-io/floci#2328, raw wire, 2026-08", "high", constraint(
        "fileExtension", r"satisfy regular expression pattern: ^(|\.[0-9a-z!\-_.*'()]+)$", FileExtension="txt")),
    Case("a file extension may be of two dots", "floci-io/floci#2328, raw wire, 2026-08", "high",
         lambda lab: [lab.create(FileExtension="..")].clear()),
    Case("a file extension has at most 128 characters", "floci-io/floci#2328, raw wire, 2026-08", "high", constraint(
        "fileExtension", "have length less than or equal to 128", FileExtension="." + "x" * 128)),
    *(Case(f"a destination has its {member}", FLOCI, "high", missing(member)) for member in ("BucketARN", "RoleARN")),
    Case("Prefix is shown as it was given, not at all if it was not", "radkawar/stackd; localstack snapshots", "medium", prefix_echo),
    Case("a backup's interval is of 60 seconds at least", "floci's sources; radkawar/stackd", "medium", backup_interval),
    Case("an update updates something", "radkawar/stackd", "low", nothing_to_update),
    Case("streams are listed by name, ten at a time, from after a name", "radkawar/stackd; localstack 2026-03", "medium", listed),
    Case("CloudFormation says whose constraint a prefix breaks", "badmintoncryer/cdk-preflight, 2026-09-10, ap-northeast-1", "high", by_cloudformation),
    Case("an interval of 0 seconds is taken", "floci, verified against AWS; radkawar/stackd", "high",
         lambda lab: [lab.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})].clear()),
    Case("logging needs a group", PREFLIGHT, "high", refused(
        "CloudWatch Log Group Name is required if CloudWatch Logging is enabled", CloudWatchLoggingOptions={"Enabled": True})),
    Case("a backup needs its destination", PREFLIGHT, "high", refused(
        "S3 backup destination configuration is required when enabling S3 backup.", S3BackupMode="Enabled")),
    Case("a malformed role is refused before everything else", FLOCI, "medium",
         refused("Invalid role ARN.", "InvalidParameterValueException", RoleARN="arn:aws:iam::123456789012:user/u")),
    Case("a role of another account may not be passed", PREFLIGHT, "high", refused(
        "Cross-account pass role is not allowed.", "AccessDeniedException", RoleARN="arn:aws:iam::999999999999:role/r")),
    Case("processing has 1 to 5 processors", f"{PREFLIGHT}; radkawar/stackd", "high", refused(
        "A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.", **processors())),
    Case("there is one Lambda at most", f"{PREFLIGHT}; {FLOCI}", "high", refused(
        "Cannot have more than 1 Lambda processor.", **processors(("Lambda", {"LambdaArn": ARN}), ("Lambda", {"LambdaArn": ARN})))),
    Case("a Lambda processor needs its function", f"{PREFLIGHT}; {FLOCI}", "high", refused(
        "LambdaArn is required when Lambda processor is used.", **processors(("Lambda", {"NumberOfRetries": "1"})))),
    Case("a function is named by its ARN", f"{PREFLIGHT}; {FLOCI}", "high", refused(
        "Invalid lambda ARN.", **processors(("Lambda", {"LambdaArn": "f"})))),
    Case("the Lambda buffer is given whole or not at all", f"{PREFLIGHT}; {FLOCI}", "high", refused(
        "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor.",
        **processors(("Lambda", BUFFER)))),
    *(Case(f"a Lambda buffer of {size} MB is refused", PREFLIGHT, "high", refused(
        SIZES, **processors(("Lambda", {**BUFFER, "BufferSizeInMBs": size})))) for size in ("0.1", "3.1")),
    Case("a Lambda buffer of 901 seconds is refused", PREFLIGHT, "high", refused(
        TIMES, **processors(("Lambda", {"LambdaArn": ARN, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "901"})))),
    *(Case(f"{retries} retries are refused", f"{PREFLIGHT} (the guide says 1 to 8)", "high", refused(
        RETRIES, **processors(("Lambda", {"LambdaArn": ARN, "NumberOfRetries": retries})))) for retries in ("-1", "301")),
    Case("dynamic partitioning needs 64 MiB", "aws-cdk helpers.ts; cdk-preflight", "high", refused(
        "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.",
        BufferingHints={"SizeInMBs": 63, "IntervalInSeconds": 60}, **KEYED)),
    Case("dynamic partitioning needs 60 seconds", "aws-cdk helpers.ts; cdk-preflight", "high", refused(
        "BufferingHints.IntervalInSeconds must be at least 60 seconds when Dynamic Partitioning is enabled.",
        BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 59}, **KEYED)),
    Case("dynamic partitioning needs keys in the prefix", "aws-cdk helpers.ts; cdk-preflight", "high", refused(
        "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled", Prefix="x/", **DYNAMIC)),
    Case("dynamic partitioning needs processing", "aws-cdk helpers.ts", "high", refused(
        "Processing Configuration is not enabled when DataPartitioning is enabled", **KEYED)),
    Case("keys from a query need a query", "aws-cdk helpers.ts", "high", refused(
        "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace",
        **KEYED, **processors(("Lambda", {"LambdaArn": ARN})))),
    Case("keys from Lambda need a Lambda", "aws-cdk helpers.ts", "high", refused(
        "Lambda should be present when S3 Prefix contains keys from partitionKeyFromLambda namespace",
        Prefix="!{partitionKeyFromLambda:k}/", **DYNAMIC, **processors(("MetadataExtraction", QUERY)))),
    Case("a query gives no key that the prefix does not use", PREFLIGHT, "high", refused(
        "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression",
        **KEYED, **processors(("MetadataExtraction", {**QUERY, "MetadataExtractionQuery": "{k:.k,other:.o}"})))),
    Case("the query language is JQ 1.6", PREFLIGHT, "high", refused(
        "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6",
        **processors(("MetadataExtraction", {**QUERY, "JsonParsingEngine": "JQ-1.7"})))),
]  # fmt: skip
