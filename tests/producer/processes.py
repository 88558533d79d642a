"""The producer as its users run it: a process, its lines, its exit code."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.producer.sink import Sink

ROOT = Path(__file__).resolve().parents[2]


def start(endpoint: str, directory: Path, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
    """Start `python -m producer` in `directory`; the caller ends it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PRODUCER_", "AWS_"))}
    environment |= {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": f"{ROOT}:{ROOT}/src",
        "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(directory),
    } | options.pop("environment", {})  # fmt: skip
    command = [sys.executable, "-m", "producer", *arguments]
    return subprocess.Popen(
        command, cwd=directory, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Return exit code, output and complaints."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def sending(sink: Sink, directory: Path, *arguments: str, **options: Any) -> tuple[int, str, str]:
    """Run it to its end against `sink`."""
    return finish(start(sink.endpoint, directory, "--delivery-stream", "signups", *arguments, **options))
