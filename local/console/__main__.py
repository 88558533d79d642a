"""`python -m local.console`: the console of a running gateway, which starts it and hands its visitors on to it."""

import argparse
import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

from local.console.serving import serve
from local.console.source import Source
from local.target import Target

NICENESS = 10
"""A page can wait for a record, never the other way round."""


def main() -> None:
    options = _parser().parse_args()
    os.nice(NICENESS)
    # uvicorn handles it while it serves, and raises it again when it has: then there is the folder to remove.
    signal.signal(signal.SIGTERM, lambda *_: None)
    threading.Thread(target=_end_with_the_gateway, daemon=True).start()
    source = Source(Target(options.endpoint, options.region), None, options.state)
    with socket.socket(fileno=options.descriptor) as listener:
        folder = Path(listener.getsockname()).parent
        serve(source, listener)
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_the_gateway() -> None:
    """Wait for the end of standard input: the gateway holds the other end, and lets go of it however it ends."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m local.console", description=__doc__)
    parser.add_argument("--descriptor", type=int, required=True, help="of a socket that listens")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--state", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
