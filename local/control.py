"""The gateway's own paths, `/_local/…`: what AWS has no API for. A bucket's name cannot begin with `_`.

A page of another site must not reach them: the Host must be a loopback name (DNS rebinding), and what changes
something must be JSON, which a browser sends across origins only after a preflight that nobody here answers.
"""

from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Any

from local import wire
from local.errors import AwsError

PREFIX = "/_local/"
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}

Action = Callable[[dict[str, Any]], Awaitable[Mapping[str, Any]]]


class Control:
    """The door for `/_local/<action>`; each action takes and gives one JSON object."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = actions

    def owns(self, _method: str, path: str) -> bool:
        return path.startswith(PREFIX)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            check_origin(scope)
            answer = await self._answer(scope, await wire.read_body(receive))
        except AwsError as error:
            await wire.respond(send, error.status, wire.render_error(error), content_type=b"application/json")
        else:
            await wire.respond(send, 200, wire.render(answer), content_type=b"application/json")

    async def _answer(self, scope: Any, body: bytes) -> Mapping[str, Any]:
        name = scope["path"].removeprefix(PREFIX)
        if name == "health":
            return {"status": "running", "ministack": version("ministack")}
        if (action := self._actions.get(name)) is None:
            raise AwsError("NotFound", f"no action '{name}'; there are: health, {', '.join(self._actions)}", status=404)
        if scope["method"] != "POST" or not _is_json(scope):
            raise AwsError("BadRequest", f"'{name}' takes a POST with Content-Type: application/json", status=400)
        return await action(wire.parse_members(body))


def check_origin(scope: Any) -> None:
    """Raise AwsError Forbidden for a request that a page of another site may have caused."""
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1").rpartition(":")[0] or headers.get(b"host", b"").decode("latin-1")
    if host not in LOOPBACK_HOSTS:
        raise AwsError("Forbidden", f"this address answers to loopback names only, not to '{host}'", status=403)
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin and origin.partition("://")[2] != headers.get(b"host", b"").decode("latin-1"):
        raise AwsError("Forbidden", f"requests from the origin '{origin}' are refused", status=403)


def _is_json(scope: Any) -> bool:
    return bool(dict(scope["headers"]).get(b"content-type", b"").startswith(b"application/json"))
