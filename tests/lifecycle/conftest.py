"""One gateway, and the template on it, for the whole life of a stack."""

import shutil

import pytest

from tests.conftest import started
from tests.lifecycle.stacks import Account, Variant


@pytest.fixture(scope="session")
def account(tmp_path_factory):
    with started(tmp_path_factory.mktemp("one account")) as gateway:
        yield Account(gateway)


@pytest.fixture
def variant(tmp_path):
    """Return a copy of the template and of the function's code, to be changed."""
    made = Variant(tmp_path)
    shutil.copytree(made.ORIGINAL / "functions", tmp_path / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(made.ORIGINAL / "samconfig.toml", tmp_path)
    shutil.copy(made.ORIGINAL / "template.yaml", tmp_path)
    return made
