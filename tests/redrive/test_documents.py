"""Error documents are read by name, whatever their age, and every one has its place."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.redrive import documents


def document(raw=b'{"a": 1}', **members):
    return json.dumps({"rawData": base64.b64encode(raw).decode(), "attemptsMade": 4, **members})


def test_a_transforms_failure_is_read_whole():
    body = document(
        errorCode="Lambda.FunctionError", errorMessage="it returned an error result.", arrivalTimestamp=1789014240448,
        lambdaARN="arn:aws:lambda:us-east-1:000000000000:function:f",
    )  # fmt: skip

    (found,) = documents.read("s3://lake/errors/x", body.encode()).documents

    assert found == documents.Document(
        object="s3://lake/errors/x", place=0, of=1, code="Lambda.FunctionError",
        message="it returned an error result.", attempts=4, arrived=1789014240448, data=b'{"a": 1}',
    )  # fmt: skip


@pytest.mark.parametrize("prefix", ["error", "lastError", "Error"])
def test_a_failure_is_read_in_every_spelling(prefix):
    body = document(**{f"{prefix}Code": "DataFormatConversion.ParseError", f"{prefix}Message": "malformed"})

    (found,) = documents.read("s3://lake/errors/x", body.encode()).documents

    assert (found.code, found.message) == ("DataFormatConversion.ParseError", "malformed")


@given(st.lists(st.binary(max_size=40), max_size=9), st.sampled_from(["\n", "", "\r\n\r\n", " "]))
def test_documents_are_parted_with_and_without_a_newline(records, between):
    found = documents.read("k", between.join(map(document, records)).encode())

    assert [(each.place, each.of, each.data) for each in found.documents] == [
        (place, len(records), data) for place, data in enumerate(records)
    ]
    assert found.unreadable == []


@pytest.mark.parametrize("body", [b"PAR1...", b"\xff\xfe", b"[" * 100_000, b"3", b'{"rawData": null}'])
def test_what_is_no_error_document_is_said_to_be_none(body):
    found = documents.read("s3://lake/errors/x", body)

    assert found.documents == []
    assert found.unreadable[0].startswith("s3://lake/errors/x, document 1: ")


@given(st.binary(max_size=200))
def test_nothing_in_an_object_is_passed_over_in_silence(body):
    found = documents.read("k", body)

    assert bool(body.decode("utf-8", "replace").strip()) == bool(found.documents or found.unreadable)
