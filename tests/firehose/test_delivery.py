"""What a delivery stream does with what was put into it."""

import asyncio
import base64
import gzip
import io
import json
import stat
from functools import wraps
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.firehose.conftest import FUNCTION, ROLE, answering, conversion, lambda_processing

WHERE = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake"}
CONVERTED = {
    "DataFormatConversionConfiguration": conversion(),
    "Prefix": "x/dt=!{timestamp:yyyy-MM-dd-HH}/",
    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
}


def claim(test):
    """Let a coroutine be a test."""

    @wraps(test)
    def run(*arguments, **named):
        asyncio.run(test(*arguments, **named))

    return run


def rows(aws) -> list[dict[str, Any]]:
    return [row for body in aws.s3.bodies("x/") for row in pq.read_table(io.BytesIO(body)).to_pylist()]


def errors(aws) -> list[dict[str, Any]]:
    return [json.loads(line) for body in aws.s3.bodies("errors/") for line in body.splitlines()]


@claim
async def test_records_wait_for_the_interval_and_land_in_one_object(opened):
    async with opened() as bench:
        await bench.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})
        await bench.put(b"abc")
        bench.clock.advance(59)
        await bench.put(b"def", b"ghi")
        await bench.idle()
        assert bench.aws.s3.bodies() == []
        bench.clock.advance(1)
        await bench.until(bench.aws.s3.bodies)
        assert bench.aws.s3.bodies() == [b"abcdefghi"]
        [key] = bench.aws.s3.objects
        assert key.startswith("2026/11/23/12/s-1-2026-11-23-12-00-00-")


@claim
async def test_enough_bytes_seal_a_buffer_before_its_time(opened):
    async with opened() as bench:
        await bench.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900})
        await bench.put(b"x" * 600_000)
        await bench.put(b"y" * 600_000)
        await bench.until(bench.aws.s3.bodies)
        assert bench.aws.s3.bodies() == [b"x" * 600_000]


@claim
async def test_the_object_is_named_for_the_oldest_record_and_the_version_at_delivery(opened):
    async with opened() as bench:
        await bench.create(
            BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900}, CustomTimeZone="America/Sao_Paulo"
        )
        await bench.put(b"a")
        bench.clock.advance(600)
        await bench.put(b"b")
        update = {"FileExtension": ".txt"}
        await bench.call(
            "UpdateDestination", DeliveryStreamName="s", CurrentDeliveryStreamVersionId="1",
            DestinationId="destinationId-000000000001", ExtendedS3DestinationUpdate=update,
        )  # fmt: skip
        await bench.service.flush("s")
        [key] = bench.aws.s3.objects
        assert key.startswith("2026/11/23/09/s-2-2026-11-23-09-00-00-")
        assert key.endswith(".txt")


@claim
async def test_good_records_become_one_parquet_object_and_bad_ones_error_documents(opened):
    async with opened() as bench:
        bench.aws.glue.columns = {"id": "bigint", "name": "string"}
        await bench.create(**CONVERTED)
        await bench.put(
            b'{"id":1,"name":"a"}', b'{"ID":"2"}{"id":3,"extra":true}', b'{"id":"oops"}', b"", b"[{}]", b"nope"
        )
        await bench.service.flush("s")
        assert rows(bench.aws) == [{"id": 1, "name": "a"}, {"id": 2, "name": None}, {"id": 3, "name": None}]
        assert len(bench.aws.s3.bodies("x/")) == 1
        found = {base64.b64decode(each["rawData"]): each["lastErrorMessage"] for each in errors(bench.aws)}
        assert found[b'{"id":"oops"}'] == 'Data does not match the schema. For input string: "oops"'
        assert found[b""] == "The record was empty or contained only whitespace."
        assert set(found) == {b'{"id":"oops"}', b"", b"[{}]", b"nope"}
        [error_key] = [key for key in bench.aws.s3.objects if key.startswith("errors/")]
        assert error_key.startswith("errors/format-conversion-failed/s-1-2026-11-23-12-00-00-")


@claim
async def test_a_changed_table_is_picked_up(opened):
    async with opened() as bench:
        bench.aws.glue.columns = {"id": "bigint"}
        await bench.create(**CONVERTED)
        await bench.put(b'{"id":1,"city":"Recife"}')
        await bench.service.flush("s")
        bench.aws.glue.columns = {"id": "bigint", "city": "string"}
        bench.clock.advance(10)
        await bench.put(b'{"id":2,"city":"Recife"}')
        await bench.service.flush("s")
        assert rows(bench.aws) == [{"id": 1}, {"id": 2, "city": "Recife"}]


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
async def test_a_denied_bucket_loses_nothing_and_is_reported(opened):
    async with opened() as bench:
        bench.aws.s3.refusing = "AccessDenied"
        logging = {"Enabled": True, "LogGroupName": "g", "LogStreamName": "s"}
        await bench.create(CloudWatchLoggingOptions=logging)
        await bench.put(b"kept")
        await bench.service.flush("s")
        assert bench.aws.s3.bodies() == []
        [event] = bench.aws.logs.events
        assert event["errorCode"] == "S3.AccessDenied"
        assert event["destination"] == "arn:aws:s3:::lake"
        assert tried_again(bench) == (1, "S3.AccessDenied: " + event["message"])
        bench.clock.advance(61)
        await bench.until(lambda: bench.aws.s3.attempts == 2)
        bench.aws.s3.refusing = ""
        bench.clock.advance(61)
        await bench.until(bench.aws.s3.bodies)
        assert bench.aws.s3.bodies() == [b"kept"]
        await bench.until(lambda: tried_again(bench) == (2, None))


@claim
async def test_a_role_that_cannot_be_assumed_stops_delivery_until_it_can(opened):
    async with opened() as bench:
        await bench.create()
        bench.aws.refused_roles.add(ROLE)
        assert (await bench.put(b"kept"))["FailedPutCount"] == 0
        await bench.service.flush("s")
        assert bench.aws.s3.bodies() == []
        bench.aws.refused_roles.clear()
        bench.clock.advance(61)
        await bench.until(bench.aws.s3.bodies)


@claim
async def test_a_table_that_cannot_be_read_stops_conversion_until_it_can(opened):
    async with opened() as bench:
        bench.aws.glue.columns = {"id": "bigint"}
        await bench.create(**CONVERTED)
        bench.aws.glue.refusing = "AccessDeniedException"
        bench.clock.advance(10)
        await bench.put(b'{"id":1}')
        await bench.service.flush("s")
        assert bench.aws.s3.objects == {}
        bench.aws.glue.refusing = ""
        bench.clock.advance(61)
        await bench.until(lambda: rows(bench.aws))
        assert rows(bench.aws) == [{"id": 1}]


@claim
async def test_after_24_hours_of_refusal_data_is_given_up(opened):
    async with opened() as bench:
        bench.aws.s3.refusing = "NoSuchBucket"
        await bench.create()
        await bench.put(b"lost")
        await bench.service.flush("s")
        bench.clock.advance(24 * 3600 + 1)
        await bench.idle()
        bench.aws.s3.refusing = ""
        bench.clock.advance(3600)
        await bench.idle()
        assert bench.aws.s3.bodies() == []
        assert list(bench.journals.rglob("*.wal")) == []


@claim
async def test_what_was_acknowledged_before_a_crash_is_delivered_after_it(opened):
    async with opened(crash=True) as bench:
        await bench.create(ProcessingConfiguration=lambda_processing())
        await bench.put(b"one ", b"two ")
        await bench.put(b"three")
    async with opened() as bench:
        await bench.service.flush("s")
        assert b"".join(bench.aws.s3.bodies()) == b"one two three"
        assert list(bench.journals.rglob("*.wal")) == []


@claim
async def test_what_was_delivered_before_a_crash_is_not_delivered_again(opened):
    async with opened(crash=True) as bench:
        await bench.create()
        await bench.put(b"one ")
        await bench.service.flush("s")
        await bench.put(b"two ")
    async with opened() as bench:
        await bench.service.flush("s")
        assert bench.aws.s3.bodies() == [b"one ", b"two "]


@claim
async def test_a_clean_stop_delivers_what_is_buffered(opened):
    async with opened() as bench:
        await bench.create()
        await bench.put(b"abc")
    assert bench.aws.s3.bodies() == [b"abc"]


@claim
async def test_only_the_owner_can_read_the_journal(opened):
    async with opened() as bench:
        bench.aws.s3.refusing = "AccessDenied"
        await bench.create()
        await bench.put(b"a secret")
        for path in bench.journals.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) in {0o700, 0o600}
        bench.aws.s3.refusing = ""


@claim
async def test_a_deleted_stream_forgets_what_it_held(opened):
    async with opened() as bench:
        await bench.create()
        await bench.put(b"abc")
        await bench.call("DeleteDeliveryStream", DeliveryStreamName="s")
        await bench.create()
        await bench.service.flush("s")
        assert bench.aws.s3.objects == {}
        assert list((bench.journals / "s.journal").iterdir()) == []


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
async def test_dynamic_partitioning_puts_each_key_in_its_own_object(opened):
    async with opened() as bench:
        query = [("MetadataExtractionQuery", "{uf:.state}"), ("JsonParsingEngine", "JQ-1.6")]
        parameters = [{"ParameterName": name, "ParameterValue": value} for name, value in query]
        await bench.create(
            Prefix="x/uf=!{partitionKeyFromQuery:uf}/!{timestamp:HH}/",
            ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
            BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 60},
            DynamicPartitioningConfiguration={"Enabled": True},
            ProcessingConfiguration={
                "Enabled": True,
                "Processors": [{"Type": "MetadataExtraction", "Parameters": parameters}],
            },
        )
        await bench.put(b'{"state":"PE"}', b'{"state":"SP"}', b'{"state":"PE","n":2}', b'{"state":""}', b"no json")
        await bench.service.flush("s")
        assert bench.aws.s3.bodies("x/uf=PE/12/s-1-") == [b'{"state":"PE"}{"state":"PE","n":2}']
        assert bench.aws.s3.bodies("x/uf=SP/12/") == [b'{"state":"SP"}']
        assert {each["errorCode"] for each in errors(bench.aws)} == {"DynamicPartitioning.MetadataExtractionFailed"}
        assert len(errors(bench.aws)) == 2


@claim
async def test_memory_is_bounded_and_the_rest_waits_on_disk(opened):
    async with opened() as bench:
        bench.aws.s3.refusing = "AccessDenied"
        await bench.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})
        mebibyte = b"x" * 1_000_000
        for _ in range(120):
            await bench.put(mebibyte)
        await bench.idle()
        stream = bench.service._streams["s"][1]
        in_memory = stream._moving + stream._shelves.bytes + stream._intake._loaded
        assert in_memory < 90 * 1024 * 1024
        assert stream.journal_bytes > 119_000_000
        bench.aws.s3.refusing = ""
        async with asyncio.timeout(60):
            while sum(map(len, bench.aws.s3.bodies())) < 120_000_000:
                bench.clock.advance(61)
                await bench.idle()


@claim
async def test_a_quota_is_refused_record_by_record(opened):
    from local.firehose.limits import Quota  # noqa: PLC0415

    async with opened(quota=Quota(records=3, requests=10, bytes=1000)) as bench:
        await bench.create()
        answer = await bench.put(b"1", b"2", b"3", b"4", b"5")
        assert list(answer) == ["Encrypted", "FailedPutCount", "RequestResponses"]
        assert answer["FailedPutCount"] == 2
        slow_down = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
        assert answer["RequestResponses"][3:] == [slow_down] * 2
        bench.clock.advance(1)
        assert (await bench.put(b"4", b"5"))["FailedPutCount"] == 0
        await bench.service.flush("s")
        assert bench.aws.s3.bodies() == [b"12345"]


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


@claim
async def test_freshness_grows_every_minute_while_something_waits(opened):
    async with opened() as bench:
        bench.aws.s3.refusing = "AccessDenied"
        await bench.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
        await bench.put(b"x")
        await bench.until(lambda: bench.aws.s3.attempts)
        for _ in range(3):
            bench.clock.advance(60)
            await bench.idle()
        await bench.until(lambda: len(ages(bench)) >= 3)
        assert {60.0, 120.0} <= set(ages(bench))
        bench.aws.s3.refusing = ""
        bench.clock.advance(60)
        await bench.until(bench.aws.s3.bodies)
        await bench.idle()
        until_now = len(ages(bench))
        bench.clock.advance(60)
        await bench.idle()
        bench.clock.advance(60)
        await bench.idle()
        assert len(ages(bench)) <= until_now + 1  # that of the delivery


def tried_again(bench) -> tuple[int, str | None]:
    status = bench.service.status()["s"]
    return status["retries"], status["retrying"]


def ages(bench) -> list[float]:
    data = [datum for datum in bench.aws.cloudwatch.data if datum["MetricName"] == "DeliveryToS3.DataFreshness"]
    return [value for datum in data for value in datum["Values"]]


@pytest.mark.parametrize("when", ["before start", "while running"])
def test_a_stream_deleted_behind_our_back_is_noticed(opened, when):
    async def claim() -> None:
        async with opened(crash=True) as bench:
            await bench.create()
            await bench.put(b"abc")
            if when == "while running":
                bench.store.delete("s")
                bench.clock.advance(60)
                await bench.until(lambda: not list(bench.journals.rglob("*.wal")))
        if when == "before start":
            bench.store.delete("s")
            async with opened() as bench:
                # The control plane may have lost it in the crash: what was acknowledged is kept for its return.
                assert list(bench.journals.rglob("*.wal"))

    asyncio.run(claim())
