"""What the tests of the library share: a sample of accounts and a way to run the command."""

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from how_fake_accounts.generator import AccountGenerator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def people():
    """Return 20,000 accounts as parsed records."""
    return [json.loads(record) for record in islice(AccountGenerator(20).records(), 20_000)]


@pytest.fixture
def environment():
    """Return the environment in which another process finds the library of this checkout."""
    return os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def how_fake(tmp_path, environment):
    """Return a function that runs `python -m how_fake` in an empty folder."""

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "how_fake", *map(str, arguments)],
            check=False,
            cwd=tmp_path,
            env=environment,
            timeout=60,
            **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options),
        )

    return run
