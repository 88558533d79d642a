"""Credentials that open nothing, and no configuration of the machine's."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.producer.sink import Sink

# Speed is measured in benchmarks/, not asserted here: a busy machine must not fail a claim.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"), "AWS_EC2_METADATA_DISABLED": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.fixture
def sink(monkeypatch) -> Iterator[Sink]:
    with Sink() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield running
