"""`make run`, as a newcomer types it, bounded."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.e2e


def run(state, *, seconds, port):
    command = [
        sys.executable, "-m", "local", "run", "--state", str(state), "--port", str(port), "--for", seconds,
        "--query", "sql/queries/per_minute_last_hour.sql", "--audit", "sql/audit/verdict.sql",
        "--role-output", "ProducerTaskRoleArn",
        "--", sys.executable, "-m", "producer", "--delivery-stream", "signups", "--rate", "200",
        "--journal-directory", str(state / "journal"),
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def test_it_answers_a_first_query_and_loses_nothing_twice_in_a_row(tmp_path):
    state = tmp_path / "a state"
    for _ in range(2):
        done = run(state, seconds="8s", port=0)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Athena answers sql/queries/per_minute_last_hour.sql" in done.stdout
        assert "lost 0" in done.stdout
        ((generated, delivered),) = re.findall(r"^generated ([\d,]+) = delivered ([\d,]+)", done.stdout, re.MULTILINE)
        assert generated == delivered
        assert int(generated.replace(",", "")) > 100


def test_a_gateway_that_runs_already_is_said_in_a_line(gateway):
    done = run(gateway.state, seconds="1s", port=0)
    assert done.returncode == 2
    assert done.stderr.startswith("error: a gateway runs already")
