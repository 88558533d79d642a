"""What every delivery stream shares: clock, clients, threads, metrics."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from local.clients import Clients
from local.clock import Clock
from local.firehose.errorlog import PRINCIPAL, SESSION, ErrorLog
from local.firehose.randomness import Randomness
from local.metrics import NamedMetrics

STALE_CREDENTIALS = frozenset({
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken",
    "UnrecognizedClientException",
})  # fmt: skip
"""Only these are worth a new client: making one costs tens of milliseconds."""

P = ParamSpec("P")
T = TypeVar("T")

RETENTION_SECONDS = 24 * 3600.0
"""How long Direct PUT data is kept while its destination refuses it."""


@dataclass(frozen=True, slots=True)
class Plant:
    """Handed down to whatever needs any of it."""

    clients: Clients
    clock: Clock
    random: Randomness
    pool: ThreadPoolExecutor
    metrics: NamedMetrics
    errors: ErrorLog
    account: str
    region: str
    retention: float = RETENTION_SECONDS

    async def thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function in a worker thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, lambda: function(*args, **kwargs))

    def client(self, service: str, role_arn: str) -> Any:
        """Return a client in the stream's role. Blocks; raises RoleRefused."""
        return self.clients.in_role(service, role_arn, PRINCIPAL, SESSION)

    def refused(self, role_arn: str, code: str) -> None:
        """Take note of an error code: stale credentials are dropped, so that the next attempt gets new ones."""
        if code in STALE_CREDENTIALS:
            self.clients.forget(role_arn)

    def now_ms(self) -> int:
        return int(self.clock.now() * 1000)


def back_off(attempt: int, first: float, longest: float) -> float:
    """Return the seconds to wait after the `attempt`-th failure (1, 2, …)."""
    return float(min(longest, first * 2 ** min(attempt - 1, 30)))
