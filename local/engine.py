"""The only file that knows DuckDB: queries in processes of their own, beside the gateway.

Each process (`python -m local.engine`) takes one JSON request a line and gives one JSON answer a line. A query
that runs away is stopped by killing its process; others are kept warm. What a query may open is settled before it
is seen: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

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


_MOST_MEMORY = 4 << 30


def _quarter() -> str:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(machine // 4, _MOST_MEMORY) >> 20}MiB"


class Engine:
    """Keeps processes warm and hands one to each query; at most `workers` queries run at a time."""

    def __init__(
        self,
        prelude: Sequence[str],
        *,
        folder: Path,
        workers: int = 4,
        warm: int = 2,
        memory: str | None = None,
        threads: int = 2,
    ) -> None:
        """Apply the statements of `prelude` to every database before it is locked; empty `folder` at each start.

        A query's `memory` (`2GB`) is a quarter of the machine's by default, up to 4 GB: what does not fit is spilled.
        """
        self._start = {"do": "prepare", "prelude": list(prelude), "memory": memory or _quarter(), "threads": threads}
        self._warm_ones = warm
        self._folder = folder
        """Where the processes keep their own files: one that was killed cannot clear up."""
        self._turns = asyncio.Semaphore(workers)
        self._idle: list[Session] = []
        self._all: set[Session] = set()
        self._spawning: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def start(self) -> None:
        self._stopping = False
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        await asyncio.gather(*(self._warm() for _ in range(self._warm_ones)))

    async def stop(self) -> None:
        self._stopping = True
        for task in self._spawning:
            task.cancel()
        await asyncio.gather(*self._spawning, return_exceptions=True)
        for session in self._all:
            session.kill()
        await asyncio.gather(*(session.ended() for session in self._all))
        self._all.clear()
        self._idle.clear()

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Wait for a turn, then lend a warm process; one that was killed meanwhile is replaced."""
        async with self._turns:
            session = await self._take()
            try:
                yield session
            except asyncio.CancelledError:
                # It may still be at work on what nobody waits for.
                session.kill()
                raise
            finally:
                await asyncio.shield(self._give_back(session))

    async def _take(self) -> Session:
        while self._idle:
            session = self._idle.pop(0)  # the one that has had the longest to make its next database ready
            if session.alive:
                return session
            self._all.discard(session)
        return await self._spawn()

    async def _give_back(self, session: Session) -> None:
        if session.alive:
            with contextlib.suppress(EngineStopped):
                await session.ask(do="close")
                self._idle.append(session)
                return
        self._all.discard(session)
        if len(self._idle) < self._warm_ones and not self._stopping:
            task = asyncio.create_task(self._warm())
            self._spawning.add(task)
            task.add_done_callback(self._spawning.discard)

    async def _warm(self) -> None:
        self._idle.append(await self._spawn())

    async def _spawn(self) -> Session:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "local.engine",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=64 * 1024 * 1024,
            # No credentials: a query has no business with them. TZ, because Athena's sessions are in UTC.
            env={
                "PATH": os.defpath,
                "TZ": "UTC",
                "TMPDIR": str(self._folder),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            # Ctrl-C in the terminal is for the gateway, which stops this process in its turn.
            start_new_session=True,
        )
        session = Session(process)
        self._all.add(session)
        await session.ask(**self._start)
        return session


class _Worker:
    """The other side of the pipe."""

    def __init__(self) -> None:
        self._config: dict[str, Any] = {}
        self._settings: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="engine-")
        self._copies = itertools.count()
        self._next: Any = None
        self._database: Any = None
        self._closed: Any = None
        self._sealed: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        return getattr(self, f"_{request.pop('do')}")(**request)  # type: ignore[no-any-return]  # each below does

    def _prepare(self, prelude: list[str], memory: str, threads: int) -> dict[str, Any]:
        self._config = {"threads": threads, "memory_limit": memory}
        self._settings = [statement for statement in prelude if statement.startswith("SET ")]
        with duckdb.connect(str(self._model)) as model:
            for statement in prelude:
                model.execute(statement)
        self._sealed = self._fresh()
        self._sealed.execute("SET enable_external_access = false")
        self._sealed.execute("SET lock_configuration = true")
        return {}

    @property
    def _model(self) -> Path:
        return Path(self._folder.name) / "model.duckdb"

    def _fresh(self) -> Any:
        """Return a database with the prelude in it: a copy of a file is made sooner than two hundred functions."""
        # A path of its own, because DuckDB shares what is open under one path, its locks included.
        copy = self._model.with_name(f"{next(self._copies)}.duckdb")
        shutil.copyfile(self._model, copy)
        database = duckdb.connect(str(copy), read_only=True, config=self._config)
        copy.unlink()
        for setting in self._settings:
            database.execute(setting)
        return database

    def _open(self, files: list[str], folder: str, statements: list[str], query: str | None) -> dict[str, Any]:
        self._database = self._next or self._fresh()
        self._next = None
        self._database.execute("PRAGMA enable_profiling = 'no_output'")
        self._database.execute("SET temp_directory = ?", [f"{folder}/spill"])
        self._database.execute("SET allowed_paths = ?", [files])
        self._database.execute("SET allowed_directories = ?", [[folder]])
        self._database.execute("SET enable_external_access = false")
        self._database.execute("SET lock_configuration = true")
        for statement in statements:
            self._database.execute(statement)
        return self._columns(query) if query is not None else {"columns": []}

    def _close(self) -> dict[str, Any]:
        self._closed, self._database = self._database, None
        return {}

    def tidy(self) -> None:
        """Do what nobody has to wait for: end the last query's database, make the next one's."""
        if self._closed is not None:
            self._closed.close()
            self._closed = None
        if self._database is None:
            self._next = self._next or self._fresh()

    def _rows(self, sql: str) -> dict[str, Any]:
        return {"rows": [list(row) for row in self._database.execute(sql).fetchall()]}

    def _columns(self, sql: str) -> dict[str, Any]:
        described = self._database.execute(f"DESCRIBE {sql}").fetchall()
        return {"columns": [[row[0], row[1]] for row in described]}

    def _constants(self, sql: str) -> dict[str, Any]:
        return {"rows": [list(row) for row in self._sealed.execute(sql).fetchall()]}

    def _run(self, sql: str, most_bytes: int | None) -> dict[str, Any]:
        with _reading_at_most(most_bytes, self._database):
            result = self._database.execute(sql)
            rows = result.fetchall() if result.description else []
        profile = json.loads(self._database.get_profiling_information())
        return {
            "rows": rows[0][0] if rows and isinstance(rows[0][0], int) else 0,
            "read_bytes": profile.get("io", {}).get("total_bytes_read", 0),
            "read_rows": profile.get("query", {}).get("total_rows_scanned", 0),
        }


@contextlib.contextmanager
def _reading_at_most(most_bytes: int | None, database: Any) -> Iterator[None]:
    """Interrupt what runs inside once this process has read more, where the system tells what was read (Linux)."""
    if most_bytes is None or (begin := _bytes_read()) is None:
        yield
        return
    done = threading.Event()
    exceeded = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            if (now := _bytes_read()) is not None and now - begin > most_bytes:
                exceeded.set()
                database.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException:
        raise ReadTooMuch(f"more than {most_bytes} bytes") from None
    finally:
        done.set()
        watcher.join()
    if exceeded.is_set() or (_bytes_read() or 0) - begin > most_bytes:
        raise ReadTooMuch(f"more than {most_bytes} bytes")


def _bytes_read() -> int | None:
    try:
        return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])
    except OSError:
        return None


_NICENESS = 10
"""A query takes what the gateway leaves, so that one that runs for long slows nobody who waits for an answer."""


def work() -> None:
    """Answer requests from standard input until it closes."""
    os.nice(_NICENESS)
    worker = _Worker()
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except ReadTooMuch as error:
            answer = {"error": "ReadTooMuch", "message": str(error)}
        except duckdb.Error as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        except MemoryError as error:
            answer = {"error": "OutOfMemoryException", "message": str(error)}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()
        worker.tidy()


if __name__ == "__main__":
    work()
