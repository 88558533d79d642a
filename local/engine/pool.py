"""Processes kept warm, a query each."""

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from local.engine.session import EngineStopped, Session

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
