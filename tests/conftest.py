"""The real gateway, started once per test process on a free port, with its state in a folder of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

# A __pycache__ in functions/ would be zipped by sam and make a new version out of an unchanged function.
sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class Gateway:
    """A running local AWS."""

    endpoint: str
    state: Path
    pid: int
    environment: dict[str, str]

    def client(self, service: str, **credentials: str) -> Any:
        """Return a stock boto3 client; by default the account's root."""
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        kind: Any = boto3.client  # the name is data here
        return kind(service, region_name="us-east-1", endpoint_url=self.endpoint, config=config, **keys)

    def assume(self, role: str, service: str | None = None) -> dict[str, str]:
        """Return a role's credentials, as `client` takes them, for a person or a service: `ecs-tasks.amazonaws.com`."""
        if service is not None:
            given = self.act("session", role=role, principal=service)
            keys = given["access_key"], given["secret_key"], given["token"]
        else:
            given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
            keys = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        return dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), keys, strict=True))

    def act(self, action: str, **members: Any) -> Any:
        """Do one of the gateway's own actions: flush, clock, session."""
        answer = httpx.post(f"{self.endpoint}/_local/{action}", json=members, timeout=120, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def local(self, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        """Run `python -m local …` against this gateway."""
        command = [sys.executable, "-m", "local", *arguments, "--state", str(self.state)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT, check=False, **options)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    state = tmp_path_factory.mktemp("local aws")  # a path with a space, always
    with started(state) as running:
        yield running


class started:  # noqa: N801 - reads as a verb: `with started(state) as gateway`
    """Start a gateway with its state in a folder; stop it by its pid at the end."""

    def __init__(self, state: Path, *options: str) -> None:
        self._state = state
        self._options = options

    def __enter__(self) -> Gateway:
        command = [sys.executable, "-m", "local", "up", "--port", "0", "--state", str(self._state), *self._options]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.stderr.read().decode()  # type: ignore[union-attr]
            try:
                port = json.loads((self._state / "gateway.json").read_text())["port"]
                httpx.get(f"http://127.0.0.1:{port}/_local/health", trust_env=False).raise_for_status()
            except (OSError, ValueError, httpx.HTTPError):
                time.sleep(0.05)
                continue
            return self._gateway(f"http://127.0.0.1:{port}")
        raise AssertionError(
            f"no gateway within {START_SECONDS} s: {(self._state / 'gateway.log').read_text()[-2000:]}"
        )

    def _gateway(self, endpoint: str) -> Gateway:
        variables = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Gateway(endpoint, self._state, self.process.pid, {**os.environ, **variables})

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=60)


@dataclass(frozen=True)
class Stack:
    """The template, deployed by the real sam to the gateway."""

    gateway: Gateway
    outputs: dict[str, str]


@pytest.fixture(scope="session")
def stack(gateway: Gateway) -> Stack:
    done = gateway.local("deploy")
    assert done.returncode == 0, done.stderr
    found = gateway.client("cloudformation").describe_stacks(StackName="signups")["Stacks"][0]["Outputs"]
    return Stack(gateway, {each["OutputKey"]: each["OutputValue"] for each in found})
