"""The gateway's door to the console, which is a process of its own: the data plane shares no interpreter with a page.

The process is started by the first visit and hears nobody but the gateway, on a socket in a folder of its own.
"""

from typing import Any

from local import wire
from local.console.process import ConsoleProcess
from local.console.relay import Relay
from local.control import check_origin
from local.errors import AwsError

PATH = "/_console"
"""A bucket's name cannot begin with `_`, so no object is hidden by it."""

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
"""Of every answer that the page gives."""


class ConsoleDoor:
    """Hands http and websocket requests under `/_console` on to the console's process."""

    def __init__(self, process: ConsoleProcess) -> None:
        self._process = process
        self._relay = Relay(process.socket)

    def owns(self, _method: str, path: str) -> bool:
        return owns(path)

    async def stop(self) -> None:
        await self._process.stop()
        await self._relay.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            check_origin(scope)  # before anything is started for it
            await self._process.ensure()
            await self._relay(scope, receive, send)
        except AwsError as error:
            await refuse(scope, send, error)


def owns(path: str) -> bool:
    return path == PATH or path.startswith(f"{PATH}/")


async def refuse(scope: Any, send: Any, error: AwsError) -> None:
    """Answer with what was wrong."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": error.code})
    else:
        await wire.respond(send, error.status, wire.render_error(error), content_type=b"application/json")
