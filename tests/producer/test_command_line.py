"""What people type: options, environment, mistakes, help; and what they read."""

import json
import os
import re
import time

import pytest

from producer.errors import Exit, UsageError
from producer.limits import MEBIBYTE
from producer.options import parse
from tests.producer.processes import finish, sending, start
from tests.producer.sink import Sink

NAME = ["--delivery-stream", "signups"]


def test_options_win_over_the_environment_and_both_over_defaults(monkeypatch):
    monkeypatch.setenv("PRODUCER_RATE", "7")
    monkeypatch.setenv("PRODUCER_FOR", "5m")
    monkeypatch.setenv("PRODUCER_RAMP", "")
    monkeypatch.setenv("PRODUCER_BURST", "1000/60s")
    monkeypatch.setenv("PRODUCER_PACK", "true")
    command, settings = parse([*NAME, "--rate", "9"])
    assert (command, settings.rate, settings.for_, settings.pack) == ("send", 9.0, 300.0, True)
    assert (settings.burst, settings.region, settings.linger) == ((1000, 60.0), "us-east-1", 0.5)


def test_a_container_needs_nothing_but_its_environment(monkeypatch):
    monkeypatch.setenv("PRODUCER_DELIVERY_STREAM", "signups")
    monkeypatch.setenv("PRODUCER_RAMP", "10:1000/60s")
    _, settings = parse([])
    assert (settings.delivery_stream, settings.ramp) == ("signups", (10.0, 1000.0, 60.0))


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (["--rate", "max"], "rate", float("inf")),
        (["--quota", "none"], "quota", float("inf")),
        (["--quota", "10MiB"], "quota", 10 * MEBIBYTE),
        (["--linger", "100ms"], "linger", 0.1),
        (["--no-journal"], "journal", False),
        (["--lane", "3", "--lanes", "4"], "lane", 3),
        (["resume"], "rate", 50.0),
    ],
)
def test_options_mean_what_they_say(arguments, field, value):
    assert getattr(parse([*arguments, *NAME])[1], field) == value


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "--delivery-stream is missing"),
        (["--delivery-stream", "a b"], "--delivery-stream: 'a b' will not do"),
        (["--delivery-stream", "x" * 65], "--delivery-stream"),
        ([*NAME, "--rat", "5"], "there is no option --rat; did you mean --rate?"),
        ([*NAME, "--delivry-stream=x"], "did you mean --delivery-stream?"),
        ([*NAME, "--colour"], "there is no option --colour"),
        ([*NAME, "--rate"], "--rate: expected one argument"),
        ([*NAME, "--rate", "fast"], "--rate: 'fast' is not a number of sign-ups a second: write 50, 0.5 or max"),
        ([*NAME, "--rate", "0"], "--rate: '0' will not do"),
        ([*NAME, "--rate", "-5"], "--rate"),
        ([*NAME, "--rate", "nan"], "--rate"),
        ([*NAME, "--ramp", "10-1000"], "--ramp: '10-1000' is not a ramp: write 10:1000/60s"),
        ([*NAME, "--ramp", "10:1000/0s"], "--ramp: the time must be longer than nothing"),
        ([*NAME, "--ramp", "0:0/5s"], "--ramp from nothing to nothing sends nothing"),
        ([*NAME, "--ramp", "1:2/5s", "--rate", "5"], "--ramp stands in the place of --rate"),
        ([*NAME, "--ramp", "1:2/5s", "--profile", "day"], "--ramp stands in the place of --rate"),
        ([*NAME, "--profile", "night"], "--profile: 'night' will not do"),
        ([*NAME, "--profile", "day", "--rate", "max"], "give a number with --rate"),
        ([*NAME, "--burst", "1000"], "--burst: '1000' is not a burst: write 1000/60s"),
        ([*NAME, "--total", "0"], "--total"),
        ([*NAME, "--total", "many"], "--total: 'many' will not do"),
        ([*NAME, "--for", "soon"], "--for: 'soon' is not a time: write 500ms, 60s, 5m or 2h"),
        ([*NAME, "--for", "0"], "--for"),
        ([*NAME, "--seed", "-1"], "--seed"),
        ([*NAME, "--lane", "2", "--lanes", "2"], "--lane 2 does not exist: --lanes 2 are numbered from 0"),
        ([*NAME, "--quota", "5"], "--quota: '5' is not a quota: write 5MiB"),
        ([*NAME, "--quota", "1KiB"], "16KiB at least"),
        ([*NAME, "--in-flight", "0"], "--in-flight"),
        ([*NAME, "--producer-id", "../x"], "--producer-id"),
        ([*NAME, "--log-format", "xml"], "--log-format"),
        ([*NAME, "now"], "there is no option now"),
        (["restart", *NAME], "there is no command 'restart'"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence_that_names_it(arguments, sentence):
    with pytest.raises(UsageError) as caught:
        parse(arguments)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_the_environment_is_answered_with_the_variable(monkeypatch):
    monkeypatch.setenv("PRODUCER_RATE", "fast")
    with pytest.raises(UsageError, match="PRODUCER_RATE: 'fast' is not a number"):
        parse(NAME)
    monkeypatch.delenv("PRODUCER_RATE")
    monkeypatch.setenv("PRODUCER_DELIVERY_STRAEM", "x")
    with pytest.raises(
        UsageError, match=r"PRODUCER_DELIVERY_STRAEM is unknown; did you mean PRODUCER_DELIVERY_STREAM\?"
    ):
        parse(NAME)


def test_help_shows_every_option_examples_and_every_exit_code(capsys):
    with pytest.raises(SystemExit):
        parse(["--help"])
    text = capsys.readouterr().out
    assert "python -m producer --delivery-stream signups --ramp 10:1000/60s" in text
    assert all(re.search(rf"^  {code.value}  ", text, re.MULTILINE) for code in Exit)
    assert all(option in text for option in ("--give-up-after", "--no-journal", "--quota", "--liveness-file"))


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "sentence"),
    [
        (["--rat", "5"], {}, 2, "did you mean --rate?"),
        ([], {"AWS_REGION": ""}, 3, "no region"),
        ([], {"AWS_PROFILE": "nobody"}, 3, "nobody"),
        (["--producer-id", "p", "--journal-directory", "/proc/nowhere"], {}, 5, "cannot make /proc/nowhere"),
    ],
)
def test_a_run_that_cannot_begin_says_why_in_one_line(tmp_path, arguments, environment, code, sentence):
    with Sink() as sink:
        found, out, err = sending(sink, tmp_path, *arguments, environment=environment)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert err.startswith("producer: ")
    assert sentence in err


def test_an_unknown_region_is_a_mistake_and_not_a_wait(tmp_path):
    process = start("", tmp_path, *NAME, "--region", "us-esat-1")
    code, _, err = finish(process)
    assert code == 2
    assert "Firehose is not known in 'us-esat-1'" in err


def test_a_journal_of_another_release_stops_the_run_and_is_left_as_it_is(tmp_path):
    directory = tmp_path / ".state/producer"
    directory.mkdir(parents=True)
    old = directory / "p.journal"
    old.write_text('{"format":"how-fake-accounts/producer-journal","version":0}\n')
    with Sink() as sink:
        code, _, err = sending(sink, tmp_path, "--total", "1")
    assert code == 5
    assert "in format 0, and this release reads 1" in err
    assert old.read_text().endswith('"version":0}\n')
    assert sink.accepted == []


def test_json_lines_are_metrics_when_asked_and_never_personal(tmp_path):
    with Sink() as sink:
        code, out, _ = sending(sink, tmp_path, "--rate", "200", "--for", "1s", "--interval", "300ms", "--emf")
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()[:-1]]
    progress = [line for line in lines if line["message"] == "progress"]
    assert sum(line["Delivered"] for line in progress) <= lines[-1]["Delivered"] == 200
    directive = progress[0]["_aws"]["CloudWatchMetrics"][0]
    assert directive["Dimensions"] == [["DeliveryStream"]]
    assert all(metric["Name"] in progress[0] for metric in directive["Metrics"])
    cpfs = [signup["cpf"] for signup in sink.signups()]
    assert not any(cpf in out for cpf in cpfs)


def test_a_person_can_read_it_too(tmp_path):
    for form in ("text", "rich"):
        with Sink() as sink:
            code, out, _ = sending(
                sink, tmp_path, "--rate", "100", "--for", "1s", "--interval", "300ms", "--log-format", form
            )
        assert code == 0
        assert "delivered" in out
        assert "possibly duplicated 0" in out
        assert out.endswith("generated 100 = delivered 100 + dead-lettered 0 + journaled 0\n")


def test_the_liveness_file_is_touched_while_it_runs(tmp_path):
    alive = tmp_path / "alive"
    with Sink() as sink:
        process = start(sink.endpoint, tmp_path, *NAME, "--rate", "10", "--liveness-file", str(alive))
        deadline = time.monotonic() + 20
        while not alive.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.utime(alive, (1, 1))
        while alive.stat().st_mtime == 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert alive.stat().st_mtime > 1
        process.terminate()
        assert finish(process)[0] == 0


def test_when_nobody_reads_on_it_delivers_what_it_has_and_ends(tmp_path):
    with Sink() as sink:
        process = start(sink.endpoint, tmp_path, *NAME, "--rate", "200", "--interval", "100ms")
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == ""
        assert process.wait(20) == 0
        sequences = {signup["sequence"] for signup in sink.signups()}
        assert sequences == set(range(1, len(sequences) + 1))
    assert not list((tmp_path / ".state/producer").glob("*.journal"))


def test_without_a_journal_nothing_is_written_anywhere(tmp_path):
    with Sink() as sink:
        code, out, _ = sending(sink, tmp_path, "--total", "20", "--no-journal")
    assert code == 0
    assert "generated 20 = delivered 20 + dead-lettered 0 + undelivered 0" in out
    assert list(tmp_path.iterdir()) == []


def test_the_quota_is_kept_on_the_wire(tmp_path):
    with Sink() as sink:
        code, _, _ = sending(sink, tmp_path, "--rate", "max", "--quota", "256KiB", "--for", "3s", "--seed", "1")
        moments = list(sink.moments)
    assert code == 0
    assert sum(len(record) for record in sink.accepted) <= 256 * 1024 * (moments[-1] - moments[0] + 1.2)


def test_two_lanes_of_one_seed_share_no_cpf(tmp_path):
    with Sink() as sink:
        for lane in ("0", "1"):
            sending(sink, tmp_path, "--total", "300", "--rate", "max", "--seed", "7", "--lane", lane, "--lanes", "2")
        cpfs = [signup["cpf"] for signup in sink.signups()]
    assert len(set(cpfs)) == len(cpfs) == 600
