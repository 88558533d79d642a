"""`deploy`: the real `sam deploy`, pointed at the gateway, its failures told in a line."""

import os
import re
import subprocess
from itertools import takewhile
from pathlib import Path

from local.errors import UsageError
from local.target import HIDDEN, Target

_FAILED = re.compile(r"(?:CREATE|UPDATE)_FAILED\s+\S+\s+(?P<resource>\S+)\s+(?P<reason>.+?)\s*$")


def deploy(target: Target, *, sam: Path, template: Path, environment: str, extra: list[str], log: Path) -> None:
    """Deploy the template with samconfig's `environment`; what sam says goes to `log`. Raises UsageError."""
    if not template.exists():
        raise UsageError(f"there is no template at {template}")
    if not sam.exists():
        raise UsageError(f"there is no sam at {sam}: run `make setup`")
    command = [str(sam), "deploy", "--config-env", environment, "--template-file", str(template), *extra]
    variables = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    variables |= target.environment() | {"SAM_CLI_TELEMETRY": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("w", encoding="utf-8") as out:
        status = subprocess.run(command, env=variables, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    if status != 0:
        raise UsageError(f"sam deploy failed: {_reason(log.read_text(encoding='utf-8'))} (all of it: {log})")


def _reason(said: str) -> str:
    """Return the part of sam's output that says why: the first resource that failed, its reason unwrapped."""
    lines = said.splitlines()
    for at, line in enumerate(lines):
        if found := _FAILED.match(line):
            rest = "".join(f" {each.strip()}" for each in takewhile(_wrapped, lines[at + 1 :]))
            return f"{found['resource']}: {found['reason']}{rest}"
    errors = [line.strip() for line in lines if line.strip().startswith(("Error", "Failed", "Waiter"))]
    return errors[-1] if errors else (lines or ["it said nothing"])[-1]


def _wrapped(line: str) -> bool:
    """Say whether the line goes on with the last column of sam's table of events."""
    return line.startswith(" " * 20) and bool(line.strip())
