"""Invoke: which environment takes an event, and what the caller is told.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import asyncio
import base64
import logging
import os
import re
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from local import wire
from local.clients import Clients, RoleRefused
from local.clock import Clock
from local.emulator import ACCOUNT, Emulator
from local.errors import AwsError
from local.faults import Faults
from local.metrics import Metrics
from local.runtime.api import Invocation, Outcome
from local.runtime.environment import Environment, failure, timed_out
from local.runtime.functions import Function, Functions
from local.runtime.logs import FunctionLogs

log = logging.getLogger(__name__)

REQUEST_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous request: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

CONCURRENCY = 10
"""Environments of one function at a time; AWS gives a new account as many for all its functions."""

IDLE_SECONDS = 300
SESSION_SECONDS = 12 * 3600
ASYNC_RETRIES = 2

_PATH = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/invocations/?$")
_NAME = re.compile(
    r"^(?:arn:aws:lambda:[^:]+:\d{12}:function:|(?:\d{12}:)?(?:function:)?)?(?P<name>[\w-]{1,140})(?::(?P<qualifier>[\w$-]+))?$"
)


class LambdaService:
    """The door for invocations; everything else of Lambda's API is the emulator's."""

    def __init__(
        self,
        *,
        emulator: Emulator,
        clients: Clients,
        clock: Clock,
        metrics: Metrics,
        faults: Faults,
        python: Path,
        state: Path,
    ) -> None:
        """`python` is an interpreter that has awslambdaric and boto3; `state` takes the unpacked code."""
        self._emulator = emulator
        self._clients = clients
        self._clock = clock
        self._metrics = metrics
        self._faults = faults
        self._python = python
        self._functions = Functions(clients, state)
        self._logs = FunctionLogs(clients, clock, metrics)
        self._idle: dict[str, list[Environment]] = defaultdict(list)
        self._running: dict[str, int] = defaultdict(int)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._keep(self._reap())
        self._keep(self._logs.ship_forever())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for environments in self._idle.values():
            for environment in environments:
                await environment.stop()
        self._idle.clear()
        await asyncio.to_thread(self._logs.ship)

    def owns(self, method: str, path: str) -> bool:
        return method == "POST" and _PATH.match(path) is not None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request_id = str(uuid.uuid4())
        try:
            status, headers, body = await self._invoke(scope, await wire.read_body(receive), request_id)
        except AwsError as error:
            status, body = error.status, wire.render_error(error)
            headers = {"x-amzn-errortype": error.code}
        await wire.respond(send, status, body, request_id, b"application/json", headers)

    async def _invoke(self, scope: Any, payload: bytes, request_id: str) -> tuple[int, dict[str, str], bytes]:
        name, qualifier = _which(scope)
        headers = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
        arn = f"arn:aws:lambda:{self._emulator.region}:{ACCOUNT}:function:{name}" + (
            f":{qualifier}" if qualifier else ""
        )
        self._emulator.callers.authorize(scope, payload, "lambda", [("lambda:InvokeFunction", arn, {})])
        function = await asyncio.to_thread(self._functions.find, name, qualifier)
        if len(payload) > REQUEST_LIMIT:
            raise AwsError(
                "RequestTooLargeException",
                f"Request must be smaller than {REQUEST_LIMIT} bytes for the InvokeFunction operation", status=413,
            )  # fmt: skip
        kind = headers.get("x-amz-invocation-type", "RequestResponse")
        if kind == "DryRun":
            return 204, {}, b""
        if kind == "Event":
            self._keep(self._run_later(function, payload or b"{}", request_id))
            return 202, {}, b""
        outcome, tail = await self.run(function, payload or b"{}", request_id)
        answer = {"X-Amz-Executed-Version": function.version}
        if outcome.failed:
            answer["X-Amz-Function-Error"] = "Unhandled"
        if headers.get("x-amz-log-type") == "Tail":
            answer["X-Amz-Log-Result"] = base64.b64encode(tail.encode()[-4096:]).decode()
        return 200, answer, outcome.payload

    async def run(self, function: Function, payload: bytes, request_id: str) -> tuple[Outcome, str]:
        """Run one event in an environment; return the outcome and the log lines that came with it.

        Raises AwsError TooManyRequestsException.
        """
        began = self._clock.now()
        outcome, lines = await self._faulty(function, request_id) or await self._healthy(function, payload, request_id)
        milliseconds = (self._clock.now() - began) * 1000
        self._measure(function.name, milliseconds, failed=outcome.failed)
        return outcome, self._logs.add(function, request_id, lines, milliseconds)

    async def _healthy(self, function: Function, payload: bytes, request_id: str) -> tuple[Outcome, list[str]]:
        environment = await self._take(function)
        invocation = Invocation(request_id, payload, self._clock.now() + function.timeout, function.arn)
        try:
            outcome = await environment.invoke(invocation, function.timeout)
        finally:
            await self._give_back(function, environment)
        return outcome, environment.take_lines()

    async def _faulty(self, function: Function, request_id: str) -> tuple[Outcome, list[str]] | None:
        if self._faults.function_slow:
            await self._clock.sleep(function.timeout)
            return timed_out(request_id, function.timeout), []
        if self._faults.function_fails:
            return failure("Fault", "switched on: the function fails"), []
        return None

    async def _run_later(self, function: Function, payload: bytes, request_id: str) -> None:
        """Run an asynchronous invocation: tried again one, then two minutes later, as Lambda does by default."""
        for attempt in range(ASYNC_RETRIES + 1):
            await self._clock.sleep(60 * attempt)
            outcome, _ = await self.run(function, payload, request_id)
            if not outcome.failed:
                return
        log.warning("%s failed an asynchronous event %d times; the event is dropped", function.name, ASYNC_RETRIES + 1)

    def _measure(self, name: str, milliseconds: float, *, failed: bool) -> None:
        dimensions = {"FunctionName": name}
        self._metrics.add("AWS/Lambda", dimensions, "Invocations", 1, "Count")
        self._metrics.add("AWS/Lambda", dimensions, "Errors", int(failed), "Count")
        self._metrics.add("AWS/Lambda", dimensions, "Duration", milliseconds, "Milliseconds")
        self._metrics.add("AWS/Lambda", dimensions, "ConcurrentExecutions", self._running[name] + 1, "Count")

    async def _take(self, function: Function) -> Environment:
        if self._running[function.name] >= CONCURRENCY:
            self._metrics.add("AWS/Lambda", {"FunctionName": function.name}, "Throttles", 1, "Count")
            raise AwsError(
                "TooManyRequestsException",
                "Rate Exceeded.",
                status=429,
                Reason="ConcurrentInvocationLimitExceeded",
            )
        self._running[function.name] += 1
        try:
            if waiting := self._idle[function.revision]:
                return waiting.pop()
            return await self._new(function)
        except BaseException:
            self._running[function.name] -= 1
            raise

    async def _new(self, function: Function) -> Environment:
        try:
            credentials = await asyncio.to_thread(
                self._clients.session, function.role, "lambda.amazonaws.com", function.name, SESSION_SECONDS
            )
        except RoleRefused:
            message = "The role defined for the function cannot be assumed by Lambda."
            raise AwsError("AccessDeniedException", message, status=403) from None
        stream = f"{self._clock.now_utc():%Y/%m/%d}/[{function.version}]{uuid.uuid4().hex}"
        variables = {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": "/tmp",  # noqa: S108 - a function's one writable folder is /tmp
            "AWS_REGION": self._emulator.region,
            "AWS_DEFAULT_REGION": self._emulator.region,
            "AWS_ENDPOINT_URL": self._clients.endpoint,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python",
            "LAMBDA_TASK_ROOT": str(function.code),
            "_HANDLER": function.handler,
            **function.variables,
        }
        environment = Environment(self._python, function.code, function.handler, variables, self._clock)
        await environment.start()
        return environment

    async def _give_back(self, function: Function, environment: Environment) -> None:
        self._running[function.name] -= 1
        if not environment.broken:
            self._idle[function.revision].append(environment)

    async def _reap(self) -> None:
        """Stop environments that nobody needed for a while: old revisions among them."""
        while True:
            await self._clock.sleep(IDLE_SECONDS / 5)
            for revision, environments in list(self._idle.items()):
                stale = [each for each in environments if self._clock.now() - each.idle_since > IDLE_SECONDS]
                self._idle[revision] = [each for each in environments if each not in stale]
                for environment in stale:
                    await environment.stop()

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _which(scope: Any) -> tuple[str, str | None]:
    """Return (function name, qualifier) from the path and query; raises AwsError ValidationException."""
    path = _PATH.match(scope["path"])
    named = unquote(path["name"]) if path else ""
    found = _NAME.match(named)
    if found is None:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{named}' at 'functionName' is not a function",
        )
    query = parse_qs(scope.get("query_string", b"").decode())
    return found["name"], query.get("Qualifier", [found["qualifier"]])[0]
