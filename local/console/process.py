"""The console's process: started when it is wanted, on a socket that only its owner can reach, stopped by its pid."""

import asyncio
import contextlib
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from local.errors import AwsError

STOP_SECONDS = 5


class ConsoleProcess:
    """`python -m local.console` of one gateway."""

    def __init__(self, endpoint: str, region: str, state: Path) -> None:
        self._options = ["--endpoint", endpoint, "--region", region, "--state", str(state)]
        self._log = state / "console.log"
        # Not in the state folder, whose path may be longer than the 107 bytes that a socket's may have.
        self._folder = Path(tempfile.gettempdir()) / f"local-aws-console-{secrets.token_hex(8)}"
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def socket(self) -> Path:
        return self._folder / "socket"

    async def ensure(self) -> None:
        """Return when somebody listens on the socket, which may be before it answers. Raises AwsError BadGateway."""
        async with self._lock:
            if self._process is None or self._process.returncode is not None:
                self._process = await self._start()

    async def stop(self) -> None:
        async with self._lock:
            if self._process is not None and self._process.returncode is None:
                await self._end(self._process)
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _start(self) -> asyncio.subprocess.Process:
        """Listen here and hand the socket on: who connects before the process is ready waits for it."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, self._log.open("ab") as log:
            listener.bind(str(self.socket))
            listener.listen()
            try:
                return await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "local.console", "--descriptor", str(listener.fileno()), *self._options,
                    pass_fds=[listener.fileno()], start_new_session=True,
                    # Never written to: it ends when this process does, whatever ends it, and that ends the console.
                    stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
                )  # fmt: skip
            except OSError as reason:
                raise AwsError("BadGateway", f"the console did not start: {reason}", status=502) from None

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
