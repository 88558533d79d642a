"""Athena's service in the test's own process, over a gateway's buckets: its clock and its state are ours."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.athena.service import AthenaService
from local.clients import Clients
from local.clock import Clock
from local.wire import NOBODY, Call
from tests.conftest import Gateway

ACCOUNT = "000000000000"


class Standalone:
    """Asks one service, one call at a time."""

    def __init__(self, service: AthenaService, runner: asyncio.Runner) -> None:
        self._service = service
        self._runner = runner

    def call(self, operation: str, **members: Any) -> Any:
        return self._runner.run(self._service.call(Call("athena", operation, members, "us-east-1", NOBODY)))

    def run(self, sql: str, database: str, output: str) -> dict[str, Any]:
        """Run a statement to its end and return its execution."""
        identifier = self.call(
            "StartQueryExecution", QueryString=sql, QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": output},
        )["QueryExecutionId"]  # fmt: skip
        while True:
            execution: dict[str, Any] = self.call("GetQueryExecution", QueryExecutionId=identifier)["QueryExecution"]
            if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return execution
            self._runner.run(asyncio.sleep(0.005))


@contextlib.contextmanager
def standalone(gateway: Gateway, state: Path, clock: Clock) -> Iterator[Standalone]:
    """Start the service with its state in a folder; stop it at the end."""
    objects = gateway.state / "objects" / ACCOUNT
    clients = Clients(gateway.endpoint, "us-east-1", ACCOUNT, roles=None)  # type: ignore[arg-type]  # none is assumed
    with asyncio.Runner() as runner:

        async def made() -> AthenaService:
            service = AthenaService(
                clients=clients, clock=clock, state=state, object_path=lambda bucket, key: objects / bucket / key
            )
            await service.start()
            return service

        service = runner.run(made())
        try:
            yield Standalone(service, runner)
        finally:
            runner.run(service.stop())
