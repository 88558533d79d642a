"""The one door: takes a request, lets the service that owns the operation answer it, passes the rest through.

Before a service of ours sees a call, its signature and the caller's policies are checked.
"""

import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from local import permissions, wire
from local.clients import ROOT_KEY
from local.emulator import ACCOUNT, Emulator
from local.errors import AwsError
from local.faults import Faults

log = logging.getLogger(__name__)

_READS = (
    "Describe", "Get", "List", "Head", "BatchGet", "Lookup", "Filter", "Search", "StartQuery", "StopQuery", "Validate",
)  # fmt: skip
_DATA = frozenset({
    "PutRecord", "PutRecordBatch", "PutMetricData", "PutLogEvents", "PutEvents", "Publish", "PublishBatch",
})  # fmt: skip
"""Operations that leave the control plane as it is: those that start so, and those that only bring data."""

_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")


class Door(Protocol):
    """A part of the URL space that is not JSON-target calls: Lambda's invocations, our own paths, the console."""

    def owns(self, method: str, path: str) -> bool: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Gateway:
    """The ASGI application on the one port."""

    def __init__(
        self,
        emulator: Emulator,
        services: Iterable[wire.Service],
        doors: Iterable[Door],
        faults: Faults,
        changed: Callable[[str], None],
    ) -> None:
        """Tell `changed` of every request that may have changed the control plane: which service it was for."""
        self._emulator = emulator
        self._doors = list(doors)
        self._faults = faults
        self._changed = changed
        self._services = {
            (prefix, operation): service
            for service in services
            for operation in service.operations
            for prefix in TARGETS[service.name]
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._emulator.app(scope, receive, send)
            return
        for door in self._doors:
            if door.owns(scope.get("method", "GET"), scope["path"]):
                await door(scope, receive, send)
                return
        if scope["type"] == "websocket":
            await self._emulator.app(scope, receive, send)
            return
        if self._faults.bucket_denied and _puts_object_in_role(scope):
            await wire.read_body(receive)  # left unread, it would be taken for the connection's next request
            await wire.respond(send, 403, _DENIED_BUCKET, str(uuid.uuid4()), b"application/xml")
            return
        prefix, operation = wire.target(dict(scope["headers"]))
        if (service := self._services.get((prefix, operation))) is not None:
            await self._serve(service, operation, scope, receive, send)
        elif permissions.asks(prefix, operation):
            await self._ask_and_forward(prefix, operation, scope, receive, send)
        else:
            asked = _Asked(receive) if _is_form(scope) else None
            await self._forward(scope, asked or receive, send)
            operation = operation or (asked.action if asked else "")
        if _may_change(scope, operation):
            self._changed(_signed_for(scope)[1])

    async def _serve(self, service: wire.Service, operation: str, scope: Any, receive: Any, send: Any) -> None:
        request_id = str(uuid.uuid4())
        try:
            body = await wire.read_body(receive)
            members = wire.parse_members(body)
            region = region_of(scope) or self._emulator.region
            call = wire.Call(service.name, operation, members, region, wire.NOBODY)
            asked: list[permissions.Question] = [
                (f"{service.name}:{operation}", resource, {}) for resource in service.resources(call)
            ]
            caller = self._emulator.callers.authorize(scope, body, service.name, asked)
            answer = await service.call(wire.Call(service.name, operation, members, region, caller))
        except AwsError as error:
            await wire.respond(send, error.status, wire.render_error(error), request_id)
        except Exception:
            log.exception("%s:%s failed", service.name, operation)
            await wire.respond(
                send,
                500,
                wire.render_error(AwsError("InternalFailure", f"see the log for {request_id}")),
                request_id,
            )
        else:
            await wire.respond(send, 200, wire.render(answer), request_id)

    async def _ask_and_forward(self, prefix: str, operation: str, scope: Any, receive: Any, send: Any) -> None:
        body = await wire.read_body(receive)
        try:
            members = wire.parse_members(body)
            asked = permissions.questions(
                prefix, operation, members, region_of(scope) or self._emulator.region, ACCOUNT
            )
            self._emulator.callers.authorize(scope, body, asked[0][0].partition(":")[0], asked)
        except AwsError as error:
            await wire.respond(send, error.status, wire.render_error(error), str(uuid.uuid4()))
            return
        await self._forward(_as_root(scope), replay(body), send)

    async def _forward(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [*scope["headers"], (b"x-forwarded-proto", b"https")]
        await self._emulator.app({**scope, "headers": headers}, receive, send)


TARGETS: dict[str, tuple[str, ...]] = {
    "firehose": ("Firehose_20150804",),
    "athena": ("AmazonAthena",),
    "glue": ("AWSGlue",),
    "cloudwatch": ("GraniteServiceVersion20100801",),
}
"""The `X-Amz-Target` prefix of each service we answer (botocore, `targetPrefix`)."""


_DENIED_BUCKET = b"<Error><Code>AccessDenied</Code><Message>Access Denied (a fault is switched on)</Message></Error>"


def _puts_object_in_role(scope: Any) -> bool:
    headers = dict(scope["headers"])
    credential = headers.get(b"authorization", b"")
    return (
        scope["method"] in ("PUT", "POST") and b"/s3/aws4_request" in credential and b"x-amz-security-token" in headers
    )


def replay(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Return a `receive` that gives a body already read."""
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def region_of(scope: Any) -> str:
    """Return the region that the request was signed for, or an empty string."""
    return _signed_for(scope)[0]


def _signed_for(scope: Any) -> tuple[str, str]:
    """Return (region, service) of the signature's credential scope, or two empty strings."""
    credential = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition("Credential=")[2]
    parts = credential.partition(",")[0].split("/")
    return (parts[2], parts[3]) if len(parts) == 5 else ("", "")  # noqa: PLR2004 - key/date/region/service/aws4_request


def _as_root(scope: Any) -> Any:
    """Return the scope signed by root: the emulator must not ask its own, wrong, question again."""
    region = region_of(scope)
    credential = f"AWS4-HMAC-SHA256 Credential={ROOT_KEY}/20000101/{region}/local/aws4_request".encode()
    headers = [
        (name, value) for name, value in scope["headers"] if name not in (b"authorization", b"x-amz-security-token")
    ]
    return {**scope, "headers": [*headers, (b"authorization", credential)]}


def _may_change(scope: Any, operation: str) -> bool:
    if operation:
        return operation not in _DATA and not operation.startswith(_READS)
    if _signed_for(scope)[1] == "s3":  # objects are on disk at once, buckets are not
        return bool(scope["method"] != "GET" and scope["path"].strip("/").count("/") == 0)
    return bool(scope["method"] != "GET")  # REST protocols


def _is_form(scope: Any) -> bool:
    return bool(dict(scope["headers"]).get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded"))


class _Asked:
    """A `receive` that notes which action a request of the Query protocol asks for."""

    def __init__(self, receive: wire.Receive) -> None:
        self._receive = receive
        self.action = ""

    async def __call__(self) -> dict[str, Any]:
        message = await self._receive()
        if not self.action and (found := _ACTION.search(message.get("body", b""))):
            self.action = found[1].decode()
        return message
