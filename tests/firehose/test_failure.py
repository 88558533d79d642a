"""What is refused, killed or deleted: nothing that was acknowledged is lost before its day is over."""

import asyncio

import pytest

from tests.firehose.conftest import ROLE, claim, lambda_processing, tried_again


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
async def test_memory_is_bounded_and_the_rest_waits_on_disk(opened):
    async with opened() as bench:
        bench.aws.s3.refusing = "AccessDenied"
        await bench.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})
        mebibyte = b"x" * 1_000_000
        for _ in range(120):
            await bench.put(mebibyte)
        await bench.idle()
        stream = await bench.service._streams.get("s")
        in_memory = stream._moving + stream._shelves.bytes + stream._intake._loaded
        assert in_memory < 90 * 1024 * 1024
        assert stream.journal_bytes > 119_000_000
        bench.aws.s3.refusing = ""
        async with asyncio.timeout(60):
            while sum(map(len, bench.aws.s3.bodies())) < 120_000_000:
                bench.clock.advance(61)
                await bench.idle()


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


def ages(bench) -> list[float]:
    data = [datum for datum in bench.aws.cloudwatch.data if datum["MetricName"] == "DeliveryToS3.DataFreshness"]
    return [value for datum in data for value in datum["Values"]]
