"""What changed is on disk soon, as it was at one moment, and as a whole; nothing else is written."""

import asyncio
import copy
import json
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from local import saving
from local.emulator.documents import Documents, check, finish
from local.errors import UsageError
from tests.conftest import ROOT

STATE: dict[str, dict[str, dict[str, int]]] = {
    "iam": {"roles": {}},
    "cloudformation": {"stacks": {}},
    "cloudwatch_logs": {"groups": {}},
}


SERVICES = {
    "iam": lambda: {"copied": copy.deepcopy(STATE["iam"])},
    "cloudformation": lambda: {"copied": copy.deepcopy(STATE["cloudformation"])},
    "cloudwatch_logs": lambda: {"copied": copy.deepcopy(STATE["cloudwatch_logs"])},
    "absent": lambda: None,
}


@pytest.fixture
def documents(tmp_path):
    ministack = SimpleNamespace(_build_persistence_save_dict=lambda: SERVICES)
    persistence = SimpleNamespace(_json_default=str, _state_format_version=lambda _name: 3)
    return Documents(ministack, persistence, tmp_path)


def rendered(documents, *names):
    return {name: documents.render(name) for name in names}


def test_a_document_is_what_the_emulator_would_write(documents, tmp_path):
    documents.write(rendered(documents, "iam"))
    kept = json.loads((tmp_path / "iam.json").read_bytes())
    assert kept == {"__ministack_format__": 3, "payload": {"copied": {"roles": {}}}}


RENDER_A_STACK = """
import json, pathlib, sys
from local.emulator import Emulator

emulator = Emulator(pathlib.Path(sys.argv[1]), 1, "us-east-1")
from ministack import app  # reads its settings as it is imported
from ministack.core import persistence

app._load_persisted_state()
for name, get_state in app._build_persistence_save_dict().items():
    payload = json.loads(json.dumps(get_state(), default=persistence._json_default))
    for _ in range(2):
        ours = emulator.documents.render(name)
        assert (json.loads(ours)["payload"] if ours else None) == payload, name
        assert json.loads(json.dumps(get_state(), default=persistence._json_default)) == payload, name
print(len(json.loads(emulator.documents.render("cloudformation"))["payload"]["stacks"]["data"]))
"""


def test_rendering_changes_nothing_and_gives_what_the_emulator_would_write(stack, tmp_path):
    """Held on a deployed stack: some services edit what they have copied, so those must copy."""
    time.sleep(2 * saving.SAVE_SECONDS)
    shutil.copytree(stack.gateway.state / "control", tmp_path / "control")
    done = subprocess.run(
        [sys.executable, "-c", RENDER_A_STACK, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.splitlines()[-1]) >= 2  # sam's own, and the template's


def test_only_what_differs_is_written_and_a_service_without_state_never(documents, tmp_path):
    names = documents.names()
    assert set(documents.write(rendered(documents, *names))) == set(STATE)
    first = documents.render("iam")
    assert documents.write(rendered(documents, *names)) == []
    STATE["iam"]["roles"]["new"] = 1
    try:
        assert documents.write(rendered(documents, *names)) == ["iam"]
        assert documents.render("iam") != first
    finally:
        del STATE["iam"]["roles"]["new"]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(f"{name}.json" for name in STATE)


def test_a_set_that_was_complete_when_the_process_was_killed_counts_and_another_does_not(tmp_path):
    (tmp_path / "iam.json").write_text("old")
    for folder, text in (("complete", "new"), ("being-written", "half")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "iam.json").write_text(text)
    finish(tmp_path)
    assert (tmp_path / "iam.json").read_text() == "new"
    assert not (tmp_path / "complete").exists()
    finish(tmp_path)
    assert (tmp_path / "iam.json").read_text() == "new"


@pytest.mark.parametrize(
    ("text", "why"), [('{"__ministack_format__": 4}', r"later version \(format 4, this one reads 3\)"), ("{", "cannot")]
)
def test_a_document_that_the_emulator_would_pass_over_stops_the_start(tmp_path, text, why):
    (tmp_path / "iam.json").write_text(text)
    with pytest.raises(UsageError, match=why):
        check(tmp_path, SimpleNamespace(_state_format_version=lambda _name: 3))


class Recorder:
    """Documents of numbers that tell how often they were rendered."""

    def __init__(self, *names):
        self.numbers = dict.fromkeys(names, 0)
        self.written = []
        self.on_render = lambda _name: None
        self.fails = 0

    def names(self):
        return list(self.numbers)

    def render(self, name):
        found = self.numbers[name]
        self.on_render(name)
        return b"%d" % found

    def write(self, documents):
        if self.fails:
            self.fails -= 1
            raise OSError("no space left on device")
        self.written.append(dict(documents))
        return list(documents)


def live(recorder, act, deploying=lambda: False):
    """Let a saver run while `act` does something to it."""

    async def main():
        saver = saving.Saver(recorder, deploying)
        task = asyncio.create_task(saver.run())
        await act(saver)
        task.cancel()

    asyncio.run(main())


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(saving, "SAVE_SECONDS", 0.01)


async def until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not within five seconds")


@pytest.mark.usefixtures("quick")
def test_a_change_of_one_service_saves_its_document_and_a_deployment_all_of_them():
    recorder = Recorder("iam", "glue", "cloudformation")

    async def act(saver):
        saver.changed("glue")
        await until(lambda: recorder.written)
        saver.changed("cloudformation")
        await until(lambda: len(recorder.written) > 1)

    live(recorder, act)
    assert [sorted(each) for each in recorder.written] == [["glue"], ["cloudformation", "glue", "iam"]]


@pytest.mark.usefixtures("quick")
def test_documents_are_of_one_moment_though_requests_are_served_while_they_are_taken():
    recorder = Recorder("cloudformation", "glue", "iam")
    changes = iter(range(1, 100))

    async def act(saver):
        def change(name):
            if name == "glue" and recorder.numbers["iam"] < 2:
                number = next(changes)
                recorder.numbers |= dict.fromkeys(recorder.numbers, number)
                saver.changed("cloudformation")

        recorder.on_render = change
        saver.changed("cloudformation")
        await until(lambda: recorder.written)

    live(recorder, act)
    assert all(len(set(each.values())) == 1 for each in recorder.written), recorder.written


@pytest.mark.usefixtures("quick")
def test_documents_that_change_all_the_time_are_taken_at_one_go():
    recorder = Recorder("cloudformation", "iam")

    async def act(saver):
        recorder.on_render = lambda _name: saver.changed("iam")
        saver.changed("cloudformation")
        await until(lambda: recorder.written)

    live(recorder, act)
    assert set(recorder.written[0]) == {"cloudformation", "iam"}


@pytest.mark.usefixtures("quick")
def test_what_could_not_be_written_is_written_with_the_next_change(caplog):
    recorder = Recorder("iam", "glue")
    recorder.fails = 1

    async def act(saver):
        saver.changed("iam")
        await until(lambda: not recorder.fails)
        saver.changed("glue")
        await until(lambda: recorder.written)

    live(recorder, act)
    assert sorted(recorder.written[0]) == ["glue", "iam"]
    assert "no space left on device" in caplog.text


@pytest.mark.usefixtures("quick")
def test_a_stack_in_progress_is_saved_until_it_is_done():
    recorder = Recorder("cloudformation")
    steps = iter([True, True, False])

    async def act(saver):
        saver.changed("cloudformation")
        await until(lambda: len(recorder.written) == 3)

    live(recorder, act, lambda: next(steps, False))
    assert len(recorder.written) == 3
