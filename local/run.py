"""`run`: the whole pipeline for as long as one command runs, and then the audit's verdict.

Gateway, deployment, the command (a producer) with the role that the stack made for it, a first answer from Athena,
the command's own progress; on Ctrl-C or at the end of the time the command is asked to stop, everything buffered is
delivered, and the audit says whether anything was lost.
"""

import contextlib
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from rich.console import Console
from rich.markup import escape

from local import ask
from local.deploy import deploy
from local.errors import UsageError
from local.target import Target, running

START_SECONDS = 60
POLL_SECONDS = 1

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 150
"""A producer may use the two minutes that Fargate gives it (ECS, `stopTimeout`), and some more to report."""

SETTLE_SECONDS = 60
"""For what was flushed to become queryable before something is called lost."""


@dataclass(frozen=True)
class Plan:
    """What `run` was asked to do."""

    state: Path
    port: int
    region: str
    sam: Path
    template: Path
    environment: str
    command: list[str]
    seconds: float | None = None
    query: str | None = None
    audit: str | None = None
    role_output: str | None = None
    gateway_options: list[str] = field(default_factory=list)


def run(plan: Plan, console: Console) -> int:
    """Carry the plan out; return 0, or 1 if the audit found something lost or the command failed."""
    stopping = Event()
    with _signals(stopping), _gateway(plan, console) as target:
        if stopping.is_set():
            return 0
        with console.status(f"deploying {plan.template} with sam deploy"):
            began = time.monotonic()
            deploy(
                target, sam=plan.sam, template=plan.template, environment=plan.environment,
                extra=[], log=plan.state / "deploy.log",
            )  # fmt: skip
        console.print(f"[green]✓[/] {plan.template} deployed in {time.monotonic() - began:.1f} s")
        console.print(f"  console    {target.endpoint}/_console/")
        console.print('  any client eval "$(python -m local env)"  (aws, boto3, pyathena, …)')
        status, answered = _produce(plan, target, stopping, console)
        with console.status("delivering what is buffered"):
            target.act("flush")
        if plan.query and not answered:
            _first_answer(plan.query, target, console)
        return max(status, _verdict(plan, target, console)) if plan.audit else status


@contextlib.contextmanager
def _signals(stopping: Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM ask for an orderly end; a second Ctrl-C ends at once."""

    def ask_to_stop(number: int, _frame: object) -> None:
        if stopping.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopping.set()

    before = {number: signal.signal(number, ask_to_stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _gateway(plan: Plan, console: Console) -> Iterator[Target]:
    """Start a gateway with the command beside it, and stop both at the end."""
    if (busy := running(plan.state)) is not None:
        raise UsageError(
            f"a gateway runs already with its state in {plan.state} ({busy.endpoint}): `python -m local down`"
        )
    command = [sys.executable, "-m", "local", "up", "--port", str(plan.port), "--state", str(plan.state)]
    command += ["--region", plan.region, *plan.gateway_options]
    if plan.role_output:
        command += ["--role-output", plan.role_output]
    with console.status("starting the local AWS"):
        process = subprocess.Popen(
            [*command, "--", *plan.command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True, text=True,
        )  # fmt: skip
        target = _wait_for_gateway(plan, process)
    console.print(f"[green]✓[/] local AWS at {target.endpoint} (state in {plan.state})", highlight=False)
    try:
        yield target
    finally:
        process.terminate()
        with console.status("stopping the local AWS"):
            process.wait(STOP_SECONDS)


def _wait_for_gateway(plan: Plan, process: "subprocess.Popen[str]") -> Target:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (target := running(plan.state)) is not None:
            return target
        if process.poll() is not None:
            said = (process.stderr.read() if process.stderr else "").strip()
            raise UsageError(said.removeprefix("error: ") or f"the gateway ended at once: see {plan.state}/gateway.log")
        time.sleep(0.1)
    process.terminate()
    raise UsageError(f"the gateway did not answer within {START_SECONDS} s: see {plan.state}/gateway.log")


def _produce(plan: Plan, target: Target, stopping: Event, console: Console) -> tuple[int, bool]:
    """Let the command run until its time is over or somebody asks to stop.

    Return its exit status, and whether the first question was answered meanwhile.

    Meanwhile anybody may stop and start it anew on the console; its own end (`--total`) is an end too.
    """
    news = _News(console)
    status = target.act("producer", do="start")
    console.print(f"[green]✓[/] running {shlex.join(status['command'])}", highlight=False)
    deadline = time.monotonic() + plan.seconds if plan.seconds else float("inf")
    answered = plan.query is None
    with console.status("waiting for the first rows to be queryable") as line:
        while not stopping.wait(POLL_SECONDS) and time.monotonic() < deadline:
            status = target.act("producer")
            latest = news.of(status["lines"])
            answered = answered or _first_answer(str(plan.query), target, console)
            if answered:
                line.update(f"{latest}   [dim](Ctrl-C stops everything cleanly)[/]")
            if status["exit"] not in (None, 0):
                break
        line.update("stopping: the producer delivers what it has generated")
        status = target.act("producer", do="stop")
    news.of(status["lines"])
    if console.is_terminal:
        console.print("\n".join(status["lines"][-1:]), highlight=False, markup=False)
    return (0 if status["exit"] == 0 else 1), answered


class _News:
    """The command's lines: in a terminal the last one is its news, elsewhere all of them are written."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seen: list[str] = []

    def of(self, lines: list[str]) -> str:
        """Take the lines it has kept, write what is new where nobody watches, return the last."""
        if not self._console.is_terminal:
            known = self._seen[-1] if self._seen else None
            fresh = lines[lines.index(known) + 1 :] if known in lines else lines
            for line in fresh:
                self._console.print(line, highlight=False, soft_wrap=True, markup=False)
        self._seen = lines
        return escape(lines[-1]) if lines else ""


def _first_answer(query: str, target: Target, console: Console) -> bool:
    answer = ask.ask(target, query)
    if not answer.rows:
        return False
    console.print(f"\n[bold]Athena answers[/] {query}")
    console.print(ask.table(answer))
    return True


def _verdict(plan: Plan, target: Target, console: Console) -> int:
    """Ask the audit until nothing is missing or the time to settle is over, and say what it found."""
    deadline = time.monotonic() + SETTLE_SECONDS
    with console.status("auditing"):
        answer = ask.ask(target, str(plan.audit))
        while (ask.lost(answer) or not answer.rows) and time.monotonic() < deadline:
            time.sleep(1)
            answer = ask.ask(target, str(plan.audit))
    console.print(ask.table(answer))
    missing = ask.lost(answer)
    console.print(f"[bold {'red' if missing else 'green'}]lost {missing}[/]", highlight=False)
    return 1 if missing or not answer.rows else 0
