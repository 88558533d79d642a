"""Hands ASGI requests on to an HTTP server on a Unix socket, as they are, and its answers back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from local.errors import AwsError

_OF_ONE_CONNECTION = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"trailer"}
"""https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""

_HANDED_ON = {b"origin", b"cookie", b"user-agent"}
"""Headers of a websocket's handshake that are not the handshake itself."""

PATIENCE_SECONDS = 60
"""An answer of a page that is just being started, or of a long poll."""


class Relay:
    """Raises AwsError BadGateway when nobody answers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A connection that waits for its next request may be closed from the other end just as that is sent.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(uds=str(path), limits=limits)

    async def close(self) -> None:
        await self._transport.aclose()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await (self._http if scope["type"] == "http" else self._websocket)(scope, receive, send)

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        timeout = httpx.Timeout(PATIENCE_SECONDS, pool=None).as_dict()
        request = httpx.Request(
            scope["method"], _url("http", scope), headers=_lasting(scope["headers"]), content=_content(scope, receive),
            extensions={"timeout": timeout},
        )  # fmt: skip
        try:
            answer = await self._transport.handle_async_request(request)
        except httpx.HTTPError as reason:
            raise _unanswered(reason) from None
        try:
            headers = _lasting(answer.headers.raw)
            await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()

    async def _websocket(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"] if name in _HANDED_ON]
        try:
            connection = await unix_connect(
                str(self._path), uri=_url("ws", scope), additional_headers=headers, user_agent_header=None,
                compression=None, max_size=None, ping_interval=None, open_timeout=PATIENCE_SECONDS,
            )  # fmt: skip
        except (OSError, TimeoutError, InvalidHandshake) as reason:
            raise _unanswered(reason) from None
        await send({"type": "websocket.accept"})
        up, down = asyncio.ensure_future(_up(receive, connection)), asyncio.ensure_future(_down(connection, send))
        await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        await connection.close()
        await asyncio.gather(up, down, return_exceptions=True)


def _content(scope: Any, receive: Any) -> AsyncIterator[bytes] | None:
    names = {name for name, _ in scope["headers"]}
    return _body(receive) if names & {b"content-length", b"transfer-encoding"} else None


async def _up(receive: Any, connection: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            await connection.send(message["bytes"] if text is None else text)


async def _down(connection: ClientConnection, send: Any) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in connection:
            await send({"type": "websocket.send", "text" if isinstance(message, str) else "bytes": message})
    await send({"type": "websocket.close", "code": connection.close_code or 1000})


def _unanswered(reason: Exception) -> AwsError:
    said = f"the console does not answer ({reason or type(reason).__name__}): see console.log in the gateway's state"
    return AwsError("BadGateway", said, status=502)


async def _body(receive: Any) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        yield message.get("body", b"")


def _url(scheme: str, scope: Any) -> str:
    """Return the URL as it was asked for: its host is what the page checks."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
    return f"{scheme}://{host}{path}{'?' if query else ''}{query}"


def _lasting(headers: Any) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_ONE_CONNECTION]
