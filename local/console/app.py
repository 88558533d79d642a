"""The console as an ASGI door of the gateway, and as a program of its own that reads AWS."""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from nicegui import ui

from local import wire
from local.console.desk import Desk
from local.console.page import show
from local.console.source import Source
from local.control import check_origin
from local.errors import AwsError, UsageError
from local.target import Target

PATH = "/_console"
"""A bucket's name cannot begin with `_`, so no object is hidden by it."""

STYLE = Path(__file__).with_name("style.css")

POLICY_VIOLATION = 1008
"""https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1"""

HEADERS = (
    # Vue compiles the page's templates in the browser, hence 'unsafe-eval'; nothing comes from, or goes to, elsewhere.
    (
        b"content-security-policy",
        (
            b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
            b" img-src 'self' data:; font-src 'self' data:; object-src 'none';"
            b" form-action 'none'; base-uri 'self'; frame-ancestors 'none'"
        ),
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class Console:
    """The door: answers http and websocket requests under `/_console`, between `start` and `stop`."""

    def __init__(self, source: Source) -> None:
        self._desk = Desk(source)
        self._app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        self._running = AsyncExitStack()
        _mount(self._app, self._desk)

    def owns(self, _method: str, path: str) -> bool:
        return path == PATH or path.startswith(f"{PATH}/")

    async def start(self) -> None:
        await self._running.enter_async_context(self._app.router.lifespan_context(self._app))
        await self._desk.feeds.start()

    async def stop(self) -> None:
        await self._desk.feeds.stop()
        await self._running.aclose()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            check_origin(scope)
        except AwsError as error:
            await _refuse(scope, send, error)
            return
        await self._app(scope, receive, _with_headers(send))


def console(source: Source) -> Console:
    """Return the console of one stack. Once per process: NiceGUI has one application per process."""
    return Console(source)


def _mount(app: FastAPI, desk: Desk) -> None:
    ui.add_css(STYLE.read_text(encoding="utf-8"), shared=True)

    @ui.page("/", title="Console", dark=None)
    def page(tab: str = "flow", theme: str = "") -> None:
        show(desk, tab, theme)

    ui.run_with(
        app,
        mount_path=PATH,
        title="Console",
        favicon="🌊",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
        # Signs nothing that outlives the process: the page keeps no user and no session.
        storage_secret=secrets.token_urlsafe(32),
    )


async def _refuse(scope: Any, send: Any, error: AwsError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": error.code})
        return
    await wire.respond(send, error.status, wire.render_error(error), content_type=b"application/json")


def _with_headers(send: Any) -> Any:
    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending


class _Alone:
    """The console as an application of its own, for `serve`."""

    def __init__(self, door: Console) -> None:
        self._door = door

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif self._door.owns("", scope["path"]):
            await self._door(scope, receive, send)
        elif scope["type"] == "http":
            await wire.respond(send, 307, b"", headers={"location": f"{PATH}/"})
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        await self._door.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._door.stop()
        await send({"type": "lifespan.shutdown.complete"})


def serve(target: Target, stack: str | None, port: int, *, read_only: bool = True) -> None:
    """Serve the console on 127.0.0.1 until SIGINT or SIGTERM. Raises UsageError: no such stack, port taken.

    With `local.target.AWS` it reads the user's own account with the usual credentials, and changes nothing there.
    """
    source = Source(target, stack, read_only=read_only)
    source.pipeline()
    server = uvicorn.Server(
        uvicorn.Config(
            _Alone(console(source)), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=3
        )
    )
    try:
        server.run()
    except SystemExit:
        raise UsageError(f"port {port} on 127.0.0.1 is taken: choose another with --port") from None
