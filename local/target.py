"""Which AWS a command talks to: the running local gateway, or the real one."""

import json
import os
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from botocore.exceptions import ParamValidationError

from local.clients import ROOT_KEY, ClientError, for_person
from local.errors import UsageError

NOTICE = "gateway.json"
"""In the state folder while a gateway runs: its pid, port and region."""


@dataclass(frozen=True)
class Target:
    """An endpoint (None means AWS) and a region (None means the user's own setting)."""

    endpoint: str | None
    region: str | None
    pid: int = 0

    def client(self, service: str) -> Any:
        return for_person(service, endpoint=self.endpoint, region=self.region)

    def environment(self) -> dict[str, str]:
        """Return the variables that make any AWS client talk to the gateway."""
        return {
            "AWS_ENDPOINT_URL": str(self.endpoint),
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_REGION": str(self.region),
            "AWS_DEFAULT_REGION": str(self.region),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def act(self, action: str, **members: Any) -> dict[str, Any]:
        """Do one of the gateway's own actions (`local.control`); raises UsageError with its message."""
        answer = httpx.post(f"{self.endpoint}/_local/{action}", json=members, timeout=330, trust_env=False)
        if answer.is_error:
            raise UsageError(f"{action}: {answer.json().get('message', answer.text)}")
        return answer.json()  # type: ignore[no-any-return]  # JSON


AWS = Target(endpoint=None, region=None)

POLL_SECONDS = 0.2
STOP_SECONDS = 120

HIDDEN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_DEFAULT_PROFILE")
"""Variables that would lead a client away from the gateway."""


def running(state: Path) -> Target | None:
    """Return the gateway of this state folder, if it runs."""
    try:
        notice = json.loads((state / NOTICE).read_text())
        target = Target(f"http://127.0.0.1:{notice['port']}", notice["region"], notice["pid"])
        httpx.get(f"{target.endpoint}/_local/health", timeout=5, trust_env=False).raise_for_status()
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return None
    return target


def require(state: Path) -> Target:
    """Return the running gateway; raises UsageError."""
    if (target := running(state)) is None:
        raise UsageError(f"no gateway is running with its state in {state}: start one with `python -m local up`")
    return target


def exports(target: Target) -> str:
    """Return the shell lines that make AWS clients talk to the gateway."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in target.environment().items()]
    return "\n".join([f"unset {' '.join(HIDDEN)}", *lines])


def outputs(target: Target, stack: str | None) -> dict[str, str]:
    """Return the outputs of the stack: the named one, or the only one that is not SAM's own. Raises UsageError."""
    try:
        found = target.client("cloudformation").describe_stacks(**({"StackName": stack} if stack else {}))["Stacks"]
    except ClientError as error:
        raise UsageError(error.response["Error"]["Message"]) from None
    stacks = [each for each in found if each["StackName"] != "aws-sam-cli-managed-default"]
    if len(stacks) != 1:
        names = ", ".join(each["StackName"] for each in stacks) or "none; `python -m local deploy` makes one"
        raise UsageError(f"which stack? Name one with --stack. There are: {names}")
    return {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", [])}


def crawl(target: Target, name: str) -> str:
    """Run the crawler, wait until it is ready again and return how it went. Raises UsageError."""
    glue = target.client("glue")
    try:
        glue.start_crawler(Name=name)
    except (ClientError, ParamValidationError) as error:
        raise UsageError(f"the crawler '{name}' did not start: {error}") from None
    while (crawler := glue.get_crawler(Name=name)["Crawler"])["State"] != "READY":
        time.sleep(POLL_SECONDS)
    last = crawler.get("LastCrawl", {})
    return f"{name}: {last.get('Status', 'no result')} {last.get('ErrorMessage', '')}".rstrip()


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended; raises UsageError if it does not."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(POLL_SECONDS)
    raise UsageError(f"process {pid} has not ended within {STOP_SECONDS} s")
