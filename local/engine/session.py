"""The gateway's side of the pipe to one process."""

import asyncio
import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.errors import LocalError


class EngineError(LocalError):
    """The engine refused or failed a statement; `kind` is DuckDB's name of the error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class EngineStopped(LocalError):
    """The process of this session is gone: cancelled, out of memory, or the runtime is stopping."""


class ReadTooMuch(LocalError):
    """A statement was stopped because it had read more than it was allowed."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a statement did and cost."""

    rows: int
    """Rows written or changed."""
    read_bytes: int
    read_rows: int


class Session:
    """One process, for as long as one query has it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def open(
        self, *, files: Iterable[Path | str], folder: Path, statements: Sequence[str] = (), query: str | None = None
    ) -> list[tuple[str, str]]:
        """Start a database that can read `files`, read and write `folder`, and nothing else, ever.

        Run `statements` in it, then return the columns of `query` as `columns` does; raises EngineError.
        """
        answer = await self.ask(
            do="open", files=[str(file) for file in files], folder=str(folder), statements=list(statements), query=query
        )
        return [(name, kind) for name, kind in answer["columns"]]

    async def rows(self, sql: str) -> list[list[Any]]:
        """Return a small result, whole; raises EngineError."""
        rows: list[list[Any]] = (await self.ask(do="rows", sql=sql))["rows"]
        return rows

    async def columns(self, sql: str) -> list[tuple[str, str]]:
        """Return (name, DuckDB type) of a query's columns without running it; raises EngineError."""
        return [(name, kind) for name, kind in (await self.ask(do="columns", sql=sql))["columns"]]

    async def constants(self, expressions: Sequence[str]) -> list[Any]:
        """Return the values of expressions, in a database that can open no file; raises EngineError."""
        listed = ", ".join(expressions)
        return (await self.ask(do="constants", sql=f"SELECT {listed}"))["rows"][0]  # type: ignore[no-any-return]  # JSON

    async def run(self, sql: str, *, most_bytes: int | None = None) -> Effort:
        """Run a statement for its effect; raises EngineError, ReadTooMuch past `most_bytes` read."""
        return Effort(**await self.ask(do="run", sql=sql, most_bytes=most_bytes))

    async def ask(self, **request: Any) -> dict[str, Any]:
        """Exchange one request; raises EngineError, EngineStopped."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise EngineStopped("the query's process has ended")
        answer: dict[str, Any] = json.loads(line)
        if answer.get("error") == "ReadTooMuch":
            raise ReadTooMuch(answer["message"])
        if "error" in answer:
            raise EngineError(answer["error"], answer["message"])
        return answer

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def kill(self) -> None:
        """End the process now, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        await self._process.wait()
