"""Keeps the state on disk half a second behind the control plane, without getting in the way of requests."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

SAVE_SECONDS = 0.5
"""From a change of the control plane to its being on disk; the changes within it share one save."""

_ATTEMPTS = 3
"""At taking all documents between two changes, with requests served in between; then they are taken at one go."""

_OWN = {
    "athena": "athena", "ecr": "ecr", "events": "eventbridge", "firehose": "firehose", "glue": "glue", "iam": "iam",
    "kms": "kms", "logs": "cloudwatch_logs", "monitoring": "cloudwatch", "s3": "s3",
    "secretsmanager": "secretsmanager", "sns": "sns", "sts": "sts",
}  # fmt: skip
"""The document of a service, by the name it is signed for, that changes no other; others may change any."""

log = logging.getLogger(__name__)


class Documents(Protocol):
    """What is saved; the emulator's."""

    def names(self) -> list[str]: ...

    def render(self, name: str) -> bytes | None: ...

    def write(self, rendered: Mapping[str, bytes | None]) -> list[str]: ...


class Saver:
    """Saves what may have changed."""

    def __init__(self, documents: Documents, deploying: Callable[[], bool]) -> None:
        """`deploying` says whether a stack is still changing things that nobody asks for one by one."""
        self._documents = documents
        self._deploying = deploying
        self._pending: set[str] = set()
        self._changes = 0
        self._woken = asyncio.Event()

    def changed(self, service: str) -> None:
        """Note that a request to the service (its signing name) may have changed something. On the event loop."""
        self._pending |= {_OWN[service]} if service in _OWN else set(self._documents.names())
        self._changes += 1
        self._woken.set()

    async def run(self) -> None:
        """Save whenever something has changed, for ever."""
        while True:
            await self._woken.wait()
            await asyncio.sleep(SAVE_SECONDS)
            self._woken.clear()
            await self._save()
            if self._deploying():
                self.changed("cloudformation")

    async def _save(self) -> None:
        names, self._pending = self._pending, set()
        try:
            rendered = await self._render(names)
            await asyncio.to_thread(self._documents.write, rendered)
        except (OSError, RuntimeError) as reason:  # RuntimeError: a thread changed what was being rendered
            self._pending |= names
            log.error("the control plane was not saved, the next change tries again: %s", reason)  # noqa: TRY400

    async def _render(self, names: set[str]) -> dict[str, bytes | None]:
        """Return the documents as they were at one moment, and with them those that change meanwhile."""
        for _ in range(_ATTEMPTS):
            before, rendered = self._changes, {}
            for name in sorted(names):
                rendered[name] = self._documents.render(name)
                await asyncio.sleep(0)
            if self._changes == before:
                return rendered
            names |= self._pending
        return {name: self._documents.render(name) for name in names}
