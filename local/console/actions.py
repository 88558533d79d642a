"""The gateway's own actions (`POST /_local/<action>`), for what AWS has no API for.

What the page uses, JSON in and out; one that the gateway does not have is shown as such, not as an error:

- `flush {"stream": NAME}` gives `{NAME: records}`: what was delivered at once.
- `clock {"advance": 0}` gives `{"now": epoch seconds}`.
- `faults {NAME: true|false, …}` gives all of them: `{NAME: on}`.
- `producer {"do": "status"|"start"|"stop", "options": {"rate": 50, …}}` gives `configured`, `running`, `exit`,
  `command` (its words), `options`, `lines` (what it printed last).
- `streams {}` gives `{NAME: {…}}`, with totals since the gateway started:
  `accepted {records, bytes}`, `throttled`, `delivered {records, objects}`, `failed {records}`, `retries`, and
  `transform` and `destination`, each `{"bytes": held, "records": held, "flush_in": seconds or null}`.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx

from local.errors import LocalError

SECONDS = 150
"""A producer that is stopped may use the two minutes that Fargate would give it."""


class Refused(LocalError):
    """The gateway did not do it; the text says why, in its words."""


class Missing(Refused):
    """This gateway, or AWS, has no such action."""


@dataclass
class Actions:
    """Calls the actions of the gateway at `endpoint`; with None (AWS) every one of them is missing. Blocks."""

    endpoint: str | None
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=SECONDS, trust_env=False))

    def do(self, action: str, **members: Any) -> dict[str, Any]:
        """Do one action; raises Refused and Missing."""
        if self.endpoint is None:
            raise Missing(f"'{action}' belongs to the local gateway; this page reads AWS")
        try:
            answer = self._client.post(f"{self.endpoint}/_local/{action}", json=members)
            body = answer.json()
        except (httpx.HTTPError, ValueError) as reason:
            raise Refused(f"the gateway did not answer '{action}': {reason}") from None
        if answer.is_success:
            return dict(body)
        message = str(body.get("message", answer.text))
        raise (Missing if message.startswith("no action") else Refused)(message)
