"""The composition root: one run from the command line to its exit code."""

import os
import signal
import sys
import time
from collections.abc import Sequence

from rich.console import Console

from producer import cost, options
from producer.assembly import Assembly
from producer.delivery import Delivery
from producer.errors import Exit, ProducerError
from producer.progress import Display, Heartbeat, JsonLines, Terminal, TextLines
from producer.report import balance, balanced
from producer.settings import Settings


class MachineClock:
    """The machine's clocks; the only place where they are read."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    @staticmethod
    def epoch_ms() -> int:
        return time.time_ns() // 1_000_000


CLOCK = MachineClock()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the producer; return its exit code."""
    try:
        command, settings = options.parse(sys.argv[1:] if arguments is None else arguments)
        return _produce(settings, resume_only=command == "resume")
    except ProducerError as error:
        options.warn(str(error))
        return error.exit_code


def _produce(settings: Settings, *, resume_only: bool) -> int:
    delivery = Delivery(
        settings.delivery_stream, settings.region, connections=settings.in_flight, timeout=settings.request_timeout
    )
    assembly = Assembly(settings, delivery, CLOCK, resume_only=resume_only, warn=options.warn)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, assembly.stop.ask)
    display = _display(assembly)
    heartbeat = Heartbeat(
        display, settings.interval, settings.liveness_file, CLOCK.monotonic, assembly.moment, assembly.stop.ask
    )
    started = CLOCK.monotonic()
    try:
        assembly(heartbeat)
    finally:
        display.close()
    tally = assembly.tally
    price = cost.sentence(delivery.region, tally.delivered, tally.units, tally.size)
    try:
        display.end(CLOCK.monotonic() - started, price)
        print(balance(tally, assembly.place), flush=True)
    except BrokenPipeError:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _exit_code(assembly)


def _display(assembly: Assembly) -> Display:
    settings, tally, place = assembly.settings, assembly.tally, assembly.place
    chosen = settings.log_format
    if chosen == "auto":
        chosen = "rich" if sys.stdout.isatty() else "json"
    if chosen == "rich":
        return Terminal(tally, place, CLOCK.monotonic(), Console())
    if chosen == "text":
        return TextLines(tally, CLOCK.monotonic())
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
    emf = "ECS_CONTAINER_METADATA_URI_V4" in os.environ if settings.emf is None else settings.emf
    return JsonLines(tally, place, emf=emf, epoch_ms=CLOCK.epoch_ms)


def _exit_code(assembly: Assembly) -> int:
    tally, error = assembly.tally, assembly.run.error
    if not balanced(tally):
        options.warn("the numbers do not balance: this is a defect, please report it with the lines above")
        return Exit.BROKEN
    if error:
        options.warn(str(error))
        return error.exit_code
    if tally.owed or tally.dead:
        options.warn(_what_is_left(assembly))
        return Exit.UNFINISHED
    return Exit.DELIVERED


def _what_is_left(assembly: Assembly) -> str:
    settings, owed = assembly.settings, assembly.tally.owed
    why = f" ({assembly.tally.last_failure})" if assembly.tally.last_failure else ""
    if owed and not settings.journal:
        return f"{owed:,} sign-ups were not delivered{why}, and there is no journal to keep them"
    if owed:
        command = f"python -m producer resume --delivery-stream {settings.delivery_stream}"
        return f"{owed:,} sign-ups wait in the journal{why}; the next run sends them first, or: {command}"
    return f"{assembly.tally.dead:,} sign-ups that can never be sent are in the dead-letter file"
