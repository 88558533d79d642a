"""What the gateway does on its own paths (`local.control`): what AWS has no API for."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from local.clients import Clients, RoleRefused
from local.clock import Clock
from local.control import Action
from local.errors import AwsError
from local.firehose.service import FirehoseService


class Actions:
    """Actions on streams, sessions and the clock; each takes and gives one JSON object and raises AwsError."""

    def __init__(
        self, firehose: FirehoseService, streams: Callable[[], list[str]], clients: Clients, clock: Clock
    ) -> None:
        """`streams` names those that there are."""
        self._firehose = firehose
        self._streams = streams
        self._clients = clients
        self._clock = clock

    def by_name(self) -> dict[str, Action]:
        return {"flush": self.flush, "clock": self.advance, "session": self.session, "streams": self.status}

    async def flush(self, members: dict[str, Any]) -> dict[str, Any]:
        """Deliver now what the named stream, or every stream, holds; say how many records that were."""
        known = self._streams()
        names = [str(members["stream"])] if "stream" in members else known
        if unknown := set(names) - set(known):
            raise AwsError("NotFound", f"there is no delivery stream {', '.join(unknown)}", status=404)
        return {name: await self._firehose.flush(name) for name in names}

    async def status(self, _members: dict[str, Any]) -> dict[str, Any]:
        return self._firehose.status()

    async def session(self, members: dict[str, Any]) -> dict[str, Any]:
        """Give a process on this machine the credentials that ECS would give a task of the role."""
        try:
            role, principal = str(members["role"]), str(members["principal"])
            opened = await asyncio.to_thread(self._clients.session, role, principal, "local")
        except KeyError as missing:
            raise AwsError("BadRequest", f"'session' takes a role and a principal; {missing} is missing") from None
        except RoleRefused as refusal:
            raise AwsError("AccessDenied", str(refusal), status=403) from None
        return asdict(opened)

    async def advance(self, members: dict[str, Any]) -> dict[str, Any]:
        try:
            self._clock.advance(float(members.get("advance", 0)))
        except (TypeError, ValueError) as reason:
            raise AwsError("BadRequest", f"'advance' is a number of seconds, not negative: {reason}") from None
        return {"now": self._clock.now()}
