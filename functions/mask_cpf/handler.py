"""The entry point of the function: the one place that reads the environment and the clock, and prints."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress

from .metrics import Tally, embedded_metrics
from .records import transform
from .secret import TokenKey, fetch_secret
from .tokens import UnusableKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Handler = Callable[[dict[str, Any], object], dict[str, Any]]


def build(
    environment: Mapping[str, str],
    *,
    fetch: Callable[[str], str | bytes],
    now: Callable[[], float],
    write: Callable[[str], object],
) -> Handler:
    """Return the handler. `fetch` reads a secret by name, `now` gives epoch seconds, `write` takes one line of log."""
    namespace = environment.get("METRICS_NAMESPACE") or "Signups"
    secret = environment.get("TOKEN_KEY_SECRET", "")

    def warn(message: str, reason: Exception) -> None:
        write(json.dumps({"level": "WARN", "message": message, **described(reason)}))

    key = TokenKey(lambda: fetch(secret), now, warn)

    def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
        tally = Tally()
        answers = transform(event.get("records") or [], key.current(), tally, warn)
        write(
            embedded_metrics(
                tally,
                namespace=namespace,
                delivery_stream=str(event.get("deliveryStreamArn")).rpartition("/")[2],
                timestamp_ms=int(now() * 1000),
            )
        )
        return {"records": answers}

    return handle


def described(error: Exception) -> dict[str, str]:
    """Return the kind of an error for the log, never its text: that may quote a record or a secret."""
    kind = {"error": type(error).__name__}
    if isinstance(error, UnusableKey):
        return {**kind, "reason": str(error)}
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    return {**kind, "code": str(code)} if code else kind


def _print(line: str) -> None:
    # A log that cannot be written must not fail the batch.
    with suppress(OSError):
        print(line, flush=True)


handler = build(os.environ, fetch=fetch_secret, now=time.time, write=_print)
