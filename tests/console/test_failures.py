"""Error documents are read by name, whatever their age, and sent again exactly once."""

import base64
import json
from datetime import UTC, datetime

import pytest

from local.console import failures


def document(raw=b'{"a": 1}', **members):
    return json.dumps({"rawData": base64.b64encode(raw).decode(), "attemptsMade": 4, **members})


def test_a_transforms_failure_is_explained_in_words():
    body = document(
        errorCode="Lambda.FunctionError", errorMessage="it returned an error result.", arrivalTimestamp=1789014240448,
        lambdaARN="arn:aws:lambda:us-east-1:000000000000:function:f",
    )  # fmt: skip

    (failure,) = failures.decode("errors/x", body.encode())

    assert failure.code == "Lambda.FunctionError"
    assert "every retry" in failure.words
    assert failure.attempts == 4
    assert failure.arrived == datetime(2026, 9, 10, 4, 24, 0, 448_000, tzinfo=UTC)
    assert failure.raw == b'{"a": 1}'


@pytest.mark.parametrize("prefix", ["lastError", "Error"])
def test_a_conversions_failure_is_read_in_either_spelling(prefix):
    body = document(**{f"{prefix}Code": "DataFormatConversion.ParseError", f"{prefix}Message": "malformed"})

    (failure,) = failures.decode("errors/x", body.encode())

    assert (failure.code, failure.message) == ("DataFormatConversion.ParseError", "malformed")


@pytest.mark.parametrize("between", ["\n", "", "\r\n\r\n"])
def test_documents_are_parted_with_and_without_a_newline(between):
    body = between.join([document(b"1"), document(b"2"), document(b"3")]).encode()

    assert [each.raw for each in failures.decode("k", body)] == [b"1", b"2", b"3"]
    assert [each.line for each in failures.decode("k", body)] == [0, 1, 2]


def test_an_object_that_is_no_error_document_is_said_to_be_none():
    (failure,) = failures.decode("k", b"PAR1...")

    assert failure.message == "this part of the object is no error document"


def test_a_code_nobody_knows_still_has_words():
    (failure,) = failures.decode("k", document(errorCode="Brand.New").encode())

    assert failure.words == "Firehose could not deliver this record."


def test_what_is_shown_of_a_record_is_masked_and_what_is_sent_again_is_not():
    raw = b'{"cpf": "123.456.789-09"}'
    (failure,) = failures.decode("k", document(raw).encode())

    assert failure.shown == ['{"cpf": "***.456.789-**"}']
    assert failure.raw == raw


class Firehose:
    """Takes batches as the service does, and refuses records that say so."""

    def __init__(self):
        self.batches = []

    def put_record_batch(self, DeliveryStreamName, Records):  # noqa: N803 - AWS's spelling
        assert DeliveryStreamName == "s"
        assert len(Records) <= 500
        assert sum(len(each["Data"]) for each in Records) <= 4 * 2**20
        self.batches.append([each["Data"] for each in Records])
        responses = [
            {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."} if each["Data"] == b"refuse me"
            else {"RecordId": "x"} for each in Records
        ]  # fmt: skip
        return {"FailedPutCount": 0, "RequestResponses": responses}


def failed(raw, line=0):
    return failures.Failure("k", line, "", "", 1, None, raw, [])


def test_records_are_sent_again_in_batches_that_firehose_takes():
    firehose = Firehose()
    big = [failed(b"x" * 1_000_000, line) for line in range(9)]
    many = [failed(b"y", line) for line in range(1_001)]

    assert failures.send_again(firehose, "s", big + many) == []
    assert sum(len(batch) for batch in firehose.batches) == 1_010


def test_what_was_refused_is_named():
    refused = failures.send_again(Firehose(), "s", [failed(b"a", 0), failed(b"refuse me", 1), failed(b"b", 2)])

    assert [each.line for each in refused] == [1]
