"""The console as an ASGI application: the page, for viewers on this machine only."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from nicegui import ui

from local import wire
from local.console.desk import Desk
from local.console.door import HEADERS, PATH, owns, refuse
from local.console.page.layout import show
from local.console.source import Source
from local.control import check_origin
from local.errors import AwsError

STYLE = Path(__file__).parent / "page" / "style.css"

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class Console:
    """The application. Once per process: NiceGUI has one application per process."""

    def __init__(self, source: Source) -> None:
        self._desk = Desk(source)
        self._app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        _mount(self._app, self._desk)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            check_origin(scope)
        except AwsError as error:
            await refuse(scope, send, error)
            return
        if owns(scope["path"]):
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await wire.respond(send, 307, b"", headers={"location": f"{PATH}/"})
        else:
            await refuse(scope, send, AwsError("NotFound", f"the console is at {PATH}/", status=404))

    async def _live(self, receive: Any, send: Any) -> None:
        async with self._app.router.lifespan_context(self._app):
            await receive()
            await self._desk.feeds.start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._desk.feeds.stop()
        await send({"type": "lifespan.shutdown.complete"})


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


def _with_headers(send: Any) -> Any:
    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending
