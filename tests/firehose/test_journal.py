"""The journal: what is in it survives, what was delivered does not come back, and nobody else reads it."""

import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.firehose.journal import Journal
from local.firehose.segment import JournalError, Put

puts = st.lists(
    st.builds(Put, st.integers(0, 2**50), st.lists(st.binary(max_size=60), min_size=1, max_size=8)), max_size=8
)


def everything(journal: Journal) -> list[tuple[int, bytes]]:
    return [(record.arrival, record.data) for record in journal.read(journal.open())]


def flat(accepted: list[Put]) -> list[tuple[int, bytes]]:
    return [(put.arrival, data) for put in accepted for data in put.data]


@given(st.lists(puts, max_size=4), st.integers(40, 400))
def test_what_was_appended_is_there_after_a_crash_in_order(writes, segment_bytes):
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "j", start_at=7, segment_bytes=segment_bytes)
        journal.open()
        for write in filter(None, writes):
            journal.append(write)
        again = Journal(Path(folder) / "j", start_at=7, segment_bytes=segment_bytes)
        assert everything(again) == [each for write in writes for each in flat(write)]


@given(puts.filter(bool), st.data())
def test_what_was_settled_does_not_come_back(accepted, data):
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "j", start_at=0, segment_bytes=100)
        journal.open()
        records = journal.read(journal.append(accepted))
        settled = data.draw(st.sets(st.sampled_from(records)))
        journal.settle(record.sequence for record in settled)
        left = [(each.arrival, each.data) for each in records if each not in settled]
        again = Journal(Path(folder) / "j", start_at=0)
        assert everything(again) == left
        assert bool(left) == bool(list(Path(folder).rglob("*.wal")))


@given(puts.filter(bool), st.data())
def test_a_torn_tail_is_cut_off_and_the_rest_is_kept(accepted, data):
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "j", start_at=0)
        journal.open()
        for put in accepted:
            journal.append([put])
        [path] = (Path(folder) / "j").glob("*.wal")
        whole = path.read_bytes()
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
        again = Journal(Path(folder) / "j", start_at=0)
        kept = everything(again)
        assert kept == flat(accepted)[: len(kept)]
        again.append([Put(1, [b"after"])])
        assert everything(Journal(Path(folder) / "j", start_at=0)) == [*kept, (1, b"after")]


def test_a_damaged_frame_ends_what_is_trusted(tmp_path):
    journal = Journal(tmp_path, start_at=0)
    journal.open()
    journal.append([Put(1, [b"first"])])
    journal.append([Put(2, [b"second"])])
    [path] = tmp_path.glob("*.wal")
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    assert everything(Journal(tmp_path, start_at=0)) == [(1, b"first")]


def test_a_journal_of_another_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "00000000000000000000.wal"
    path.write_bytes(b"HFJ\x63" + bytes(40))
    with pytest.raises(JournalError, match="version 1"):
        Journal(tmp_path, start_at=0).open()
    assert path.read_bytes() == b"HFJ\x63" + bytes(40)


def test_sequences_never_repeat_while_anything_is_left(tmp_path):
    journal = Journal(tmp_path, start_at=100)
    journal.open()
    [frame] = journal.append([Put(1, [b"a", b"b"])])
    again = Journal(tmp_path, start_at=50)
    again.open()
    [later] = again.append([Put(2, [b"c"])])
    assert later.first == frame.first + 2


def test_its_files_are_for_the_owner_only(tmp_path):
    journal = Journal(tmp_path / "j", start_at=0)
    journal.open()
    [frame] = journal.append([Put(1, [b"a", b"b"])])
    journal.settle([frame.first])
    modes = {path.name[-5:]: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "j").iterdir()}
    assert modes == {"0.wal": 0o600, ".done": 0o600}
    assert stat.S_IMODE((tmp_path / "j").stat().st_mode) == 0o700


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path, monkeypatch):
    journal = Journal(tmp_path, start_at=0)
    journal.open()
    journal.append([Put(1, [b"kept"])])

    def no_space(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", no_space)
        with pytest.raises(OSError, match="No space"):
            journal.append([Put(2, [b"refused"])])
    journal.append([Put(3, [b"later"])])
    assert everything(Journal(tmp_path, start_at=0)) == [(1, b"kept"), (3, b"later")]
