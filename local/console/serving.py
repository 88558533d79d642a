"""Serves the console until SIGINT or SIGTERM."""

import socket
from pathlib import Path

import uvicorn

from local.console.app import Console
from local.console.source import Source
from local.errors import UsageError
from local.target import Target


def serve(source: Source, listener: socket.socket) -> None:
    """Serve on a socket that listens, or is bound."""
    config = uvicorn.Config(Console(source), log_level="warning", server_header=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


def serve_alone(target: Target, stack: str | None, port: int, state: Path, *, read_only: bool) -> None:
    """Serve on 127.0.0.1. Raises UsageError: no such stack, port taken.

    With `local.target.AWS` it reads the user's own account with the usual credentials.
    """
    source = Source(target, stack, state, read_only=read_only)
    source.access.pipeline()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            raise UsageError(f"port {port} on 127.0.0.1 is taken: choose another with --port") from None
        print(f"console    http://127.0.0.1:{port}/_console/  (Ctrl-C stops it)", flush=True)
        serve(source, listener)
