"""Records that become rows of the table, and those that do not."""

import base64

from tests.firehose.conftest import claim, conversion, errors, rows

CONVERTED = {
    "DataFormatConversionConfiguration": conversion(),
    "Prefix": "x/dt=!{timestamp:yyyy-MM-dd-HH}/",
    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
}


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
