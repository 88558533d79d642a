"""The Lambda Runtime API, served to one execution environment.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import h11

VERSION = "/2018-06-01/runtime"
READ_SIZE = 256 * 1024


@dataclass(slots=True)
class Invocation:
    """One event on its way into a function, and the outcome on its way back."""

    request_id: str
    payload: bytes
    deadline: float
    """Epoch seconds."""
    function_arn: str
    outcome: "asyncio.Future[Outcome]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(frozen=True, slots=True)
class Outcome:
    payload: bytes
    failed: bool = False


class RuntimeApi:
    """Listens on a port of its own, because the runtime client names its environment by nothing else."""

    def __init__(self) -> None:
        self._invocations: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()
        self.init_error: bytes | None = None
        self.ready = asyncio.Event()
        """Set when the function's module is imported and the runtime asks for its first event."""

    async def start(self) -> str:
        """Return the address for `AWS_LAMBDA_RUNTIME_API`."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Hang up: a process that is gone would be waited for without end."""
        if self._server is not None:
            self._server.close()
        for conversation in self._conversations:
            conversation.cancel()

    def give(self, invocation: Invocation) -> None:
        self._invocations.put_nowait(invocation)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            while (request := await _next_request(connection, reader)) is not None:
                status, headers, body = await self._answer(*request)
                headers = {**headers, "Content-Length": str(len(body))}
                writer.write(connection.send(h11.Response(status_code=status, headers=list(headers.items()))) or b"")
                writer.write(
                    (connection.send(h11.Data(data=body)) or b"") + (connection.send(h11.EndOfMessage()) or b"")
                )
                await writer.drain()
                if connection.our_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            pass  # the environment died; whoever waits for its process sees that
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        if (method, path) == ("GET", f"{VERSION}/invocation/next"):
            self.ready.set()
            return self._event(await self._invocations.get())
        if path == f"{VERSION}/init/error":
            self.init_error = body
        elif self._current is not None and path.startswith(f"{VERSION}/invocation/{self._current.request_id}/"):
            if not self._current.outcome.done():
                self._current.outcome.set_result(Outcome(body, failed=path.endswith("/error")))
        else:
            return 404, {}, b'{"errorMessage": "no such path in the Runtime API", "errorType": "NotFound"}'
        return 202, {}, b'{"status": "OK"}'

    def _event(self, invocation: Invocation) -> tuple[int, Mapping[str, str], bytes]:
        self._current = invocation
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
        }
        return 200, headers, invocation.payload


async def _next_request(connection: Any, reader: asyncio.StreamReader) -> tuple[str, str, bytes] | None:
    """Return (method, path, body) of the next request on the connection, or None at its end."""
    method = path = ""
    chunks: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Request):
            method, path = event.method.decode(), event.target.decode()
        elif isinstance(event, h11.Data):
            chunks.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return method, path, b"".join(chunks)
        else:
            return None
