"""What the function is asked, and what becomes of its answers."""

import asyncio
import base64
import gzip
import json

from tests.firehose.conftest import (
    FUNCTION,
    WHERE,
    answering,
    claim,
    errors,
    lambda_processing,
    tried_again,
)


@claim
async def test_the_transform_gets_the_event_that_aws_sends(opened):
    async with opened() as bench:
        await bench.create(ProcessingConfiguration=lambda_processing())
        await bench.put(b"one", b"")
        await bench.service.flush("s")
        [event] = bench.aws.functions.events
        assert list(event) == ["FunctionName", "invocationId", "deliveryStreamArn", "region", "records"]
        assert event["FunctionName"] == FUNCTION
        first, second = event["records"]
        assert list(first) == ["recordId", "approximateArrivalTimestamp", "data"]
        assert (first["data"], second["data"]) == ("b25l", "")
        assert first["approximateArrivalTimestamp"] == 1795435200000
        assert first["recordId"].isdecimal()
        assert len(first["recordId"]) == 62
        assert first["recordId"] != second["recordId"]


@claim
async def test_a_function_that_throws_is_asked_retries_plus_one_times(opened):
    async with opened() as bench:
        bench.aws.functions.handler = lambda _: 1 / 0
        await bench.create(
            ProcessingConfiguration=lambda_processing(NumberOfRetries="2"),
            ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        )
        await bench.put(b"a", b"b")
        flushing = asyncio.ensure_future(bench.service.flush("s"))
        while not flushing.done():
            await bench.idle()
            bench.clock.advance(10)
        invocations = [event["invocationId"] for event in bench.aws.functions.events]
        assert len(set(invocations)) == len(invocations) == 3
        assert {json.dumps(event["records"]) for event in bench.aws.functions.events} == {
            json.dumps(bench.aws.functions.events[0]["records"])
        }
        failed = errors(bench.aws)
        assert [list(each) for each in failed] == [[
            "rawData", "errorCode", "errorMessage", "attemptsMade",
            "arrivalTimestamp", "attemptEndingTimestamp", "lambdaARN",
        ]] * 2  # fmt: skip
        assert {(each["errorCode"], each["attemptsMade"]) for each in failed} == {("Lambda.FunctionError", 3)}
        assert sorted(base64.b64decode(each["rawData"]) for each in failed) == [b"a", b"b"]
        assert tried_again(bench) == (2, None)


@claim
async def test_the_backup_holds_every_record_as_it_was_put(opened):
    async with opened() as bench:
        results = {b"DROP": "Dropped", b"FAIL": "ProcessingFailed", b"KEEP": "Ok"}
        bench.aws.functions.handler = answering(results.__getitem__)
        await bench.create(
            Prefix="main/",
            ErrorOutputPrefix="errors/",
            ProcessingConfiguration=lambda_processing(),
            S3BackupMode="Enabled",
            S3BackupConfiguration={**WHERE, "Prefix": "raw/", "CompressionFormat": "GZIP"},
        )
        await bench.put(b"DROP", b"FAIL", b"KEEP")
        await bench.service.flush("s")
        assert [gzip.decompress(body) for body in bench.aws.s3.bodies("raw/")] == [b"DROPFAILKEEP"]
        assert bench.aws.s3.bodies("main/") == [b"ok"]
        assert [base64.b64decode(each["rawData"]) for each in errors(bench.aws)] == [b"FAIL"]
        assert list(bench.journals.rglob("*.wal")) == []


@claim
async def test_metrics_count_as_aws_counts(opened):
    async with opened() as bench:
        results = {b"o": "Ok", b"d": "Dropped", b"f": "ProcessingFailed"}
        bench.aws.functions.handler = answering(results.__getitem__)
        await bench.create(Prefix="m/", ErrorOutputPrefix="errors/", ProcessingConfiguration=lambda_processing())
        await bench.put(*[b"o"] * 51, *[b"d"] * 53, *[b"f"] * 53)
        await bench.service.flush("s")
        bench.clock.advance(60)
        await bench.until(lambda: bench.aws.cloudwatch.data)
        sums = bench.aws.cloudwatch.sums()
        assert sums["IncomingRecords"] == 157
        assert sums["SucceedProcessing.Records"] == 51
        assert sums["DeliveryToS3.Records"] == 104  # error documents count: radkawar/stackd, us-east-1
        assert sums["DeliveryToS3.Success"] == 2
