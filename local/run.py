"""`run`: the whole pipeline for as long as one command runs, and then the audit's verdict.

Gateway, deployment, the command (a producer) with the role that the stack made for it, a first answer from Athena,
the command's own progress; on Ctrl-C or at the end of the time the command is asked to stop, everything buffered is
delivered, and the audit says whether anything was lost.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from rich.console import Console

from local import ask
from local.deploy import deploy
from local.errors import UsageError
from local.target import HIDDEN, Target, outputs, running

START_SECONDS = 60
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
        status = _produce(plan, target, stopping, console)
        return max(status, _verdict(plan, target, console)) if plan.audit else status


@contextlib.contextmanager
def _signals(stopping: Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM ask for an orderly end; a second Ctrl-C ends at once."""

    def ask_to_stop(number: int, _frame: object) -> None:
        if stopping.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopping.set()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _gateway(plan: Plan, console: Console) -> Iterator[Target]:
    """Use the gateway that runs, or start one and stop it again."""
    if (target := running(plan.state)) is not None:
        console.print(f"[green]✓[/] using the gateway at {target.endpoint} that runs already")
        yield target
        return
    command = [sys.executable, "-m", "local", "up", "--port", str(plan.port), "--state", str(plan.state)]
    with console.status("starting the local AWS"):
        process = subprocess.Popen(
            [*command, "--region", plan.region, *plan.gateway_options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, text=True,
        )  # fmt: skip
        target = _wait_for_gateway(plan, process)
    console.print(f"[green]✓[/] local AWS at {target.endpoint} (state in {plan.state})")
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


def _produce(plan: Plan, target: Target, stopping: Event, console: Console) -> int:
    """Run the command until it ends, its time is over or somebody asks to stop; return its exit status."""
    process = subprocess.Popen(
        plan.command, env=_environment(plan, target), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, text=True, bufsize=1,
    )  # fmt: skip
    lines = _Lines(process, console)
    console.print(f"[green]✓[/] running {' '.join(plan.command)}")
    deadline = time.monotonic() + plan.seconds if plan.seconds else float("inf")
    answered = plan.query is None
    next_try = time.monotonic() + 2
    with console.status("waiting for the first rows to be queryable") as status:
        while process.poll() is None and not stopping.is_set() and time.monotonic() < deadline:
            if not answered and time.monotonic() > next_try:
                answered = _first_answer(str(plan.query), target, console)
                next_try = time.monotonic() + 1
            if answered:
                status.update(f"{lines.last}   (Ctrl-C stops everything cleanly)")
            time.sleep(0.2)
        if process.poll() is None:
            status.update("stopping: the producer delivers what it has generated")
            process.terminate()
        code = process.wait(STOP_SECONDS)
        lines.thread.join(5)
    console.print(lines.last, highlight=False)
    return 0 if code == 0 else 1


class _Lines:
    """The lines that the command writes: the last one is its news, in a terminal; elsewhere all of them are."""

    def __init__(self, process: "subprocess.Popen[str]", console: Console) -> None:
        self.last = ""
        self._process = process
        self._console = console
        self.thread = Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if text := line.rstrip():
                self.last = text
                if not self._console.is_terminal:
                    self._console.print(text, highlight=False, soft_wrap=True)


def _environment(plan: Plan, target: Target) -> dict[str, str]:
    """Return the command's variables: the gateway's, and credentials in the role that a task would have."""
    variables = {name: value for name, value in os.environ.items() if name not in HIDDEN} | target.environment()
    if plan.role_output:
        stack = outputs(target, None)
        if plan.role_output not in stack:
            raise UsageError(f"the stack has no output {plan.role_output} to take the command's role from")
        session = target.act("session", role=stack[plan.role_output], principal="ecs-tasks.amazonaws.com")
        variables |= {
            "AWS_ACCESS_KEY_ID": session["access_key"],
            "AWS_SECRET_ACCESS_KEY": session["secret_key"],
            "AWS_SESSION_TOKEN": session["token"],
        }
    return variables


def _first_answer(query: str, target: Target, console: Console) -> bool:
    answer = ask.ask(target, query)
    if not answer.rows:
        return False
    console.print(f"\n[bold]Athena answers[/] {query}")
    ask.show(answer, "table", console.file)
    return True


def _verdict(plan: Plan, target: Target, console: Console) -> int:
    """Flush, ask the audit until nothing is missing or the time to settle is over, and say what it found."""
    deadline = time.monotonic() + SETTLE_SECONDS
    with console.status("delivering what is buffered, then auditing"):
        target.act("flush")
        answer = ask.ask(target, str(plan.audit))
        while (ask.lost(answer) or not answer.rows) and time.monotonic() < deadline:
            time.sleep(1)
            answer = ask.ask(target, str(plan.audit))
    ask.show(answer, "table", console.file)
    missing = ask.lost(answer)
    console.print(f"[bold {'red' if missing else 'green'}]lost {missing}[/]", highlight=False)
    return 1 if missing or not answer.rows else 0
