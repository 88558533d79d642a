"""Killed at any moment, cut off, out of disk: the next run owes nothing."""

import random
import re
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.producer.processes import finish, sending, start
from tests.producer.sink import (
    CUT_AFTER,
    CUT_BEFORE,
    INTERNAL,
    INTERNAL_WRITTEN,
    OK,
    SLOW_DOWN,
    Answer,
    Sink,
    throttling,
)

KILLS = 12


def trouble(seed: int) -> Iterator[Answer]:
    """Answer every other request badly, for ever."""
    chance = random.Random(seed)
    kinds = [SLOW_DOWN, INTERNAL, INTERNAL_WRITTEN, CUT_BEFORE, CUT_AFTER, throttling(2), throttling(7, 3)]
    while True:
        yield chance.choice([OK, chance.choice(kinds)])


def wait_until(happened, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert happened()


def sent(sink: Sink) -> Counter[tuple[str, int]]:
    return Counter((signup["producer_id"], signup["sequence"]) for signup in sink.signups())


@pytest.mark.parametrize("pack", [(), ("--pack",)])
def test_killed_again_and_again_it_loses_no_sequence(tmp_path, pack):
    chance = random.Random(3)
    with Sink(trouble(5)) as sink:
        for _ in range(KILLS // 2):
            before = len(sink.requests)
            process = start(
                sink.endpoint, tmp_path, "--delivery-stream", "signups", "--rate", "4000", "--linger", "20ms",
                "--producer-id", "shop-1", "--seed", "7", *pack,
            )  # fmt: skip
            wait_until(lambda seen=before: len(sink.requests) > seen)
            time.sleep(chance.uniform(0.0, 0.3))
            process.kill()
            finish(process)
        sink.script = iter(())
        code, out, err = finish(start(sink.endpoint, tmp_path, "resume", "--delivery-stream", "signups"))
        assert (code, err) == (0, "")
        generated = sent(sink)
        highest = max(sequence for _, sequence in generated)
        assert set(generated) == {("shop-1", sequence) for sequence in range(1, highest + 1)}
        assert "+ journaled 0" in out
        # What a sequence carries is the same, however often it was sent: the view may keep any of them.
        assert len(set(map(repr, sink.signups()))) == len(generated)


def test_unnamed_producers_that_were_killed_are_finished_by_the_next_run(tmp_path):
    with Sink() as sink:
        for _ in range(3):
            sink.script = iter([OK, Answer(hang=1.0)])  # killed before it hears what became of the second request
            before = len(sink.requests)
            process = start(sink.endpoint, tmp_path, "--delivery-stream", "signups", "--rate", "3000")
            wait_until(lambda seen=before: len(sink.requests) > seen + 1)
            process.kill()
            finish(process)
        code, out, _ = sending(sink, tmp_path, "--total", "10")
        assert code == 0
        assert re.search(r"generated [\d,]+ \([\d,]+ of them by earlier runs\) = ", out)
        by_producer: dict[str, set[int]] = {}
        for producer_id, sequence in sent(sink):
            by_producer.setdefault(producer_id, set()).add(sequence)
        assert len(by_producer) > 1
        assert all(sequences == set(range(1, max(sequences) + 1)) for sequences in by_producer.values())
        assert not list((tmp_path / ".state/producer").glob("*.journal"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_delivers_what_it_has_made(tmp_path, number):
    with Sink() as sink:
        process = start(sink.endpoint, tmp_path, "--delivery-stream", "signups", "--rate", "500", "--linger", "5s")
        wait_until(lambda: list((tmp_path / ".state/producer").glob("*.journal")))
        time.sleep(0.4)
        process.send_signal(number)
        code, out, err = finish(process)
        assert (code, err) == (0, "")
        delivered = int(re.search(r"delivered ([\d,]+) ", out)[1].replace(",", ""))  # type: ignore[index]
        assert delivered == len(sink.accepted) > 0
        assert f"generated {delivered:,} = delivered {delivered:,} + dead-lettered 0 + journaled 0" in out


def test_an_endpoint_that_comes_back_gets_everything(tmp_path):
    with Sink() as first:
        process = start(
            first.endpoint, tmp_path, "--delivery-stream", "signups", "--rate", "300", "--for", "3s",
            "--give-up-after", "300ms", "--linger", "50ms", "--request-timeout", "1s",
        )  # fmt: skip
        wait_until(lambda: len(first.accepted) > 50)
        port = first.port
    time.sleep(1.0)
    with Sink(port=port) as second:
        code, out, _ = finish(process)
        assert code == 0, out
        landed = sent(first) + sent(second)
        assert {sequence for _, sequence in landed} == set(range(1, 901))
        assert "generated 900 = delivered 900 + dead-lettered 0 + journaled 0" in out


def test_an_endpoint_that_stays_away_is_said_and_kept(tmp_path):
    with Sink() as gone:
        endpoint = gone.endpoint
    code, out, err = finish(
        start(endpoint, tmp_path, "--delivery-stream", "signups", "--total", "100", "--give-up-after", "200ms")
    )
    assert code == 4
    assert "generated 100 = delivered 0 + dead-lettered 0 + journaled 100" in out
    assert "python -m producer resume --delivery-stream signups" in err


def test_a_full_disk_stops_it_with_a_sentence_and_everything_given_out_arrives(tmp_path):
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    with Sink() as sink:
        code, out, err = sending(sink, tmp_path, "--rate", "2000", "--linger", "10ms", preexec_fn=small_disk)
        assert code == 5
        assert re.fullmatch(r"producer: cannot write to .*\.journal: File too large\n", err)
        delivered = int(re.search(r"delivered ([\d,]+) ", out)[1].replace(",", ""))  # type: ignore[index]
        assert f"generated {delivered:,} = delivered {delivered:,} + dead-lettered 0 + journaled 0" in out
        assert {sequence for _, sequence in sent(sink)} == set(range(1, delivered + 1))


def test_the_dead_letter_file_on_a_full_disk_keeps_the_record_owed(tmp_path):
    refusing = Answer(fail=lambda at: at == 0, entry={"ErrorCode": "ValidationException", "ErrorMessage": "no"})
    with Sink(iter([refusing] * 2)) as sink:
        code, out, err = sending(sink, tmp_path, "--total", "10", "--dead-letter-file", "/dev/full")
        assert code == 5
        assert "cannot write to /dev/full" in err
        assert "+ journaled 1\n" in out
        code, out, _ = sending(sink, tmp_path, "--total", "1", "--dead-letter-file", str(tmp_path / "dead.ndjson"))
        assert code == 4
        assert "(1 of them by earlier runs)" in out
        assert (tmp_path / "dead.ndjson").read_text().count("\n") == 1


def test_a_stream_deleted_in_the_middle_ends_the_run_and_nothing_is_lost(tmp_path):
    deleted = Answer(status=400, code="ResourceNotFoundException", message="Firehose signups not found.", writes=False)
    with Sink(iter([OK, OK, *[deleted] * 50])) as sink:
        code, out, err = sending(sink, tmp_path, "--rate", "3000", "--linger", "20ms")
        assert code == 3
        assert err.count("\n") == 1
        assert "deploy the template first" in err
        sink.script = iter(())
        assert finish(start(sink.endpoint, tmp_path, "resume", "--delivery-stream", "signups"))[0] == 0
        sequences = {sequence for _, sequence in sent(sink)}
        assert sequences == set(range(1, max(sequences) + 1))
        generated = int(re.search(r"generated ([\d,]+) ", out)[1].replace(",", ""))  # type: ignore[index]
        assert generated == max(sequences)
