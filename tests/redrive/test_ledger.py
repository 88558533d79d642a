"""The ledger: what was sent is remembered through restarts, by one writer at a time."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.errors import UsageError
from local.redrive.documents import Document
from local.redrive.ledger import Ledger


def failed(place, of=10, name="s3://lake/errors/a"):
    return Document(name, place, of, "code", "", 1, 0, b"")


@given(rounds=st.lists(st.sets(st.integers(0, 9))))
def test_what_was_noted_in_any_order_is_held_and_nothing_else(tmp_path_factory, rounds):
    path = tmp_path_factory.mktemp("ledger") / "ledger"
    for places in rounds:
        with Ledger(path, read_only=False) as ledger:
            ledger.note(failed(place) for place in places)
    sent = set().union(*rounds)
    with Ledger(path, read_only=True) as ledger:
        assert {place for place in range(10) if ledger.holds("s3://lake/errors/a", place)} == sent
        assert ledger.holds_all("s3://lake/errors/a") == (len(sent) == 10)


def test_while_one_redrive_writes_another_is_refused_and_a_reader_is_not(tmp_path):
    path = tmp_path / "ledger"
    with Ledger(path, read_only=False) as first:
        with pytest.raises(UsageError, match="another redrive is using the ledger"), Ledger(path, read_only=False):
            pass
        first.note([failed(0)])
        with Ledger(path, read_only=True) as reader:
            assert reader.holds("s3://lake/errors/a", 0)


def test_lines_that_do_not_say_how_many_there_are_hold_what_they_say(tmp_path):
    (tmp_path / "ledger").write_text(json.dumps({"object": "s3://lake/a", "first": 0, "count": 2}) + "\n")
    with Ledger(tmp_path / "ledger", read_only=True) as ledger:
        assert ledger.holds("s3://lake/a", 1)
        assert not ledger.holds_all("s3://lake/a")
