"""`deploy`: the real `sam deploy`, pointed at the gateway, its failures told in a line."""

import os
import re
import subprocess
from pathlib import Path

from local.errors import UsageError
from local.target import HIDDEN, Target


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
    """Return the line of sam's output that says why."""
    failed = re.search(r"^(?:CREATE|UPDATE)_FAILED\s+\S+\s+(\S+)\s+(.+)$", said, re.MULTILINE)
    if failed:
        return f"{failed[1]}: {failed[2].strip()}"
    errors = [line.strip() for line in said.splitlines() if line.strip().startswith(("Error", "Failed", "Waiter"))]
    return errors[-1] if errors else (said.strip().splitlines() or ["it said nothing"])[-1]
