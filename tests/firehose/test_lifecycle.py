"""CREATING and DELETING end by themselves, or when they have been seen."""

import pytest

from local.errors import AwsError
from local.firehose.limits import Quota
from tests.firehose.conftest import claim

MINUTE = 60


async def status(bench) -> str:
    described = await bench.call("DescribeDeliveryStream", DeliveryStreamName="s")
    return str(described["DeliveryStreamDescription"]["DeliveryStreamStatus"])


async def refused(call) -> str:
    with pytest.raises(AwsError) as refusal:
        await call
    return str(refusal.value.code)


@claim
async def test_a_stream_takes_puts_after_a_while_though_nobody_looked(opened):
    async with opened(changing=MINUTE) as bench:
        await bench.create()
        assert await refused(bench.put(b"x")) == "ResourceNotFoundException"
        bench.clock.advance(MINUTE)
        assert (await bench.put(b"x"))["FailedPutCount"] == 0


@claim
async def test_a_stream_takes_puts_as_soon_as_it_was_seen_being_created(opened):
    async with opened(changing=MINUTE) as bench:
        await bench.create()
        assert [await status(bench), await status(bench)] == ["CREATING", "ACTIVE"]
        assert (await bench.put(b"x"))["FailedPutCount"] == 0


@claim
async def test_a_name_is_free_again_once_the_deletion_is_over(opened):
    async with opened(changing=MINUTE) as bench:
        await bench.create()
        bench.clock.advance(MINUTE)
        await bench.call("DeleteDeliveryStream", DeliveryStreamName="s")
        assert (await bench.call("ListDeliveryStreams"))["DeliveryStreamNames"] == ["s"]
        assert await refused(bench.create()) == "ResourceInUseException"
        bench.clock.advance(MINUTE)
        assert await refused(status(bench)) == "ResourceNotFoundException"
        await bench.create()


@claim
async def test_what_cloudformation_makes_is_active_at_once(opened):
    async with opened(changing=MINUTE) as bench:
        where = {"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::lake"}
        planned = {"DeliveryStreamName": "s", "ExtendedS3DestinationConfiguration": where}
        bench.store.put("s", bench.service.planned(planned))
        assert await status(bench) == "ACTIVE"


@claim
async def test_a_quota_holds_for_streams_too(opened):
    async with opened(quota=Quota(1, 1, 1, streams=2)) as bench:
        await bench.create("a")
        await bench.create("b")
        assert await refused(bench.create("c")) == "LimitExceededException"
