"""What each program has in common: named operations, tried one by one, each reported as a line of JSON.

Standard library only, for it runs in the clients' own environments.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

BUCKET = os.environ["LAKE_BUCKET"]
DATABASE = os.environ["LAKE_DATABASE"]
WORK_GROUP = os.environ["LAKE_WORK_GROUP"]
FOLDER = os.environ["LAKE_FOLDER"]
"""The table's folder, copied out of the bucket."""
SCRATCH = Path(os.environ["SCRATCH_FOLDER"])
PEOPLE = json.loads(os.environ["PEOPLE"])
"""Name, state and job of the known sign-ups, by their sequence from 1."""
MINE = f"producer_id = '{os.environ['PRODUCER']}'"
LONGEST_REASON = 300

_operations: list[tuple[str, Callable[[], None]]] = []


def operation(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a check, in the order in which they are to be tried."""

    def add(check: Callable[[], None]) -> Callable[[], None]:
        _operations.append((name, check))
        return check

    return add


def main() -> None:
    """Try every operation; write {operation, reason} lines to the file that REPORT names, no reason if it works."""
    with Path(os.environ["REPORT"]).open("w", encoding="utf-8") as report:
        for name, check in _operations:
            report.write(json.dumps({"operation": name, "reason": _tried(check)}) + "\n")
            report.flush()


def _tried(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever a client raises is its verdict
        traceback.print_exc(file=sys.stderr)
        line = traceback.extract_tb(error.__traceback__)[1].lineno
        return f"line {line}: {type(error).__name__}: {' '.join(str(error).split())}"[:LONGEST_REASON]
    return ""
