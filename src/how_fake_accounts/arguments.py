"""The command line of `how_fake`: what is asked for, or one sentence about what is wrong with it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from how_fake_accounts import __version__
from how_fake_accounts.generator import REFERENCE_DATE, AccountGenerator
from how_fake_accounts.writers import WRITERS, writer_for

_EXAMPLES = """\
examples:
  how_fake -n 5                               a table of five accounts
  how_fake -n 1000 | jq .address.city         one JSON document a line, into a pipe
  how_fake -n 1000000 --seed 7 -o x.ndjson    a file; the same seed gives the same bytes
  how_fake -n 500 --seed 7 --start-at 1000000 -o more.parquet
                                              the next 500 of that seed: no CPF comes twice

exit codes: 0 done; 1 the accounts could not be written; 2 the command line is wrong; 130 interrupted
"""

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Request:
    generator: AccountGenerator
    count: int
    target: Path | None
    """The file to write; STDOUT for NDJSON there, terminal or not; None for whatever suits standard output."""
    show: bool
    again: str
    """The options that make the same accounts once more."""


def parse(arguments: Sequence[str] | None, *, now: date, own_seed: int) -> Request:
    """Return the request; `now` and `own_seed` hold when no seed is given. Exits with 2 where the line is wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    seed = own_seed if options.seed is None else options.seed
    today = options.today or (now if options.seed is None else REFERENCE_DATE)
    try:
        target = _target(options)
        generator = AccountGenerator(seed, start_at=options.start_at, today=today)
    except ValueError as reason:
        parser.error(str(reason))
    if options.n_accounts > generator.remaining:
        parser.error(f"only {generator.remaining:,} CPFs are left from there on: lower -n or --start-at")
    show = target is None or bool(options.verbose)
    return Request(generator, options.n_accounts, target, show, f"--seed {seed} --today {today}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="how_fake",
        description="Fake Brazilian accounts that agree with themselves: a table on a terminal, NDJSON into a pipe.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    formats = ", ".join(WRITERS)
    add("-n", "--n-accounts", type=_whole, default=10, metavar="N", help="how many accounts (10)")
    add("-o", "--output", type=Path, metavar="FILE", help=f"write to FILE, ending in {formats}; - is stdout, NDJSON")
    add("--seed", type=_integer, metavar="S", help="a whole number: the same one gives the same accounts")
    add("--start-at", type=_whole, default=0, metavar="K", help="leave out the first K accounts of the seed (0)")
    add("--today", type=_day, metavar="DATE", help=_today_help())
    add("--version", action="version", version=f"how_fake {__version__}")
    old = parser.add_argument_group("as in 1.x").add_argument
    switch: dict[str, Any] = {"nargs": "?", "type": _truth, "const": True, "metavar": "true|false"}
    old("-p", "--path", metavar="DIR", help="write to a file in DIR (.)")
    old("-f", "--filename", metavar="NAME", help="write to a file of this name (accounts.json)")
    old("-s", "--save", **switch, help="write to the file that -p and -f name; false: do not write")
    old("-v", "--verbose", **switch, help="show the accounts even when they are written to a file")
    return parser


def _today_help() -> str:
    return f"ages are counted up to DATE, people registered in the year before it (today; {REFERENCE_DATE} with --seed)"


def _target(options: argparse.Namespace) -> Path | None:
    """Return the file that -o, or -p, -f and -s, ask for; raises ValueError where they contradict each other."""
    named = options.path is not None or options.filename is not None
    if options.output is not None and (named or options.save is not None):
        raise ValueError("-o names the file already: leave out -p, -f and -s")
    if named and options.save is False:
        raise ValueError("-s false writes no file: leave out -p and -f")
    target: Path | None = options.output
    if named or options.save:
        target = Path(options.path or ".", options.filename or "accounts.json")
    if target and target != STDOUT:
        writer_for(target)
    return target


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _whole(text: str) -> int:
    number = _integer(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date: write it as {REFERENCE_DATE}") from None


def _truth(text: str) -> bool:
    if (word := text.lower()) in ("true", "1", "yes"):
        return True
    if word in ("false", "0", "no"):
        return False
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
