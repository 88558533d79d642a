"""What a delivery stream does with what was put into it: buffers, objects, partitions, quotas."""

import stat

from local.firehose.limits import Quota
from tests.firehose.conftest import claim, errors


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
async def test_a_quota_is_refused_record_by_record(opened):
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
