"""One execution environment: a process of the runtime client with the function's code, role and limits."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from local.clock import Clock
from local.runtime.api import Invocation, Outcome, RuntimeApi

RESPONSE_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous response: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

INIT_SECONDS = 10
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html, "Init phase"."""

LINE_LIMIT = 1024 * 1024


class Environment:
    """Runs one invocation at a time. Once `broken`, it takes no more."""

    def __init__(self, python: Path, code: Path, handler: str, variables: Mapping[str, str], clock: Clock) -> None:
        self._command = [str(python), "-u", "-m", "awslambdaric", handler]
        self._code = code
        self._variables = variables
        self._clock = clock
        self._api = RuntimeApi()
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self.broken = False
        self.idle_since = clock.now()
        self.lines: list[str] = []
        """What the function has written since `lines` was last taken."""

    async def start(self) -> None:
        address = await self._api.start()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._code,
            env={**self._variables, "AWS_LAMBDA_RUNTIME_API": address},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            start_new_session=True,
        )
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                self._readers.append(asyncio.create_task(self._read(stream)))

    async def invoke(self, invocation: Invocation, timeout: float) -> Outcome:  # noqa: ASYNC109 - the function's own
        """Return what the function answered, or the error document that Lambda would give in its place.

        The time that the module takes to be imported is not the invocation's.
        """
        assert self._process is not None
        died = asyncio.create_task(self._process.wait())
        try:
            await _first(asyncio.create_task(self._api.ready.wait()), died, INIT_SECONDS)
            if self._api.ready.is_set():
                invocation.deadline = self._clock.elsewhere() + timeout
                self._api.give(invocation)
                await _first(invocation.outcome, died, timeout)
        finally:
            died.cancel()
        self.idle_since = self._clock.now()
        if invocation.outcome.done():
            return _within_limit(invocation.outcome.result())
        return await self._give_up(invocation.request_id, timeout)

    async def _give_up(self, request_id: str, timeout: float) -> Outcome:  # noqa: ASYNC109 - reported, not awaited
        assert self._process is not None
        self.broken = True
        status = self._process.returncode
        await self.stop()
        if self._api.init_error is not None:
            return Outcome(self._api.init_error, failed=True)
        if status is None:
            return failure(
                "Sandbox.Timedout",
                f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds",
            )
        how = f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}"
        return failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}")

    async def stop(self) -> None:
        self.broken = True
        self._api.stop()
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        for reader in self._readers:
            with contextlib.suppress(asyncio.TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(reader, 1)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line over the limit; what was read of it is gone
                line = b"[a line of more than 1 MiB was left out]\n"
            if not line:
                return
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def take_lines(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


async def _first(one: "asyncio.Future[Any]", other: "asyncio.Future[Any]", seconds: float) -> None:
    await asyncio.wait({one, other}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _within_limit(outcome: Outcome) -> Outcome:
    if len(outcome.payload) <= RESPONSE_LIMIT:
        return outcome
    message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT + 100} bytes)."
    return failure("Function.ResponseSizeTooLarge", message)


def timed_out(request_id: str, seconds: float) -> Outcome:
    return failure("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds")


def failure(kind: str, message: str) -> Outcome:
    """Return the error document that Lambda gives in place of a function's answer."""
    return Outcome(orjson.dumps({"errorType": kind, "errorMessage": message}), failed=True)
