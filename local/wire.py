"""One API call, taken off the wire, and its answer.

JSON 1.0/1.1 protocols: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from local.errors import AwsError

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed the request."""

    arn: str
    account: str
    access_key: str


NOBODY = Caller("", "", "")
"""The caller of a call not yet authenticated."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service, authenticated and parsed."""

    service: str
    """The endpoint prefix: `firehose`, `athena`, `glue`."""
    operation: str
    """As in the service model: `PutRecordBatch`."""
    parameters: dict[str, Any]
    """The request's members, AWS spelling kept."""
    region: str
    caller: Caller


class Service(Protocol):
    """What the gateway answers itself; every operation not listed passes through to the emulator."""

    name: str
    operations: frozenset[str]

    def resources(self, call: Call) -> list[str]:
        """Return the ARNs on which the caller needs `<name>:<operation>`; the gateway asks before it calls."""

    async def call(self, call: Call) -> Mapping[str, Any] | bytes:
        """Answer one operation: the members of the response, or its JSON ready-made.

        Runs on the event loop: whatever blocks goes to a thread. Raises AwsError.
        """


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of the request."""
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def respond(  # noqa: PLR0917 - the parts of a response
    send: Send,
    status: int,
    body: bytes,
    request_id: str = "",
    content_type: bytes = b"application/x-amz-json-1.1",
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send a whole response."""
    lines = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    lines += [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    if request_id:
        lines.append((b"x-amzn-requestid", request_id.encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


def target(headers: Mapping[bytes, bytes]) -> tuple[str, str]:
    """Return (`Firehose_20150804`, `PutRecord`) from `X-Amz-Target`, or two empty strings."""
    prefix, _, operation = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")
    return prefix, operation


def parse_members(body: bytes) -> dict[str, Any]:
    """Return the request's members; raises AwsError SerializationException."""
    try:
        members = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as reason:
        raise AwsError("SerializationException", f"the request body is not JSON: {reason}") from None
    if not isinstance(members, dict):
        raise AwsError("SerializationException", "the request body is not a JSON object")
    return members


def render(answer: Mapping[str, Any] | bytes) -> bytes:
    return answer if isinstance(answer, bytes) else orjson.dumps(answer, default=_epoch_seconds)


def render_error(error: AwsError) -> bytes:
    return orjson.dumps({"__type": error.code, "message": error.message, **error.members})


def _epoch_seconds(value: Any) -> Any:
    if hasattr(value, "timestamp"):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no JSON form on the wire")
