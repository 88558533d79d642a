"""`python -m local up`: the composition root of the gateway process."""

import asyncio
import contextlib
import functools
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
import uvloop

from local import folder
from local.actions import Actions
from local.alarms.service import AlarmService
from local.athena.caller import CallersClients
from local.athena.service import AthenaService
from local.catalog.athena import AthenaCatalogService
from local.catalog.emulated import EmulatedCatalog
from local.catalog.glue import GlueCatalogService
from local.clients import Clients
from local.clock import Clock
from local.cloudwatch.service import MetricDataService
from local.companion import Companion, environment
from local.console.door import ConsoleDoor
from local.console.process import ConsoleProcess
from local.control import Control
from local.crawler.service import CrawlerService
from local.emulator import ACCOUNT, Emulator
from local.errors import UsageError
from local.faults import Faults
from local.firehose.limits import quota_of
from local.firehose.service import FirehoseService
from local.gateway import Gateway
from local.metrics import Metrics
from local.runtime.service import LambdaService
from local.saving import Saver
from local.target import Target

SWITCH_SECONDS = 0.0005
"""How long a thread at work may keep the event loop waiting; a put would wait for Python's own 5 ms many times over."""

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python's 700 are one put's records: a sixth of the time would go into looking for cycles where there are none."""

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
    sys.setswitchinterval(SWITCH_SECONDS)
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn handles them while it serves, and raises them again when it has: then there is no more to do.
        signal.signal(number, lambda *_: None)
    with folder.claimed(options.state, options.region):
        _log_to(options.state / "gateway.log")
        with (
            _listen(options.port) as listener,
            folder.announced(options.state, listener.getsockname()[1], options.region) as port,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_serve(options, listener, port))


async def _serve(options: Options, listener: socket.socket, port: int) -> None:
    emulator = Emulator(options.state, port, options.region)
    clients = Clients(f"http://127.0.0.1:{port}", options.region, ACCOUNT, emulator.callers)
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
        self._saver = Saver(emulator.documents, emulator.deploying)
        self._tasks: list[asyncio.Task[None]] = []
        target = Target(clients.endpoint, options.region)
        self._companion = Companion(
            options.producer, functools.partial(environment, target, clients, options.role_output)
        )
        self.alarms = AlarmService(clients, clock)
        self.firehose = FirehoseService(
            clients, clock, emulator.delivery_streams(), _folder(options.state / "journals"), self.metrics,
            quota=quota_of(options.quotas) if options.quotas else None, throttling=lambda: self.faults.throttling,
        )  # fmt: skip
        emulator.plan_streams_with(self.firehose.planned)
        self.athena = AthenaService(
            clients=CallersClients(clients, emulator.callers.credentials), clock=clock,
            state=_folder(options.state / "athena"), object_path=emulator.object_path, authorize=emulator.callers.allow,
        )  # fmt: skip
        self.crawlers = CrawlerService(
            clients=clients, clock=clock, definitions=emulator.crawlers(), state=_folder(options.state / "crawls"),
            announce=functools.partial(emulator.events.put, "aws.glue"),
        )  # fmt: skip
        self.console = ConsoleDoor(ConsoleProcess(clients.endpoint, options.region, options.state))
        actions = Actions(self.firehose, emulator.delivery_streams().names, clients, clock)
        control = Control({
            **actions.by_name(), "producer": self._companion.act, "faults": self.faults.act, "alarms": self.alarms.act,
        })  # fmt: skip
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
            self._saver.changed,
        )

    async def start(self) -> None:
        """Begin to work; called once the port answers, because services are clients of the gateway too."""
        loop = asyncio.get_running_loop()
        self._emulator.callers.opened = functools.partial(loop.call_soon_threadsafe, self._saver.changed, "sts")
        await self.functions.start()
        await self.firehose.start()
        await self.athena.start()
        await self.crawlers.start()
        await self.alarms.start()
        self._tasks = [asyncio.create_task(self._saver.run()), asyncio.create_task(self.metrics.publish_forever())]

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


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _log_to(path: Path) -> None:
    logging.basicConfig(
        filename=path, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("local").setLevel(logging.INFO)
