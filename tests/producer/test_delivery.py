"""One PutRecordBatch, over real HTTP, and what is understood of its answer."""

import boto3
import pytest
from moto import mock_aws

from producer.delivery import Delivery
from producer.errors import Refused, UsageError
from producer.outcomes import Answered, TooLarge, Unanswered
from tests.producer.sink import (
    CUT_AFTER,
    CUT_BEFORE,
    GARBAGE,
    INTERNAL,
    SLOW_DOWN,
    Answer,
    Sink,
    throttling,
)


def delivery(stream: str = "signups", timeout: float = 5) -> Delivery:
    return Delivery(stream, "us-east-1", connections=2, timeout=timeout)


def test_records_arrive_as_they_are(sink):
    records = [b'{"a":"\xc3\xa7\xc3\xa3o"}\n', b"x" * 1_024_000, b"\x00\xff"]
    assert delivery().put(records) == Answered()
    assert sink.accepted == records


def test_the_failed_positions_are_known_and_nothing_else(sink):
    sink.script = iter([throttling(3, 1)])
    outcome = delivery().put([b"%d" % number for number in range(7)])
    assert outcome == Answered(dict.fromkeys((1, 4), "ServiceUnavailableException"))
    assert sink.accepted == [b"0", b"2", b"3", b"5", b"6"]


@pytest.mark.parametrize(
    ("answer", "unsure", "throttled"),
    [
        (SLOW_DOWN, False, True),
        (Answer(status=400, code="ThrottlingException", message="Rate exceeded", writes=False), False, True),
        (Answer(status=429, code="TooManyRequests", writes=False), False, True),
        (INTERNAL, True, False),
        (Answer(status=502, code="BadGateway", writes=False), True, False),
        (Answer(status=408, code="RequestTimeout", writes=False), True, False),
        (CUT_BEFORE, True, False),
        (CUT_AFTER, True, False),
        (GARBAGE, True, False),
        (Answer(body=b'{"FailedPutCount":2,"RequestResponses":[]}', writes=False), True, False),
        (Answer(body=b"{}", writes=False), True, False),
    ],
)
def test_what_may_succeed_later_is_told_from_what_may_have_succeeded(sink, answer, unsure, throttled):
    sink.script = iter([answer])
    outcome = delivery().put([b"1"])
    assert isinstance(outcome, Unanswered)
    assert (outcome.unsure, outcome.throttled) == (unsure, throttled)


def test_silence_is_an_unknown_outcome(sink):
    sink.script = iter([Answer(hang=1.0)])
    outcome = delivery(timeout=0.2).put([b"1"])
    assert isinstance(outcome, Unanswered)
    assert outcome.unsure


def test_an_endpoint_that_nobody_serves_has_written_nothing(monkeypatch):
    with Sink() as gone:
        monkeypatch.setenv("AWS_ENDPOINT_URL", gone.endpoint)
    outcome = delivery().put([b"1"])
    assert isinstance(outcome, Unanswered)
    assert not outcome.unsure


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("ResourceNotFoundException", "Firehose signups under account 1 not found.", "deploy the template"),
        ("ResourceNotFoundException", "Firehose signups is not active in 1 account.", "deploy the template"),
        ("AccessDeniedException", "User: u is not authorized", "firehose:PutRecordBatch"),
        ("UnrecognizedClientException", "The security token is invalid.", "AWS_ACCESS_KEY_ID"),
        ("InvalidSignatureException", "The signature does not match.", "clock"),
        ("ExpiredTokenException", "The token has expired", "sign in again"),
        ("InvalidKMSResourceException", "The key is disabled", "key"),
        ("ValidationException", "1 validation error detected", "--delivery-stream"),
        ("InvalidArgumentException", "not permitted on KinesisStreamAsSource", "Direct PUT"),
        ("SomethingNobodyKnows", "no", "SomethingNobodyKnows"),
    ],
)
def test_what_no_retry_cures_is_refused_in_one_sentence_with_advice(sink, code, message, advice):
    sink.script = iter([Answer(status=400, code=code, message=message, writes=False)])
    with pytest.raises(Refused, match=advice) as caught:
        delivery().put([b"1"])
    assert "us-east-1/signups" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=400, code="InvalidArgumentException", message="Records size exceeds 4 MB limit", writes=False),
        Answer(status=413, code="", writes=False),
    ],
)
def test_a_request_refused_for_its_size_is_to_be_cut(sink, answer):
    sink.script = iter([answer])
    assert isinstance(delivery().put([b"1", b"2"]), TooLarge)


def test_without_credentials_it_says_so(sink, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Refused, match="no credentials"):
        delivery().put([b"1"])
    assert sink.accepted == []


def test_without_a_region_it_says_so(monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(Refused, match="no region"):
        Delivery("signups", None, connections=1, timeout=1)


def test_a_region_without_firehose_is_refused_before_anything_is_sent():
    with pytest.raises(UsageError, match=r"did you mean .*us-east-1"):
        Delivery("signups", "us-esat-1", connections=1, timeout=1)


def test_an_unknown_profile_is_one_sentence(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(Refused, match="nobody"):
        delivery()


def test_streams_of_the_same_name_elsewhere_are_other_targets(monkeypatch):
    assert delivery().target == "us-east-1/signups"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert delivery().target == "us-east-1/signups@http://127.0.0.1:4566"


@mock_aws
def test_another_implementation_of_firehose_understands_the_requests():
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="lake")
    firehose = boto3.client("firehose", region_name="us-east-1")
    firehose.create_delivery_stream(
        DeliveryStreamName="signups",
        S3DestinationConfiguration={"RoleARN": "arn:aws:iam::123456789012:role/any", "BucketARN": "arn:aws:s3:::lake"},
    )
    assert delivery().put([b"one\n", b"two\n"]) == Answered()
    key = s3.list_objects_v2(Bucket="lake")["Contents"][0]["Key"]
    assert s3.get_object(Bucket="lake", Key=key)["Body"].read() == b"one\ntwo\n"
    with pytest.raises(Refused, match="ResourceNotFoundException"):
        delivery("sign-ups").put([b"one\n"])
