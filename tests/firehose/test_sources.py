"""Before the transform: what CloudWatch Logs sends is unpacked, and records are divided."""

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.firehose import settings, sources
from local.firehose.records import Record
from tests.firehose.conftest import ACCOUNT, REGION, ROLE


def read(*processors):
    """Return the settings of a stream with these (type, parameters)."""
    listed = [
        {
            "Type": kind,
            "Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()],
        }
        for kind, given in processors
    ]
    config = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake",
              "ProcessingConfiguration": {"Enabled": True, "Processors": listed}}  # fmt: skip
    stored = {"name": "s", "arn": "arn", "version": 1, "created_at": 0.0, "updated_at": 0.0,
              "destinations": [{"id": "d", "type": "ExtendedS3", "config": config}]}  # fmt: skip
    found = settings.read(stored, ACCOUNT, REGION)
    assert found is not None
    return found


UNZIPPED = ("Decompression", {"CompressionFormat": "GZIP"})
MESSAGES = ("CloudWatchLogProcessing", {"DataMessageExtraction": "true"})
LOGS = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": "one"}, {"message": "dois"}]}


def prepared(*processors, data):
    ready, failures = sources.prepare(read(*processors), [Record(7, 0, data)], now_ms=99)
    return [(record.data, record.part) for record in ready], failures


def test_what_was_compressed_is_plain_to_what_follows():
    assert prepared(UNZIPPED, data=gzip.compress(b"abc")) == ([(b"abc", 0)], [])


def test_what_is_not_gzip_fails_with_its_original_bytes():
    ready, [failure] = prepared(UNZIPPED, data=b"abc")
    assert ready == []
    assert (failure.code, failure.attempts, failure.record.data) == ("Decompression failed.", 1, b"abc")
    assert failure.ended == 99
    assert failure.context == {}


@pytest.mark.parametrize("cut", [1, 9, 15])
def test_a_gzip_stream_cut_short_fails_too(cut):
    whole = gzip.compress(b"abcdefgh" * 9)
    _, [failure] = prepared(UNZIPPED, data=whole[:-cut])
    assert failure.record.data == whole[:-cut]


def test_the_messages_of_log_events_come_out_with_a_line_feed_each():
    assert prepared(UNZIPPED, MESSAGES, data=gzip.compress(json.dumps(LOGS).encode())) == ([(b"one\ndois\n", 0)], [])


def test_without_extraction_the_whole_batch_of_log_events_goes_on():
    whole = json.dumps(LOGS).encode()
    assert prepared(UNZIPPED, data=gzip.compress(whole)) == ([(whole, 0)], [])


def test_a_control_message_becomes_an_empty_record():
    control = json.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "probe"}]}).encode()
    assert prepared(UNZIPPED, MESSAGES, data=gzip.compress(control)) == ([(b"", 0)], [])


@given(st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3)), min_size=1, max_size=9))
def test_documents_are_divided_as_they_are_written(documents):
    written = [json.dumps(each).encode() for each in documents]
    for whole in (b" ".join(written), b"".join(written), b"[" + b",".join(written) + b"]"):
        ready, _ = prepared(("RecordDeAggregation", {"SubRecordType": "JSON"}), data=whole)
        if len(written) > 1:  # one alone is not divided
            assert ready == [(each, part) for part, each in enumerate(written)]


@given(st.lists(st.binary(min_size=1, max_size=5).filter(lambda each: b"|" not in each), min_size=1, max_size=9))
def test_pieces_divided_are_the_pieces(pieces):
    given = {"SubRecordType": "DELIMITED", "Delimiter": base64.b64encode(b"|").decode()}
    ready, _ = prepared(("RecordDeAggregation", given), data=b"|".join(pieces))
    assert [data for data, _ in ready] == pieces
