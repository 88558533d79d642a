"""A gateway's state folder: one gateway at a time, one region, one format."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.errors import UsageError
from local.target import NOTICE

FORMAT = 1
"""Of all that a gateway keeps; to be raised when a folder of before could not be read any more."""

_FORMAT_FILE, _LOCK_FILE = "format.json", "lock"


@contextlib.contextmanager
def claimed(state: Path, region: str) -> Iterator[None]:
    """Hold the folder, which is made if need be; raises UsageError if it is another gateway's, region's or format's."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / _LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"another gateway has its state in {state}: stop it with `python -m local down --state {state}`,"
                " or choose another folder with --state"
            ) from None
        _check_format(state, region)
        yield


def _check_format(state: Path, region: str) -> None:
    """Raise UsageError; a folder without the file is new, or of the days before there was one, and of format 1."""
    path = state / _FORMAT_FILE
    mine = {"format": FORMAT, "region": region}
    kept = _read(path) if path.exists() else mine
    if kept["format"] != FORMAT:
        raise UsageError(
            f"the state in {state} is of format {kept['format']}, and this version reads format {FORMAT}:"
            " choose another folder with --state, or remove that one (its sign-ups go with it)"
        )
    if kept["region"] != region:
        raise UsageError(
            f"the state in {state} is of the region {kept['region']}: start with --region {kept['region']},"
            " or choose another folder with --state"
        )
    path.write_text(json.dumps(mine))


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text())
        return {"format": kept["format"], "region": kept["region"]}
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path} is no description of a gateway's state: choose another folder with --state") from None


@contextlib.contextmanager
def announced(state: Path, port: int, region: str) -> Iterator[int]:
    """Leave word of this process in the state folder, for `env` and `down`, while it runs."""
    notice = state / NOTICE
    notice.write_text(json.dumps({"pid": os.getpid(), "port": port, "region": region}))
    try:
        yield port
    finally:
        notice.unlink(missing_ok=True)
