"""The one command that runs beside the gateway: a producer, so that what it feeds has something to eat.

The command itself is fixed when the gateway starts. Over the wire only the options of `ADJUSTABLE` can be set, because
whoever can reach a loopback port must not be able to run programs as whoever started the gateway.
"""

import asyncio
import contextlib
import os
import re
import signal
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from local.clients import Clients, RoleRefused
from local.errors import AwsError, UsageError
from local.target import HIDDEN, Target, outputs

ADJUSTABLE = ("rate", "ramp", "profile", "burst", "pack", "total", "for", "seed")
"""Options that may be set while it runs; a changed one means a restart."""

_VALUE = re.compile(r"[\w.:/-]{0,40}")
KEPT_LINES = 200
STOP_SECONDS = 130
"""The two minutes that Fargate gives a task to stop (ECS, `stopTimeout`), and a little more."""

SESSION_SECONDS = 12 * 3600


class Companion:
    """Starts, stops and restarts the command; keeps the last lines it wrote."""

    def __init__(self, command: list[str], environment: Callable[[], Mapping[str, str]]) -> None:
        """Take a command and what gives its environment (blocking; asked at each start)."""
        self._command = command
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._options: dict[str, str] = {}
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._lock = asyncio.Lock()

    async def act(self, members: dict[str, Any]) -> dict[str, Any]:
        """Do `{"do": "start" | "stop" | "status", "options": {…}}`; return the status."""
        wish = members.get("do", "status")
        async with self._lock:
            if wish == "start":
                options = _checked(members.get("options", {}))
                await self._stop()
                await self._start(options)
            elif wish == "stop":
                await self._stop()
            elif wish != "status":
                raise AwsError("BadRequest", f"'do' is start, stop or status, not '{wish}'")
        return self.status()

    def status(self) -> dict[str, Any]:
        process = self._process
        return {
            "configured": bool(self._command),
            "running": process is not None and process.returncode is None,
            "exit": None if process is None else process.returncode,
            "command": [*self._command, *_arguments(self._options)],
            "options": self._options,
            "lines": list(self._lines),
        }

    async def stop(self) -> None:
        async with self._lock:
            await self._stop()

    async def _start(self, options: dict[str, str]) -> None:
        if not self._command:
            raise AwsError("NotConfigured", "the gateway was started without a producer: use `python -m local run`")
        self._options = options
        self._lines.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._command, *_arguments(options),
            env=dict(await asyncio.to_thread(self._environment)),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read(self._process.stdout))

    async def _stop(self) -> None:
        """Ask it to end, and wait while it delivers what it has generated."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if self._reader is not None:
            await self._reader

    async def _read(self, stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        async for line in stream:
            self._lines.append(line.decode("utf-8", "replace").rstrip())


def _checked(options: Any) -> dict[str, str]:
    """Return the options as text; raises AwsError for one that may not be set from outside."""
    if not isinstance(options, dict) or not set(options) <= set(ADJUSTABLE):
        raise AwsError("BadRequest", f"only these options can be set: {', '.join(ADJUSTABLE)}")
    checked = {
        name: "" if value is True else str(value) for name, value in options.items() if value not in (None, False)
    }
    for name, value in checked.items():
        if not _VALUE.fullmatch(value):
            raise AwsError("BadRequest", f"'{value}' is no value for --{name}")
    return checked


def _arguments(options: Mapping[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in ([f"--{name}", value] if value else [f"--{name}"])]


def environment(target: Target, clients: Clients, role_output: str | None) -> dict[str, str]:
    """Return the variables of a producer: the gateway's address, and the credentials that a task of it would have.

    `role_output` names the stack's output with the role's ARN; without it, root's. Blocks. Raises AwsError.
    """
    variables = {name: value for name, value in os.environ.items() if name not in HIDDEN} | target.environment()
    if role_output is None:
        return variables
    try:
        role = outputs(target, None)[role_output]
        opened = clients.session(role, "ecs-tasks.amazonaws.com", "producer", SESSION_SECONDS)
    except KeyError:
        raise AwsError("NotFound", f"the stack has no output {role_output}", status=404) from None
    except (UsageError, RoleRefused) as refusal:
        raise AwsError("AccessDenied", str(refusal), status=403) from None
    return variables | {
        "AWS_ACCESS_KEY_ID": opened.access_key,
        "AWS_SECRET_ACCESS_KEY": opened.secret_key,
        "AWS_SESSION_TOKEN": opened.token,
    }
