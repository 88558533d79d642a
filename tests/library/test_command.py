"""The command `how_fake`, as a shell runs it."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pyarrow.parquet
import pytest

from how_fake_accounts import __version__
from how_fake_accounts.listing import COLUMNS

ADDRESS = ["street", "number", "district", "city", "state", "postal_code"]


def _records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_into_a_pipe_it_prints_one_json_document_a_line(how_fake):
    run = how_fake("--n-accounts", 50)
    assert (run.returncode, run.stderr) == (0, "")
    records = _records(run.stdout)
    assert len(records) == 50
    assert all(list(record) == list(COLUMNS) and list(record["address"]) == ADDRESS for record in records)


def test_ten_accounts_are_made_when_no_number_is_given(how_fake):
    assert len(_records(how_fake().stdout)) == 10


def test_nothing_is_written_unless_asked_for(how_fake, tmp_path):
    how_fake("-n", 3)
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_it_prints_a_table_that_fits(tmp_path, environment):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "how_fake", "-n", "4"]
    with subprocess.Popen(command, stdout=theirs, env=environment | {"COLUMNS": "120"}, cwd=tmp_path) as process:
        os.close(theirs)
        printed = b""
        try:
            while some := os.read(ours, 65_536):
                printed += some
        except OSError:  # Linux's way to say that the other end has closed
            pass
    os.close(ours)
    lines = printed.decode().splitlines()
    assert process.returncode == 0
    assert len(lines) == 6
    assert "cpf" in lines[0]
    assert max(map(len, lines)) <= 120


def test_without_a_seed_people_differ_and_registered_in_the_last_year(how_fake):
    first, second = _records(how_fake("-n", 20).stdout), _records(how_fake("-n", 20).stdout)
    assert {each["cpf"] for each in first}.isdisjoint(each["cpf"] for each in second)
    for record in first + second:
        age = datetime.now(UTC) - datetime.fromisoformat(record["registration_date"])
        assert 0 <= age.days <= 366


def test_the_same_seed_gives_the_same_bytes(how_fake, tmp_path):
    for name in ("a.ndjson", "b.ndjson"):
        assert how_fake("-n", 5_000, "--seed", 7, "-o", name).returncode == 0
    assert (tmp_path / "a.ndjson").read_bytes() == (tmp_path / "b.ndjson").read_bytes()
    cpfs = [record["cpf"] for record in _records((tmp_path / "a.ndjson").read_text(encoding="utf-8"))]
    assert len(set(cpfs)) == len(cpfs) == 5_000


def test_start_at_continues_the_seed(how_fake):
    whole = how_fake("-n", 10, "--seed", 3).stdout.splitlines()
    assert how_fake("-n", 4, "--seed", 3, "--start-at", 6).stdout.splitlines() == whole[6:]


def test_the_note_beside_a_file_makes_it_again(how_fake, tmp_path):
    note = how_fake("-n", 5, "-o", "a.ndjson").stderr
    assert note.startswith("how_fake: 5 accounts in a.ndjson (again: --seed ")
    again = note.partition("again: ")[2].rstrip(")\n").split()
    assert how_fake("-n", 5, *again).stdout == (tmp_path / "a.ndjson").read_text(encoding="utf-8")


def test_all_formats_carry_the_same_accounts(how_fake, tmp_path):
    expected = _records(how_fake("-n", 250, "--seed", 5).stdout)
    for name in ("a.json", "a.ndjson", "a.jsonl", "a.csv", "a.parquet"):
        assert how_fake("-n", 250, "--seed", 5, "-o", name).returncode == 0
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == expected
    for name in ("a.ndjson", "a.jsonl"):
        assert _records((tmp_path / name).read_text(encoding="utf-8")) == expected
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    assert rows == [record | {"address": _one_line(record["address"])} for record in expected]
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert [str(field.type) for field in table.schema if field.name.endswith("date")] == [
        "timestamp[ms, tz=UTC]",
        "date32[day]",
    ]
    assert [_as_record(row) for row in table.to_pylist()] == expected


def _one_line(address):
    return "{street}, {number} - {district}, {city} - {state}, {postal_code}".format(**address)


def _as_record(row):
    registered = row["registration_date"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return row | {"registration_date": registered, "birth_date": row["birth_date"].isoformat()}


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "[]\n"), ("a.ndjson", ""), ("a.csv", ",".join(COLUMNS) + "\n")]
)
def test_no_accounts_make_an_empty_file_of_the_format(how_fake, tmp_path, name, content):
    assert how_fake("-n", 0, "-o", name).returncode == 0
    assert (tmp_path / name).read_text() == content


def test_no_accounts_make_a_parquet_file_with_columns(how_fake, tmp_path):
    assert how_fake("-n", 0, "-o", "a.parquet").returncode == 0
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert (table.num_rows, table.column_names) == (0, list(COLUMNS))


def test_a_dash_is_standard_output(how_fake):
    assert len(_records(how_fake("-n", 3, "-o", "-").stdout)) == 3


# The flags of 1.x: -p and -f name a file, -s says whether to write it, -v whether to show the accounts as well.


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (["-f", "other.json"], "other.json"),
        (["--filename", "other.csv"], "other.csv"),
        (["-p", "folder"], "folder/accounts.json"),
        (["-p", "folder", "-f", "x.ndjson"], "folder/x.ndjson"),
        (["-s", "True"], "accounts.json"),
        (["--save"], "accounts.json"),
        (["--save", "True", "-f", "y.json"], "y.json"),
    ],
)
def test_path_and_filename_and_save_write_the_file_that_they_name(how_fake, tmp_path, arguments, file):
    (tmp_path / "folder").mkdir()
    run = how_fake("-n", 3, *arguments)
    assert (run.returncode, run.stdout) == (0, "")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")] == [file]


def test_save_false_writes_nothing(how_fake, tmp_path):
    run = how_fake("-n", 3, "--save", "False")
    assert len(_records(run.stdout)) == 3
    assert list(tmp_path.iterdir()) == []


def test_verbose_shows_what_it_writes(how_fake, tmp_path):
    run = how_fake("-n", 3, "-f", "a.json", "-v", "True")
    assert _records(run.stdout) == json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))


# What goes wrong is one sentence and an exit code.


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-n", "many"], "argument -n/--n-accounts: 'many' is not a whole number"),
        (["-n", "-1"], "argument -n/--n-accounts: -1 is below 0"),
        (["-n", "1000000000"], "only 999,999,990 CPFs are left from there on: lower -n or --start-at"),
        (["--start-at", "999999990"], "a lane has accounts 0 to 999999989: it cannot start at 999999990"),
        (["--seed", "0x7"], "argument --seed: '0x7' is not a whole number"),
        (["--today", "23/11/2026"], "argument --today: '23/11/2026' is not a date: write it as 2026-01-01"),
        (["--today", "1500-01-01"], "today is 1500-01-01: it must be in the year 1900 or later"),
        (["-o", "a.xlsx"], "'a.xlsx' does not say its format: end it in .json, .ndjson, .jsonl, .csv, .parquet"),
        (["-f", "accounts"], "'accounts' does not say its format: end it in .json, .ndjson, .jsonl, .csv, .parquet"),
        (["-o", "a.json", "-f", "b.json"], "-o names the file already: leave out -p, -f and -s"),
        (["-s", "false", "-p", "."], "-s false writes no file: leave out -p and -f"),
        (["-s", "perhaps"], "argument -s/--save: 'perhaps' is neither true nor false"),
        (["--n-acounts", "5"], "unrecognized arguments: --n-acounts 5"),
    ],
)
def test_a_command_line_that_is_wrong_is_refused_in_one_sentence(how_fake, tmp_path, arguments, sentence):
    run = how_fake(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1] == f"how_fake: error: {sentence}"
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "nowhere/a.json"], "cannot write nowhere/a.json: No such file or directory"),
        (["-p", "nowhere"], "cannot write nowhere/accounts.json: No such file or directory"),
        (["-o", "folder.json"], "cannot write folder.json: Is a directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_exit_code_1(how_fake, tmp_path, arguments, sentence):
    (tmp_path / "folder.json").mkdir()
    run = how_fake("-n", 3, *arguments)
    assert (run.returncode, run.stderr) == (1, f"how_fake: {sentence}\n")


def test_a_full_disk_is_said_once_and_is_exit_code_1(how_fake):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        run = how_fake("-n", 3_000, stdout=full)
    expected = "how_fake: cannot write to standard output: No space left on device\n"
    assert (run.returncode, run.stderr) == (1, expected)


def test_a_file_that_cannot_be_completed_leaves_the_old_one_as_it_was(environment, tmp_path):
    (tmp_path / "a.ndjson").write_text("old")
    command = ["bash", "-c", 'ulimit -f 20; exec "$0" -m how_fake -n 10000 -o a.ndjson', sys.executable]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "how_fake: cannot write a.ndjson: File too large\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.ndjson", "old")]


def test_a_reader_that_has_had_enough_is_no_error(tmp_path, environment):
    command = [sys.executable, "-m", "how_fake", "-n", "200000"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["cpf"]
        process.stdout.close()
        complaint = process.stderr.read()
        assert (process.wait(timeout=60), complaint) == (0, b"")


def test_an_interrupt_is_exit_code_130_and_leaves_no_file(tmp_path, environment):
    # What a shell runs in the background ignores SIGINT, and the tests may be.
    listening = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    run = listening + "runpy.run_module('how_fake', run_name='__main__')"
    command = [sys.executable, "-c", run, "-n", "9000000", "-o", "a.ndjson"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        complaint = process.stderr.read()
        assert (process.wait(timeout=60), complaint) == (130, b"")
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_it_says_what_to_install(how_fake, tmp_path):
    (tmp_path / "pyarrow").mkdir()
    (tmp_path / "pyarrow" / "__init__.py").write_text("raise ModuleNotFoundError('No module named pyarrow')")
    run = how_fake("-n", 3, "-o", "a.parquet")
    assert run.returncode == 1
    assert run.stderr.startswith("how_fake: this needs pyarrow: pip install 'how-fake-accounts[parquet]'")
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "a.parquet").exists()


def test_help_teaches_by_example_and_documents_the_exit_codes(how_fake):
    text = how_fake("--help").stdout
    for word in ("examples:", "--n-accounts", "--seed", "--start-at", "-o FILE", "exit codes: 0", "as in 1.x"):
        assert word in text


def test_the_version_is_said(how_fake):
    assert how_fake("--version").stdout == f"how_fake {__version__}\n"
