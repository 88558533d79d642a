"""`python -m local up`: the composition root of the gateway process."""

import asyncio
import contextlib
import functools
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from local.alarms.service import AlarmService
from local.athena.caller import CallersClients
from local.athena.service import AthenaService
from local.catalog.athena import AthenaCatalogService
from local.catalog.emulated import EmulatedCatalog
from local.catalog.glue import GlueCatalogService
from local.clients import Clients, RoleRefused
from local.clock import Clock
from local.cloudwatch.service import MetricDataService
from local.companion import Companion
from local.console.app import console
from local.console.source import Source
from local.control import Control
from local.crawler.service import CrawlerService
from local.emulator import ACCOUNT, Emulator
from local.errors import AwsError, UsageError
from local.faults import Faults
from local.firehose.limits import quota_of
from local.firehose.service import FirehoseService
from local.gateway import Gateway
from local.metrics import Metrics
from local.runtime.service import LambdaService
from local.target import HIDDEN, NOTICE, Target, outputs

SAVE_SECONDS = 0.5
"""From a change of the control plane to its being on disk; the changes within it share one save."""

SWITCH_SECONDS = 0.0005
"""How long a thread at work may keep the event loop waiting; a put would wait for Python's own 5 ms many times over."""

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python's 700 are one put's records: a sixth of the time would go into looking for cycles where there are none."""

TASK_SESSION_SECONDS = 12 * 3600

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What the gateway is started with."""

    port: int
    state: Path
    region: str
    lambda_python: Path
    quotas: str | None = None
    producer: list[str] = field(default_factory=list)
    role_output: str | None = None


def up(options: Options) -> None:
    """Serve until SIGINT or SIGTERM, then drain and stop. Raises UsageError."""
    if not options.lambda_python.exists():
        raise UsageError(f"there is no Python for functions at {options.lambda_python}: run `make setup`")
    options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    _log_to(options.state / "gateway.log")
    sys.setswitchinterval(SWITCH_SECONDS)
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn handles them while it serves, and raises them again when it has: then there is no more to do.
        signal.signal(number, lambda *_: None)
    with (
        _listen(options.port) as listener,
        _announced(options, listener.getsockname()[1]) as port,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(options, listener, port))


async def _serve(options: Options, listener: socket.socket, port: int) -> None:
    emulator = Emulator(options.state, port, options.region)
    clients = Clients(f"http://127.0.0.1:{port}", options.region, ACCOUNT, emulator)
    program = Program(options, emulator, clients, Clock())
    config = uvicorn.Config(
        program.gateway, lifespan="on", log_config=None, access_log=False,
        server_header=False, date_header=False,  # the emulator sends its own
        timeout_keep_alive=75, timeout_graceful_shutdown=10,
    )  # fmt: skip
    await _Server(config, program).serve(sockets=[listener])


class Program:
    """Everything that runs in the gateway process, wired."""

    def __init__(self, options: Options, emulator: Emulator, clients: Clients, clock: Clock) -> None:
        self.faults = Faults()
        self.metrics = Metrics(clients, clock)
        self.functions = LambdaService(
            emulator=emulator, clients=clients, clock=clock, metrics=self.metrics, faults=self.faults,
            python=options.lambda_python, state=_folder(options.state / "functions"),
        )  # fmt: skip
        self._emulator = emulator
        self._clock = clock
        self._dirty = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._clients = clients
        self._target = Target(clients.endpoint, options.region)
        self._role_output = options.role_output
        self._companion = Companion(options.producer, self._producer_environment)
        self.alarms = AlarmService(clients, clock)
        control = Control({
            "flush": self._flush, "clock": self._advance, "session": self._session,
            "producer": self._companion.act, "streams": self._status,
            "faults": self.faults.act, "alarms": self.alarms.act,
        })  # fmt: skip
        self.firehose = FirehoseService(
            clients, clock, emulator.delivery_streams(), _folder(options.state / "journals"), self.metrics,
            quota=quota_of(options.quotas) if options.quotas else None, throttling=lambda: self.faults.throttling,
        )  # fmt: skip
        emulator.plan_streams_with(self.firehose.planned)
        self._streams = emulator.delivery_streams()
        self.athena = AthenaService(
            clients=CallersClients(clients, emulator.credentials), clock=clock, state=_folder(options.state / "athena"),
            object_path=emulator.object_path, authorize=emulator.allow,
        )  # fmt: skip
        self.crawlers = CrawlerService(
            clients=clients, clock=clock, definitions=emulator.crawlers(), state=_folder(options.state / "crawls"),
            announce=functools.partial(emulator.events.put, "aws.glue"),
        )  # fmt: skip
        self.console = console(Source(self._target, None))
        catalog = EmulatedCatalog(emulator.app, options.region, ACCOUNT)
        self.gateway = Gateway(
            emulator,
            [
                self.firehose,
                self.athena,
                self.crawlers,
                MetricDataService(emulator.metrics),
                AthenaCatalogService(catalog),
                GlueCatalogService(catalog),
            ],
            [self.functions, control, self.console],
            self.faults,
            self._dirty.set,
        )

    async def start(self) -> None:
        """Begin to work; called once the port answers, because services are clients of the gateway too."""
        await self.functions.start()
        await self.firehose.start()
        await self.athena.start()
        await self.crawlers.start()
        await self.alarms.start()
        await self.console.start()
        self._tasks = [asyncio.create_task(self._save_forever()), asyncio.create_task(self.metrics.publish_forever())]

    async def stop(self) -> None:
        """Deliver what is buffered and stop, while the port still answers."""
        await self.console.stop()
        await self._companion.stop()
        await self.alarms.stop()
        await self.firehose.stop()
        await self.crawlers.stop()
        await self.athena.stop()
        await self.functions.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.to_thread(self.metrics.publish)

    async def _save_forever(self) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(SAVE_SECONDS)
            self._dirty.clear()
            self._emulator.save()

    async def _flush(self, members: dict[str, Any]) -> dict[str, Any]:
        """Deliver now what the named stream, or every stream, holds; say how many records that were."""
        names = [str(members["stream"])] if "stream" in members else self._streams.names()
        if unknown := set(names) - set(self._streams.names()):
            raise AwsError("NotFound", f"there is no delivery stream {', '.join(unknown)}", status=404)
        return {name: await self.firehose.flush(name) for name in names}

    async def _status(self, _members: dict[str, Any]) -> dict[str, Any]:
        return self.firehose.status()

    async def _session(self, members: dict[str, Any]) -> dict[str, Any]:
        """Give a process on this machine the credentials that ECS would give a task of the role."""
        try:
            role, principal = str(members["role"]), str(members["principal"])
            opened = await asyncio.to_thread(self._clients.session, role, principal, "local")
        except KeyError as missing:
            raise AwsError("BadRequest", f"'session' takes a role and a principal; {missing} is missing") from None
        except RoleRefused as refusal:
            raise AwsError("AccessDenied", str(refusal), status=403) from None
        return asdict(opened)

    def _producer_environment(self) -> dict[str, str]:
        """Return the variables of a producer: the gateway's address, and the role that a task of it would have."""
        variables = {name: value for name, value in os.environ.items() if name not in HIDDEN}
        variables |= self._target.environment()
        if self._role_output is None:
            return variables
        try:
            role = outputs(self._target, None)[self._role_output]
            opened = self._clients.session(role, "ecs-tasks.amazonaws.com", "producer", TASK_SESSION_SECONDS)
        except KeyError:
            raise AwsError("NotFound", f"the stack has no output {self._role_output}", status=404) from None
        except (UsageError, RoleRefused) as refusal:
            raise AwsError("AccessDenied", str(refusal), status=403) from None
        return variables | {
            "AWS_ACCESS_KEY_ID": opened.access_key,
            "AWS_SECRET_ACCESS_KEY": opened.secret_key,
            "AWS_SESSION_TOKEN": opened.token,
        }

    async def _advance(self, members: dict[str, Any]) -> dict[str, Any]:
        try:
            self._clock.advance(float(members.get("advance", 0)))
        except (TypeError, ValueError) as reason:
            raise AwsError("BadRequest", f"'advance' is a number of seconds, not negative: {reason}") from None
        return {"now": self._clock.now()}


class _Server(uvicorn.Server):
    """Starts the program after the port is open, and stops it before the port is closed."""

    def __init__(self, config: uvicorn.Config, program: Program) -> None:
        super().__init__(config)
        self._program = program

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self._program.start()
        gc.freeze()  # what is loaded now stays: the collector need not go through it again and again
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._program.stop()
        await super().shutdown(sockets)


@contextlib.contextmanager
def _listen(port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as reason:
        raise UsageError(
            f"port {port} on 127.0.0.1 is taken ({reason.strerror}): stop what listens there"
            " (`python -m local down`, if it is a gateway of this folder) or choose another with --port"
        ) from None
    with listener:
        yield listener


@contextlib.contextmanager
def _announced(options: Options, port: int) -> Iterator[int]:
    """Leave word of this process in the state folder, for `env` and `down`, while it runs."""
    notice = options.state / NOTICE
    notice.write_text(json.dumps({"pid": os.getpid(), "port": port, "region": options.region}))
    try:
        yield port
    finally:
        notice.unlink(missing_ok=True)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _log_to(path: Path) -> None:
    logging.basicConfig(
        filename=path, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("local").setLevel(logging.INFO)
