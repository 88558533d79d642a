"""Redrive: what failed is sent again, once."""

import base64
import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.errors import UsageError
from local.redrive.stream import redrive

REGION: Any = "sa-east-1"
CLAIMS = [b'{"id":1}', b'{"id":2}', b"\x00\xff"]
OBJECT = "s3://lake/errors/processing-failed/2026/s-1-2026-11-23-12-00-00-a"


class Firehose:
    """A boto3 client whose puts fail as often as it is told."""

    def __init__(self, refusals=0):
        self.put: list[bytes] = []
        self._real = boto3.client("firehose", region_name=REGION)
        self._refusals = refusals

    def __getattr__(self, name):
        return getattr(self._real, name)

    def put_record_batch(self, *, Records, **_):  # noqa: N803 - boto3's
        answers = []
        for record in Records:
            if self._refusals:
                self._refusals -= 1
                answers.append({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."})
            else:
                self.put.append(record["Data"])
                answers.append({"RecordId": "id"})
        return {"FailedPutCount": 0, "RequestResponses": answers}


def document(data: bytes, code="Lambda.FunctionError") -> bytes:
    return json.dumps({"rawData": base64.b64encode(data).decode(), "errorCode": code}).encode()


@pytest.fixture
def aws(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
        firehose = Firehose()
        firehose.create_delivery_stream(
            DeliveryStreamName="s",
            ExtendedS3DestinationConfiguration={
                "RoleARN": "arn:aws:iam::123456789012:role/r",
                "BucketARN": "arn:aws:s3:::lake",
                "Prefix": "x/!{timestamp:HH}/",
                "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/",
            },
        )

        def put(body: bytes, kind="processing-failed", name="a"):
            s3.put_object(Bucket="lake", Key=f"errors/{kind}/2026/s-1-2026-11-23-12-00-00-{name}", Body=body)

        def again(**options):
            defaults = {"types": None, "dry_run": False, "ledger_path": tmp_path / "ledger", "sleep": lambda _: None}
            return redrive(lambda name: firehose if name == "firehose" else s3, "s", **{**defaults, **options})

        yield firehose, put, again


def test_every_record_is_sent_as_it_was_and_never_twice(aws):
    firehose, put, again = aws
    put(b"\n".join(document(data) for data in CLAIMS) + b"\n")
    report = again()
    assert firehose.put == CLAIMS
    assert (report.objects, report.documents, report.sent, report.already_sent) == (1, 3, 3, 0)
    report = again()
    assert firehose.put == CLAIMS
    assert (report.sent, report.already_sent) == (0, 3)


def test_documents_glued_together_and_both_spellings_are_read(aws):
    firehose, put, again = aws
    conversion = {"rawData": "eyJpZCI6Mn0=", "lastErrorCode": "DataFormatConversion.ParseError"}
    put(document(b'{"id":1}') + json.dumps(conversion).encode(), kind="format-conversion-failed")
    report = again()
    assert firehose.put == CLAIMS[:2]
    assert report.by_error == {"Lambda.FunctionError": 1, "DataFormatConversion.ParseError": 1}


def test_a_dry_run_counts_and_sends_nothing(aws, tmp_path):
    firehose, put, again = aws
    put(document(b"a"))
    report = again(dry_run=True)
    assert (report.documents, report.sent) == (1, 0)
    assert firehose.put == []
    assert not (tmp_path / "ledger").exists()


def test_only_the_failed_entries_are_sent_again(aws):
    firehose, put, again = aws
    firehose._refusals = 2
    put(b"".join(document(data) for data in CLAIMS))
    report = again()
    assert sorted(firehose.put) == sorted(CLAIMS)
    assert (report.sent, report.failed) == (3, 0)


def test_a_stream_that_keeps_refusing_leaves_them_for_the_next_run(aws):
    firehose, put, again = aws
    firehose._refusals = 10_000
    put(document(b"a"))
    assert again().failed == 1
    firehose._refusals = 0
    assert again().sent == 1


def test_only_the_wanted_type_is_sent(aws):
    firehose, put, again = aws
    put(document(b"function"), kind="processing-failed")
    put(document(b"conversion"), kind="format-conversion-failed")
    again(types=["format-conversion-failed"])
    assert firehose.put == [b"conversion"]


def test_an_object_that_holds_something_else_is_named_and_the_others_are_sent(aws):
    firehose, put, again = aws
    put(b"not an error document", name="a")
    put(document(b"a"), name="b")
    report = again()
    assert firehose.put == [b"a"]
    (said,) = report.unreadable
    assert (
        said == "s3://lake/errors/processing-failed/2026/s-1-2026-11-23-12-00-00-a, document 1: not an error document"
    )


def test_what_can_be_read_of_a_damaged_object_is_sent(aws):
    firehose, put, again = aws
    damaged = json.dumps({"rawData": "no base64!"}).encode()
    put(document(b"before") + damaged + b"[]" + document(b"after") + b'{"cut": "off')
    report = again()
    assert firehose.put == [b"before", b"after"]
    assert [each.partition(", ")[2] for each in report.unreadable] == [
        "document 2: its rawData is not base64",
        "document 3: not an error document",
        "document 5: not an error document",
    ]


def test_an_object_is_removed_when_all_of_it_was_sent_and_only_when_asked(aws):
    firehose, put, again = aws
    put(document(b"whole"), name="a")
    put(document(b"part") + b"and something else", name="b")
    assert (again().sent, again().objects) == (2, 2)
    assert again(remove=True).removed == 1
    assert again().objects == 1
    assert firehose.put == [b"whole", b"part"]


def test_an_interrupted_ledger_is_mended(aws, tmp_path):
    firehose, put, again = aws
    put(b"".join(document(data) for data in CLAIMS))
    again()
    with (tmp_path / "ledger").open("a") as ledger:
        ledger.write('{"object": "s3://la')
    put(document(b"new"), name="b")
    again()
    assert firehose.put == [*CLAIMS, b"new"]
    assert again().already_sent == 4


@pytest.mark.parametrize(
    ("options", "message"), [({"types": ["nonsense"]}, "no error type nonsense"), ({}, "no delivery stream 'unknown'")]
)
def test_what_cannot_be_done_is_said_in_a_line(aws, tmp_path, options, message):
    firehose, _, again = aws
    if options:
        with pytest.raises(UsageError, match=message):
            again(**options)
    else:
        with pytest.raises(UsageError, match=message):
            redrive(lambda _: firehose, "unknown", None, False, tmp_path / "ledger")  # noqa: FBT003 - as the CLI does
