"""`deploy`: the real `sam deploy`, pointed at the gateway or left at AWS, its failures told in a line."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from local.clients import ClientError
from local.errors import UsageError
from local.target import HIDDEN, Target

CONFIGURATION = "samconfig.toml"
POLL_SECONDS = "0.2"
"""Between two looks of sam at a stack; its own 5 s are meant for AWS, which would throttle it."""

_ABOVE = ("Resource creation cancelled", "Resource update cancelled", "Resource handler returned no message")
_BEGUN = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
_ENVELOPE = re.compile(r"""b?['"]?\{.*"__type": ?"(?P<code>\w+)".*"message": ?"(?P<message>.*?)"\}['"]?""")


def deploy(target: Target, *, sam: Path, template: Path, environment: str, extra: list[str], log: Path) -> str:
    """Deploy the template with samconfig's `environment`; return the stack's name.

    What sam says goes to `log`; on AWS it goes to the terminal, where it asks whether to go on. Raises UsageError with
    the reason why it failed.
    """
    if not template.exists():
        raise UsageError(f"there is no template at {template}")
    if not sam.exists():
        raise UsageError(f"there is no sam at {sam}: run `make setup`")
    command = [str(sam), "deploy", "--config-env", environment, "--template-file", str(template), *extra]
    variables = {"SAM_CLI_TELEMETRY": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    stack = _stack(template, environment, extra)
    if target.endpoint is None:
        if subprocess.run(command, env=os.environ | variables, check=False).returncode != 0:
            raise UsageError(f"sam deploy failed: {first_failure(target, stack) or 'see above'}")
        return stack
    variables |= {name: value for name, value in os.environ.items() if name not in HIDDEN} | target.environment()
    variables["SAM_CLI_POLL_DELAY"] = POLL_SECONDS
    command += [] if "--region" in extra else ["--region", str(target.region)]  # whatever samconfig.toml says
    with log.open("w", encoding="utf-8") as out:
        status = subprocess.run(command, env=variables, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    if status != 0:
        raise UsageError(
            f"sam deploy failed: {_reason(target, stack, log.read_text(encoding='utf-8'))} (all of it: {log})"
        )
    return stack


def _reason(target: Target, stack: str, said: str) -> str:
    """Return why: what the first resource that failed says, or sam's last word if it came to no resource."""
    begun = "Waiting for stack create/update to complete" in said
    return (first_failure(target, stack) if begun else None) or last_word(said)


def _stack(template: Path, environment: str, extra: list[str]) -> str:
    """Return the stack's name as sam takes it: from the command line, or else from the configuration it reads.

    Which is beside the template (AWS SAM Developer Guide, serverless-sam-cli-config).
    """
    if "--stack-name" in extra:
        return extra[extra.index("--stack-name") + 1]
    named = "--config-file" in extra
    path = Path(extra[extra.index("--config-file") + 1]) if named else template.parent / CONFIGURATION
    try:
        configured: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return str(configured[environment]["global"]["parameters"]["stack_name"])
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        return ""


def first_failure(target: Target, stack: str) -> str | None:
    """Return what the first resource that failed in the stack's last deployment says of it, if one did."""
    reason = None
    try:
        pages = target.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
        for event in (event for page in pages for event in page["StackEvents"]):
            if event["PhysicalResourceId"] == event["StackId"] and event["ResourceStatus"] in _BEGUN:
                break  # before it, events are of an earlier deployment
            why = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and not why.startswith(_ABOVE):
                reason = f"{event['LogicalResourceId']}: {_plain(why)}"
    except (ClientError, BotoCoreError):
        return None
    return reason


def _plain(why: str) -> str:
    """Take a service's message out of the JSON that it came in."""
    return _ENVELOPE.sub(r"\g<code>: \g<message>", " ".join(why.split()))


def last_word(said: str) -> str:
    """Return the line of sam's output that says why it did not begin."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("Error", "Failed", "Waiter"))]
    found = errors[-1] if errors else (lines or ["it said nothing"])[-1]
    return re.sub(r"^Error: (Failed to create changeset for the stack: \S+, )?", "", found)
