"""generated = delivered + dead-lettered + journaled, whatever goes wrong."""

import json
import stat
import tempfile
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producer.errors import Refused
from producer.outcomes import Answered
from producer.report import balanced
from schemas import Signup
from tests.producer.runs import (
    Destination,
    RealClock,
    Step,
    assembled,
    fine,
    partial,
    refused_for_now,
    run,
    sequences,
    too_large,
    unknown,
)

positions = st.lists(st.integers(0, 499), min_size=1, max_size=40)
steps = st.one_of(
    st.builds(fine),
    st.builds(partial, positions),
    st.builds(partial, positions, st.sampled_from(["InternalFailure", "SomethingNew"])),
    st.builds(partial, positions, st.just("ValidationException")),
    st.builds(refused_for_now, throttled=st.booleans()),
    st.builds(unknown, written=st.booleans()),
    st.builds(too_large, st.integers(1, 400)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(steps, max_size=12), total=st.integers(1, 2500), pack=st.booleans())
def test_every_signup_is_delivered_or_dead_lettered_whatever_the_answers(script, total, pack):
    with tempfile.TemporaryDirectory() as directory:
        destination = Destination(list(script))
        done = run(Path(directory), destination, total=total, pack=pack)
        tally = done.tally
        assert balanced(tally)
        assert (tally.generated, tally.owed) == (total, 0)
        dead = dead_letters(Path(directory))
        landed = destination.sequences()
        own = {(done.place.producer_id, sequence) for sequence in range(1, total + 1)}
        assert set(landed) | set(dead) == own
        assert sum(dead.values()) == tally.dead
        assert len(set(landed) - set(dead)) == tally.delivered
        assert sum(count > 1 or key in dead for key, count in landed.items()) <= tally.duplicated


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(st.one_of(st.builds(fine), st.builds(partial, positions)), max_size=12))
def test_a_position_that_was_accepted_is_never_sent_again(script):
    with tempfile.TemporaryDirectory() as directory:
        destination = Destination(list(script))
        done = run(Path(directory), destination, total=2000)
        assert set(destination.sure.values()) == {1}
        assert done.tally.duplicated == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.lists(steps, max_size=6),
    written=st.booleans(),
    sure=st.booleans(),
    total=st.integers(1, 1500),
    pack=st.booleans(),
)
def test_what_one_run_leaves_the_next_one_sends_first_and_to_the_byte(first, written, sure, total, pack):
    dead_end = unknown(written=written) if sure else refused_for_now()
    with tempfile.TemporaryDirectory() as directory:
        away = Destination(list(first), always=dead_end)
        left = run(Path(directory), away, total=total, pack=pack, give_up_after=0.01)
        assert balanced(left.tally)
        back = Destination()
        resumed = run(Path(directory), back, resume_only=True, pack=pack)
        assert balanced(resumed.tally)
        assert resumed.tally.resumed == left.tally.owed == resumed.tally.delivered
        everything = sequences(away.written) + sequences(back.written) + dead_letters(Path(directory))
        assert {sequence for _, sequence in everything} == set(range(1, total + 1))
        assert same_bytes_for_same_sequence(away.written + back.written)
        assert not list(Path(directory).glob("*.journal"))


def test_the_documents_are_what_the_contract_says(tmp_path):
    destination = Destination()
    run(tmp_path, destination, total=50)
    signups = [Signup.model_validate_json(record) for record in destination.written]
    assert sorted(signup.sequence for signup in signups) == list(range(1, 51))
    in_order = sorted(signups, key=lambda signup: signup.sequence)
    assert [each.signup_id for each in in_order] == sorted(each.signup_id for each in signups)
    assert all(record.endswith(b"}\n") for record in destination.written)


def test_packed_records_stay_below_one_billing_unit_and_nearly_fill_it(tmp_path):
    destination = Destination()
    done = run(tmp_path, destination, total=3000, pack=True)
    sizes = [len(record) for record in destination.written]
    assert max(sizes) <= 5120
    assert sum(sizes) / len(sizes) > 4400
    assert done.tally.units == done.tally.records == len(sizes)


def test_an_endpoint_that_is_away_for_long_fills_the_journal_and_not_the_memory(tmp_path):
    away = Destination(always=refused_for_now())
    done = run(tmp_path, away, total=20_000, give_up_after=0.0)
    assert done.tally.owed == 20_000
    assert (tmp_path / f"{done.place.producer_id}.journal").stat().st_size < 10_000


def test_what_was_given_up_is_sent_by_the_same_run_when_the_stream_answers_again(tmp_path):
    destination = Destination([unknown(written=False) for _ in range(3)])
    done = run(tmp_path, destination, total=4000, give_up_after=0, in_flight=1)
    assert done.tally.delivered == 4000
    assert done.tally.owed == 0
    assert set(destination.sequences().values()) == {1}


def test_a_stream_that_vanishes_ends_the_run_and_keeps_what_was_not_sent(tmp_path):
    def gone(_: int) -> Answered:
        raise Refused("ResourceNotFoundException: deploy the template first")

    destination = Destination([fine(), fine()], always=Step(gone))
    done = run(tmp_path, destination, total=50_000)
    assert isinstance(done.run.error, Refused)
    assert balanced(done.tally)
    assert done.tally.owed > 0
    later = Destination()
    run(tmp_path, later, resume_only=True)
    assert {n for _, n in destination.sequences() + later.sequences()} == set(range(1, done.tally.generated + 1))


def test_sigterm_drains_and_a_second_one_leaves_the_rest_to_the_journal(tmp_path):
    slow = Destination(always=refused_for_now())
    assembly = assembled(tmp_path, slow, rate=2000, give_up_after=60, drain_timeout=0.2)
    began = time.monotonic()

    def stop_soon() -> None:
        if time.monotonic() - began > 0.3:
            assembly.stop.ask()

    assembly(stop_soon)
    assert time.monotonic() - began < 3
    assert balanced(assembly.tally)
    assert assembly.tally.owed == assembly.tally.generated > 0


def test_a_clock_that_jumps_back_leaves_identifiers_in_order_and_unique(tmp_path):
    class Jumping(RealClock):
        moments = iter([1_795_000_000_000 - 977 * (step % 7) for step in range(10_000)])

        def epoch_ms(self) -> int:
            return next(self.moments)

    destination = Destination()
    run(tmp_path, destination, total=9000, clock=Jumping())
    signups = sorted((orjson.loads(each) for each in destination.written), key=lambda each: each["sequence"])
    identifiers = [each["signup_id"] for each in signups]
    assert identifiers == sorted(set(identifiers))
    assert [each["created_at"] for each in signups] == sorted(each["created_at"] for each in signups)


def test_a_named_producer_goes_on_where_it_stopped(tmp_path):
    destination = Destination()
    first = run(tmp_path, destination, total=100, producer_id="shop-1")
    second = run(tmp_path, destination, total=100, producer_id="shop-1")
    assert destination.sequences() == Counter({("shop-1", sequence): 1 for sequence in range(1, 201)})
    cpfs = [orjson.loads(record)["cpf"] for record in destination.written]
    assert len(set(cpfs)) == 200, "the second run goes on with the accounts, too"
    assert first.place.producer_id == second.place.producer_id == "shop-1"


def test_without_a_journal_what_cannot_be_delivered_is_called_undelivered(tmp_path):
    done = run(tmp_path / "nowhere", Destination(always=refused_for_now()), total=10, journal=False, give_up_after=0)
    assert (done.tally.owed, done.place.durable) == (10, False)
    assert not (tmp_path / "nowhere").exists()


def test_a_dead_letter_is_for_its_owner_alone(tmp_path):
    run(tmp_path, Destination([partial([3], "ValidationException")]), total=10)
    path = tmp_path / "dead-letters.ndjson"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sum(dead_letters(tmp_path).values()) == 1


def test_a_record_that_alone_is_too_large_is_dead_lettered_and_the_others_pass(tmp_path):
    done = run(tmp_path, Destination(always=too_large(0)), total=4)
    assert (done.tally.dead, done.tally.delivered) == (4, 0)


@pytest.mark.parametrize("pack", [False, True])
def test_the_journal_holds_no_personal_data(tmp_path, pack):
    away = Destination(always=unknown(written=True))
    done = run(tmp_path, away, total=300, give_up_after=0, pack=pack)
    text = (tmp_path / f"{done.place.producer_id}.journal").read_text()
    for record in away.written:
        for line in record.splitlines():
            person = json.loads(line)
            assert not any(person[name] in text for name in ("cpf", "name", "email", "phone"))


def dead_letters(directory: Path) -> Counter[tuple[str, int]]:
    path = directory / "dead-letters.ndjson"
    if not path.exists():
        return Counter()
    return sequences(json.loads(line)["record"].encode() for line in path.read_text().splitlines())


def same_bytes_for_same_sequence(records: list[bytes]) -> bool:
    known: dict[tuple[str, int], bytes] = {}
    for line in (line for record in records for line in record.splitlines()):
        document = orjson.loads(line)
        key = document["producer_id"], document["sequence"]
        if known.setdefault(key, line) != line:
            return False
    return True
