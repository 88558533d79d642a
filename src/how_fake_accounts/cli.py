"""The command `how_fake`, also `python -m how_fake`.

Exit codes: 0 done, also when whoever reads the pipe has had enough; 1 the accounts could not be written; 2 the command
line is wrong; 130 interrupted.
"""

import os
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from shutil import get_terminal_size

from how_fake_accounts.arguments import STDOUT, Request, parse
from how_fake_accounts.generator import AccountGenerator
from how_fake_accounts.listing import Table
from how_fake_accounts.writers import replacing, write_ndjson, writer_for

_SAMPLE = 50
"""How many accounts decide how wide the columns of the table are."""


def main(arguments: Sequence[str] | None = None) -> int:
    request = parse(arguments, now=datetime.now(UTC).date(), own_seed=secrets.randbelow(1_000_000_000))
    try:
        _fulfil(request)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    except KeyboardInterrupt:
        _forget_stdout()
        return 130
    except ImportError as reason:
        return _failed(str(reason))
    except OSError as reason:
        _forget_stdout()
        return _failed(f"cannot write {request.target or 'to standard output'}: {reason.strerror}")
    return 0


def _fulfil(request: Request) -> None:
    if request.show:
        _show(request.generator, request.count)
    if request.target == STDOUT:
        write_ndjson(sys.stdout.buffer, request.generator, request.count)
    elif request.target:
        _save(request, request.target)


def _show(generator: AccountGenerator, count: int) -> None:
    if sys.stdout.isatty():
        _print_table(generator, count)
    else:
        write_ndjson(sys.stdout.buffer, generator, count)


def _print_table(generator: AccountGenerator, count: int) -> None:
    rows = (account.flat() for account in islice(generator.accounts(), count))
    sample = list(islice(rows, _SAMPLE))
    table = Table(sample, get_terminal_size().columns)
    for line in chain(table.heading(), map(table.line, chain(sample, rows))):
        print(line)


def _save(request: Request, target: Path) -> None:
    with replacing(target) as file:
        writer_for(target)(file, request.generator, request.count)
    print(f"how_fake: {request.count:,} accounts in {target} (again: {request.again})", file=sys.stderr)


def _forget_stdout() -> None:
    """Keep Python from complaining once more, when it closes standard output, about what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(sentence: str) -> int:
    print(f"how_fake: {sentence}", file=sys.stderr)
    return 1
