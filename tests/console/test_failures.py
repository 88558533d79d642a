"""A failed record on the screen: why, in words, and masked."""

from datetime import UTC, datetime

import pytest

from local.console.failures import failure
from local.redrive.documents import Document

RAW = b'{"cpf": "123.456.789-09"}'


def failed(code="Lambda.FunctionError", message="", arrived=0, data=RAW):
    return failure(Document("s3://lake/errors/x", 0, 1, code, message, 4, arrived, data), sent=False)


def test_a_transforms_failure_is_explained_in_words():
    found = failed(arrived=1789014240448)

    assert "every retry" in found.words
    assert found.arrived == datetime(2026, 9, 10, 4, 24, 0, 448_000, tzinfo=UTC)


def test_a_code_nobody_knows_still_has_words():
    assert failed("Brand.New").words == "Firehose could not deliver this record."


@pytest.mark.parametrize("arrived", [0, 10**30])
def test_a_moment_that_is_none_is_shown_as_none(arrived):
    assert failed(arrived=arrived).arrived is None


def test_what_is_shown_of_a_record_is_masked_and_what_is_sent_again_is_not():
    found = failed(message="could not take 12345678909")

    assert found.shown == ['{"cpf": "***.456.789-**"}']
    assert "12345678909" not in found.message
    assert found.document.data == RAW
