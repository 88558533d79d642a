# ruff: noqa: E501 - a row of the table is a line, however long
"""Processors: what they may be given, how they are echoed, what they do to a record."""

import json
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab, documents
from tests.conformance.rows.control import (
    ARN,
    DYNAMIC,
    FLOCI,
    INVALID,
    PREFLIGHT,
    constraint,
    extended,
    processors,
    refused,
    update,
)
from tests.conformance.rows.transform import split, stream

STACKD = "radkawar/stackd captures, us-east-1"
KINDS = (
    "[Decompression, Lambda, RecordDeAggregation, MetadataExtraction, AppendDelimiterToRecord, CloudWatchLogProcessing]"
)
NAMES = (
    "[DataMessageExtraction, NumberOfRetries, Delimiter, RoleArn, JsonParsingEngine, SubRecordType, MetadataExtractionQuery,"
    " BufferIntervalInSeconds, LambdaArn, BufferSizeInMBs, CompressionFormat]"
)
FIRST = "processingConfiguration.processors.1.member"
PARAMETER = f"{FIRST}.parameters.1.member"
DECOMPRESSION = ("Decompression", {"CompressionFormat": "GZIP"})


def listed(config: dict[str, Any]) -> list[dict[str, Any]]:
    return list(config["ProcessingConfiguration"]["Processors"][0]["Parameters"])


def repeated() -> dict[str, Any]:
    config = processors(("Lambda", {"NumberOfRetries": "1"}))
    return {
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [{"Type": "Lambda", "Parameters": listed(config) * 2}],
        }
    }


def delimiter_echo(lab: Lab) -> None:
    name = lab.create(**processors(("AppendDelimiterToRecord", {"Delimiter": "\\n"})))
    [kept] = extended(lab, name)["ProcessingConfiguration"]["Processors"]
    assert kept == {"Type": "AppendDelimiterToRecord", "Parameters": []}


def role_stays(lab: Lab) -> None:
    """Change the destination's role: the processor goes on with the one that it was given by default."""
    name = lab.create(**processors(("Lambda", {"LambdaArn": lab.function})))
    update(lab, name, RoleARN=lab.other_role)
    [kept] = extended(lab, name)["ProcessingConfiguration"]["Processors"]
    roles = [each["ParameterValue"] for each in kept["Parameters"] if each["ParameterName"] == "RoleArn"]
    assert roles == [lab.role]


def enabled_stays(lab: Lab) -> None:
    name = lab.create(**processors(("Lambda", {"LambdaArn": ARN})))
    processing = processors(("Lambda", {"LambdaArn": ARN, "NumberOfRetries": "1"}))["ProcessingConfiguration"]
    update(lab, name, ProcessingConfiguration={"Processors": processing["Processors"]})
    assert extended(lab, name)["ProcessingConfiguration"]["Enabled"] is True


def only_logs_may_put(lab: Lab) -> None:
    name = lab.create(**processors(DECOMPRESSION))
    code, message = lab.refusal(lambda: lab.put(name, b"x"))
    assert code == "InvalidSourceException"
    assert message == (
        f"Put to Firehose failed for AccountId: {lab.account}, FirehoseName: {name} because the request is not"
        " originating from CloudWatch."
    )


def deaggregated(kind: dict[str, str], *data: bytes, sees: list[str]) -> Any:
    """Check that the function gets these records: it answers with its whole event."""

    def check(lab: Lab) -> None:
        name = stream(lab)
        given = {"LambdaArn": lab.echo_function, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "10"}
        processing = processors(("RecordDeAggregation", kind), ("Lambda", given))["ProcessingConfiguration"]
        update(lab, name, ProcessingConfiguration=processing)
        good, _ = split(lab.delivered(name, *data))
        assert json.loads(good) == sees

    return check


def keys_from_lambda(lab: Lab) -> None:
    given = {"LambdaArn": lab.function, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "10"}
    name = lab.create(
        Prefix="k=!{partitionKeyFromLambda:k}/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        DynamicPartitioningConfiguration={"Enabled": True}, **processors(("Lambda", given)),
    )  # fmt: skip
    landed = lab.delivered(name, b"KEY a", b"KEY b", b"KEY a", b"no key")
    found = sorted((each.key.split("/")[0], each.body) for each in landed if each.key.startswith("k="))
    assert found == [("k=a", b"KEY aKEY a"), ("k=b", b"KEY b")]
    [failed] = documents([each for each in landed if each.key.startswith("errors")])
    assert failed["errorCode"] == "DynamicPartitioning.MetadataExtractionFailed"


def too_many_pieces(lab: Lab) -> None:
    name = lab.create(Prefix="ok/", **processors(("RecordDeAggregation", {"SubRecordType": "DELIMITED", "Delimiter": "fA=="}),
                                                 ("AppendDelimiterToRecord", {})))  # fmt: skip
    [landed] = lab.delivered(name, b"|".join([b"x"] * 500), b"|".join([b"y"] * 501))
    assert landed.body == b"x\n" * 500 + b"|".join([b"y"] * 501)


def taken(**given: str) -> Any:
    """Check that a Lambda processor may be so configured, and keeps it."""

    def check(lab: Lab) -> None:
        name = lab.create(**processors(("Lambda", {"LambdaArn": ARN, **given})))
        [kept] = extended(lab, name)["ProcessingConfiguration"]["Processors"]
        found = {each["ParameterName"]: each["ParameterValue"] for each in kept["Parameters"]}
        assert given.items() <= found.items()

    return check


def query_echo(lab: Lab) -> None:
    given = {"JsonParsingEngine": "JQ-1.6", "MetadataExtractionQuery": "{k:.k}"}
    name = lab.create(Prefix="!{partitionKeyFromQuery:k}/", **DYNAMIC, **processors(("MetadataExtraction", given)))
    [kept] = extended(lab, name)["ProcessingConfiguration"]["Processors"]
    assert [each["ParameterName"] for each in kept["Parameters"]] == list(given)


def delimiter_once(lab: Lab) -> None:
    name = lab.create(**processors(("AppendDelimiterToRecord", {}), ("AppendDelimiterToRecord", {})))
    assert len(extended(lab, name)["ProcessingConfiguration"]["Processors"]) == 2
    [landed] = lab.delivered(name, b"one", b"two")
    assert landed.body == b"one\ntwo"


def replacement_is_checked(lab: Lab) -> None:
    name = lab.create(**processors(("Lambda", {"LambdaArn": ARN})))
    found = lab.refusal(lambda: update(lab, name, ProcessingConfiguration={"Enabled": True, "Processors": []}))
    assert found[1].startswith("A maximum of 5 and a minimum of 1 processor needs to be supplied")


def kinesis_needs_its_source(lab: Lab) -> None:
    call = lab.client("firehose").create_delivery_stream
    found = lab.refusal(lambda: call(
        DeliveryStreamName=lab.name(), DeliveryStreamType="KinesisStreamAsSource",
        ExtendedS3DestinationConfiguration=lab.destination(),
    ))  # fmt: skip
    assert found == (INVALID, "KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type.")


CASES = [
    Case("a processor is of one of six types", FLOCI, "high", constraint(f"{FIRST}.type", f"satisfy enum value set: {KINDS}", **processors(("Spell", {})))),
    Case("a parameter has one of eleven names", FLOCI, "high", constraint(
        f"{PARAMETER}.parameterName", f"satisfy enum value set: {NAMES}", **processors(("Lambda", {"Speed": "1"})))),
    Case("a parameter's value is not blank", FLOCI, "high", constraint(
        f"{PARAMETER}.parameterValue", r"satisfy regular expression pattern: ^(?!\s*$).+", **processors(("Lambda", {"LambdaArn": " "})))),
    Case("a parameter's value has at most 5,120 characters, which is told before what they are", FLOCI, "high", constraint(
        f"{PARAMETER}.parameterValue", "have length less than or equal to 5120", **processors(("Lambda", {"LambdaArn": "a" * 5121})))),
    *(Case(f"{retries} retries are taken", f"{PREFLIGHT} (the guide says 1 to 8)", "high", taken(NumberOfRetries=retries))
      for retries in ("0", "300")),
    *(Case(f"a Lambda buffer of {size} MB and {seconds} s is taken", PREFLIGHT, "high", taken(
        BufferSizeInMBs=size, BufferIntervalInSeconds=seconds)) for size, seconds in (("0.2", "0"), ("3", "900"))),
    *(Case(f"a function may be named with {qualifier} and need not exist", f"{PREFLIGHT}; {FLOCI}", "high", taken(
        LambdaArn=f"{ARN}:{qualifier}")) for qualifier in ("$LATEST", "prod")),
    Case("parameters of a query are echoed in the order they were sent", "localstack snapshot, 2022-09-14", "high", query_echo),
    Case("a delimiter given twice is kept twice and put once", "radkawar/stackd", "medium", delimiter_once),
    Case("what replaces processing is checked by itself", FLOCI, "high", replacement_is_checked),
    Case("a repeated parameter is told before a missing function", FLOCI, "medium", refused(
        "Duplicate ProcessorParameter passed to ProcessingConfiguration.", **repeated())),
    Case("de-aggregation is of JSON or delimited records", PREFLIGHT, "high", refused(
        "SubRecordType has to be one of JSON, DELIMITED", **processors(("RecordDeAggregation", {"SubRecordType": "CSV"})))),
    Case("delimited records need a delimiter", PREFLIGHT, "high", refused(
        "Delimiter should be present for DELIMITED", **processors(("RecordDeAggregation", {"SubRecordType": "DELIMITED"})))),
    Case("decompression is of GZIP", "radkawar/stackd", "medium", refused(
        "CompressionFormat has to be GZIP", **processors(("Decompression", {"CompressionFormat": "ZIP"})))),
    Case("log messages are taken out of what was decompressed", PREFLIGHT, "high", refused(
        "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor",
        **processors(("CloudWatchLogProcessing", {"DataMessageExtraction": "true"})))),
    Case("log messages are taken out or not", PREFLIGHT, "high", refused(
        "Invalid parameter value for DataMessageExtraction. Allowed values are True and False.",
        **processors(DECOMPRESSION, ("CloudWatchLogProcessing", {"DataMessageExtraction": "maybe"})))),
    Case("AppendDelimiterToRecord is echoed without parameters", "radkawar/stackd", "medium", delimiter_echo),
    Case("a processor keeps the role it was given by default", FLOCI, "medium", role_stays),
    Case("an update of processing without Enabled keeps it", FLOCI, "high", enabled_stays),
    Case("a stream that decompresses takes puts from CloudWatch Logs only", "radkawar/stackd", "medium", only_logs_may_put),
    Case("partition keys come from the function's metadata; a record without fails", "Developer Guide, dynamic partitioning", "medium", keys_from_lambda),
    Case("de-aggregated documents are records of their own to the function", f"Developer Guide, dynamic partitioning; {STACKD}", "medium",
         deaggregated({"SubRecordType": "JSON"}, b'{"a":1}{"a":2}', b"plain", sees=['{"a":1}', '{"a":2}', "plain"])),
    Case("de-aggregated lines are records of their own to the function", "Developer Guide, dynamic partitioning", "medium",
         deaggregated({"SubRecordType": "DELIMITED", "Delimiter": "Cg=="}, b"one\ntwo\n", sees=["one", "two"])),
    Case("a record of more than 500 pieces stays whole", "service model, PutRecord", "medium", too_many_pieces),
    Case("a Kinesis stream's reader needs its configuration", f"{PREFLIGHT}; moto", "high",
         kinesis_needs_its_source),
]  # fmt: skip
