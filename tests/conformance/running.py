"""Starts what else there is, as it comes, on loopback."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT

START_SECONDS = 60
STOP_SECONDS = 10
NO_DOCKER = {"DOCKER_HOST": "unix:///nonexistent"}
LOCALSTACK_VERSION = "4.9.2"
"""The newest that answered on Python 3.11; later ones fail to create a stream or a bucket there."""
LOCALSTACK = [
    f"localstack-core[runtime]=={LOCALSTACK_VERSION}", "cbor2==5.7.1", "cryptography==45.0.7", "pyopenssl==25.1.0",
    "service-identity==24.2.0",
]  # fmt: skip
"""With releases of its time: it breaks on later ones, and its own metadata does not say so."""


@contextmanager
def ministack() -> Iterator[str]:
    """Run MiniStack alone; give its address."""
    variables = {**NO_DOCKER, "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}  # both would listen on other ports
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "uvicorn", "ministack.app:app", "--host", "127.0.0.1", "--port", port]
        places = {"GATEWAY_PORT": port, "S3_DATA_DIR": folder, "STATE_DIR": folder}
        with _process(command, {**variables, **places}, f"http://127.0.0.1:{port}/"):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def localstack() -> Iterator[str]:
    """Run LocalStack's open core in an environment of its own, made at first; give its address."""
    python = environment(f"localstack-{LOCALSTACK_VERSION}", LOCALSTACK)
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            **NO_DOCKER,
            "SERVICES": "firehose,s3,iam,sts,lambda,logs,kms,kinesis",  # there is no Glue
            "GATEWAY_LISTEN": f"127.0.0.1:{port}", "LOCALSTACK_HOST": f"127.0.0.1:{port}",
            "GATEWAY_SERVER": "hypercorn",  # the other one listens on every address
            "LOCALSTACK_VOLUME_DIR": folder, "XDG_CACHE_HOME": folder, "HOME": folder,
            "DNS_ADDRESS": "0", "DISABLE_EVENTS": "1", "SKIP_SSL_CERT_DOWNLOAD": "1",
        }  # fmt: skip
        command = [str(python), "-m", "localstack.runtime.main"]
        with _process(command, variables, f"http://127.0.0.1:{port}/_localstack/health"):
            yield f"http://127.0.0.1:{port}"


def environment(name: str, packages: Sequence[str]) -> Path:
    """Return the Python of an environment with these packages, made if it is not there."""
    folder = ROOT / f".venv-{name}"
    python, installed = folder / "bin" / "python", folder / ".installed"
    if not installed.exists():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *packages], check=True)
        installed.touch()
    return python


@contextmanager
def _process(command: list[str], variables: Mapping[str, str], health: str) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=quiet, stderr=quiet)
    try:
        _wait_for(health)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(address, trust_env=False)
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
