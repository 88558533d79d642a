"""The write-ahead journal: what a dead process leaves, and what the next one makes of it."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import Busy, StorageError
from producer.journal import Journal, State, load, open_journal
from producer.ledger import Ledger
from producer.log import Log
from producer.signups import Block, Source

SOURCE = Source(1, 7, 0, 0, 1)


def state(producer_id: str = "p", *, named: bool = False, target: str = "us-east-1/signups") -> State:
    return State(producer_id, target, "2.0.0", named)


def begun(directory: Path, **options) -> Journal:
    journal = open_journal(directory, state(**options))
    journal.follow(SOURCE)
    return journal


spans = st.tuples(st.integers(1, 300), st.integers(1, 40)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.lists(spans, max_size=30))
def test_a_ledger_owes_exactly_what_was_given_out_and_not_settled(lengths, settled):
    ledger = Ledger()
    for at, length in enumerate(lengths):
        ledger.reserve(length, at)
    owed = set(range(1, ledger.next))
    for first, end in settled:
        assert ledger.settle(first, end) == len(owed & set(range(first, end)))
        owed -= set(range(first, end))
    pieces = [sequence for _, parts in ledger.owed() for a, b in parts for sequence in range(a, b)]
    assert pieces == sorted(owed)
    assert ledger.outstanding == len(owed)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.lists(spans, max_size=12), st.data())
def test_a_journal_cut_anywhere_owes_all_that_may_not_have_been_settled(tmp_path_factory, lengths, settled, data):
    directory = tmp_path_factory.mktemp("journal")
    journal = begun(directory)
    events = [*((length,) for length in lengths), *settled]
    marks = []
    for event in data.draw(st.permutations(events)):
        if len(event) == 1:
            journal.reserve(event[0], 1)
        else:
            journal.settle([event], "delivered")
        marks.append((journal.ledger.next, journal.ledger.outstanding))
    path = directory / "p.journal"
    whole = path.read_bytes()
    cut = data.draw(st.integers(len(whole) - len(whole.splitlines()[-1]), len(whole)))
    path.write_bytes(whole[:cut])
    found = load(path).ledger
    earlier = marks[-2] if len(marks) > 1 else (1, 0)
    assert (found.next, found.outstanding) in (marks[-1], earlier)


def test_what_is_written_again_says_the_same(tmp_path):
    journal = begun(tmp_path)
    for at in range(20):
        journal.reserve(100, at)
    journal.settle([(1, 901), (950, 960), (1500, 1501)], "delivered")
    before = list(journal.ledger.owed())
    assert journal._log
    journal._log.replace(journal.state.lines())
    after = load(tmp_path / "p.journal")
    assert list(after.ledger.owed()) == before
    assert (after.ledger.next, after.sources) == (2001, [SOURCE])


def test_a_long_run_keeps_a_short_journal(tmp_path):
    journal = begun(tmp_path)
    for at in range(40_000):
        block = journal.reserve(500, at)
        journal.settle([(block.first, block.end)], "delivered")
    assert (tmp_path / "p.journal").stat().st_size < 1_100_000
    assert load(tmp_path / "p.journal").ledger.next == 40_000 * 500 + 1


def test_a_finished_journal_goes_away_and_a_named_one_stays(tmp_path):
    for name, named in (("a", False), ("b", True)):
        journal = begun(tmp_path, producer_id=name, named=named)
        block = journal.reserve(3, 1)
        journal.settle([(block.first, block.end)], "delivered")
        journal.close(unsure=0)
    assert [path.name for path in sorted(tmp_path.glob("*.journal"))] == ["b.journal"]
    assert open_journal(tmp_path, state("b", named=True)).ledger.next == 4


def test_after_a_crash_everything_owed_may_have_been_delivered_and_after_an_end_in_order_it_is_known(tmp_path):
    journal = begun(tmp_path)
    journal.reserve(10, 1)
    assert load(tmp_path / "p.journal").unsure == 10
    journal.close(unsure=4)
    assert load(tmp_path / "p.journal").unsure == 4


def test_only_its_owner_can_read_a_journal(tmp_path):
    begun(tmp_path / "journals")
    assert stat.S_IMODE((tmp_path / "journals" / "p.journal").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "journals").stat().st_mode) == 0o700


def test_two_processes_cannot_write_one_journal(tmp_path):
    held = begun(tmp_path)
    with pytest.raises(Busy, match="another producer is running"):
        open_journal(tmp_path, state())
    held.close(unsure=0)


def test_a_journal_for_one_stream_is_not_sent_to_another(tmp_path):
    begun(tmp_path).close(unsure=0)
    journal = begun(tmp_path, named=True)
    journal.close(unsure=0)
    with pytest.raises(StorageError, match="belongs to us-east-1/signups"):
        open_journal(tmp_path, state(target="sa-east-1/signups"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a journal"),
        (b"hello\n", "not a journal"),
        (b"\xff\xfe\x00\n", "not a journal"),
        (b'{"format":"something else"}\n', "not a journal"),
        (b'{"format":"how-fake-accounts/producer-journal","version":0}\n', "in format 0, and this release reads 1"),
        (b'{"format":"how-fake-accounts/producer-journal","version":2}\n', "in format 2, and this release reads 1"),
    ],
)
def test_a_file_that_is_no_journal_of_this_release_is_named_and_left_as_it_is(tmp_path, content, sentence):
    path = tmp_path / "p.journal"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=sentence):
        open_journal(tmp_path, state())
    assert path.read_bytes() == content


@pytest.mark.parametrize("line", ["[", '["made", 1]', '["made", "x", 1, 1]', '["unknown", 1]', "{}", "7", "\0\0"])
def test_a_line_damaged_in_the_middle_is_named_and_nothing_is_guessed(tmp_path, line):
    journal = begun(tmp_path)
    journal.reserve(10, 1)
    journal.close(unsure=0)
    path = tmp_path / "p.journal"
    lines = path.read_text().splitlines()
    content = "\n".join([lines[0], line, *lines[1:]]) + "\n"
    path.write_text(content)
    with pytest.raises(StorageError, match=r"line 2 of .* is damaged"):
        open_journal(tmp_path, state())
    assert path.read_text() == content


def test_a_write_that_fails_leaves_no_half_line_and_gives_out_nothing(tmp_path, monkeypatch):
    journal = begun(tmp_path)
    journal.reserve(5, 1)
    before = (tmp_path / "p.journal").read_bytes()
    real = os.write

    def full(file: int, data: memoryview) -> int:
        if len(data) > 7:
            return real(file, data[:7])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError, match="No space left on device"):
        journal.reserve(5, 2)
    monkeypatch.undo()
    assert (tmp_path / "p.journal").read_bytes() == before
    assert journal.ledger.next == 6
    journal.settle([(1, 6)], "delivered")
    assert load(tmp_path / "p.journal").ledger.outstanding == 0


def test_one_sync_serves_all_that_wait_for_it(tmp_path, monkeypatch):
    log = Log(tmp_path / "x.journal", [])
    syncs = []
    gate = threading.Event()
    real = os.fdatasync

    def slow(file: int) -> None:
        gate.wait(5)
        syncs.append(file)
        real(file)

    monkeypatch.setattr(os, "fdatasync", slow)
    log.append("first")
    threads = [threading.Thread(target=log.commit) for _ in range(8)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert len(syncs) == 1


def test_the_format_is_what_it_was(tmp_path):
    journal = begun(tmp_path)
    journal.reserve(5, 1_790_000_000_000)
    journal.settle([(1, 3)], "delivered")
    lines = [json.loads(line) for line in (tmp_path / "p.journal").read_text().splitlines()]
    assert lines == [
        {
            "format": "how-fake-accounts/producer-journal", "version": 1, "producer_id": "p",
            "target": "us-east-1/signups", "generator": "2.0.0", "named": False,
        },
        ["next", 1],
        ["source", 1, 7, 0, 0, 1],
        ["made", 1, 5, 1_790_000_000_000],
        ["delivered", 1, 3],
    ]  # fmt: skip
    assert next(load(tmp_path / "p.journal").ledger.owed())[0] == Block(1, 5, 1_790_000_000_000)
