"""The control plane on disk: one document per service, of which a set is replaced as a whole or not at all.

Private to MiniStack 1.5.33: in `app` `save_all` and `_build_persistence_save_dict`; in `persistence` `_json_default`
and `_state_format_version`; how files are named and wrapped; that `get_state` of the services in `_LARGE` copies with
the module `copy` and does nothing else.
"""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

from local.errors import UsageError

_FORMAT, _PAYLOAD = "__ministack_format__", "payload"
_LARGE = frozenset({"cloudformation", "cloudwatch", "cloudwatch_logs"})
"""Documents that grow, of services whose `get_state` copies and does nothing else (others edit their copy)."""

_BEING_WRITTEN, _COMPLETE = "being-written", "complete"
"""Folders of a set: one is renamed to the other, which is the moment when the set counts."""


class Documents:
    """What MiniStack would write as it shuts down, at any time and cheaper."""

    def __init__(self, ministack: Any, persistence: Any, folder: Path) -> None:
        self._ministack = ministack
        self._persistence = persistence
        self._folder = folder
        self._written: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def replace_saving(self) -> None:
        """Let MiniStack save through this as it shuts down; its own way replaces documents one by one."""
        self._ministack.save_all = lambda _services: self.write({name: self.render(name) for name in self.names()})

    def names(self) -> list[str]:
        return list(self._ministack._build_persistence_save_dict())  # noqa: SLF001

    def render(self, name: str) -> bytes | None:
        """Return a document as it is now, None if its service has nothing to keep. Call it on the event loop."""
        get_state = self._ministack._build_persistence_save_dict()[name]  # noqa: SLF001
        state = (_uncopied(get_state) if name in _LARGE else get_state)()
        if state is None:
            return None
        wrapped = {_FORMAT: self._persistence._state_format_version(name), _PAYLOAD: state}  # noqa: SLF001
        return json.dumps(wrapped, default=self._persistence._json_default).encode()  # noqa: SLF001

    def write(self, rendered: Mapping[str, bytes | None]) -> list[str]:
        """Write the documents that differ from what was written last, in one step; return their names.

        Blocks: call it in a thread. Raises OSError.
        """
        digests = {name: hashlib.blake2b(text).digest() for name, text in rendered.items() if text is not None}
        with self._lock:
            changed = {name: digest for name, digest in digests.items() if self._written.get(name) != digest}
            if changed:
                _replace(self._folder, {name: rendered[name] or b"" for name in changed})
                self._written |= changed
        return list(changed)


def _uncopied(get_state: FunctionType) -> Callable[[], Any]:
    """Return `get_state` without its deep copies: what it returns is rendered before anything can change it."""
    uncopied = SimpleNamespace(deepcopy=lambda original: original)
    return FunctionType(get_state.__code__, {**get_state.__globals__, "copy": uncopied})


def _replace(folder: Path, documents: Mapping[str, bytes]) -> None:
    begun = folder / _BEING_WRITTEN
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(mode=0o700)
    for name, text in documents.items():
        with (begun / f"{name}.json").open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    begun.rename(folder / _COMPLETE)
    finish(folder)


def finish(folder: Path) -> None:
    """Put a complete set in place, should the process have been killed before it did."""
    complete = folder / _COMPLETE
    if complete.is_dir():
        for file in complete.iterdir():
            file.replace(folder / file.name)
        complete.rmdir()


def check(folder: Path, persistence: Any) -> None:
    """Raise UsageError for a document that MiniStack would pass over in silence, and begin without its service."""
    for file in sorted(folder.glob("*.json")):
        try:
            document = json.loads(file.read_bytes())
        except ValueError as reason:
            raise UsageError(f"the state in {file} cannot be read ({reason}): {_REMEDY}") from None
        known = persistence._state_format_version(file.stem)  # noqa: SLF001
        if (version := document.get(_FORMAT, 1)) > known:
            raise UsageError(
                f"the state in {file} was written by a later version (format {version}, this one reads {known}):"
                f" {_REMEDY}"
            )


_REMEDY = "choose another folder with --state, or remove that one (its sign-ups go with it)"
