"""A real HTTP server that answers PutRecordBatch after a script, and remembers what it accepted.

Signatures are not checked; everything else is on the wire as Firehose has it.
"""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

THROTTLED = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}


@dataclass(frozen=True)
class Answer:
    """What becomes of one request: which positions are written, and what is answered."""

    status: int = 200
    code: str = ""
    message: str = ""
    fail: Callable[[int], bool] = lambda _: False
    """Positions of a 200 that are not written."""
    entry: dict[str, str] = field(default_factory=lambda: THROTTLED)
    writes: bool = True
    """For what is no 200: whether the records were written all the same."""
    cut: str = ""
    """`before`: the connection is cut before anything is written; `after`: when all is."""
    hang: float = 0.0
    body: bytes | None = None


OK = Answer()
CUT_BEFORE = Answer(cut="before")
CUT_AFTER = Answer(cut="after")
SLOW_DOWN = Answer(status=503, code="ServiceUnavailableException", message="Slow down.", writes=False)
INTERNAL = Answer(status=500, code="InternalFailure", writes=False)
INTERNAL_WRITTEN = Answer(status=500, code="InternalFailure", writes=True)
GARBAGE = Answer(body=b"<html>a proxy was here</html>", writes=False)


def throttling(every: int, offset: int = 0) -> Answer:
    """Return an answer in which each `every`-th position is not written."""
    return Answer(fail=lambda position: position % every == offset % every)


class Sink:
    """Answers by `script`, one answer a request, and well when the script is over."""

    def __init__(self, script: Iterator[Answer] | None = None, port: int = 0) -> None:
        self.script = script or iter(())
        self.accepted: list[bytes] = []
        """Records that were written, as often as they were."""
        self.unanswered: set[bytes] = set()
        """Records that were written without an answer that says so."""
        self.requests: list[int] = []
        """Records per request."""
        self.moments: list[float] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signups(self) -> list[dict[str, Any]]:
        """Return the accepted documents in order of arrival."""
        return [json.loads(line) for record in list(self.accepted) for line in record.splitlines()]

    def decide(self, records: list[bytes]) -> Answer:
        with self._lock:
            self.requests.append(len(records))
            self.moments.append(time.monotonic())
            return next(self.script, OK)

    def write(self, answer: Answer, records: list[bytes]) -> list[dict[str, str]]:
        """Write what the answer lets through; return the entries of the response."""
        entries = []
        with self._lock:
            for position, record in enumerate(records):
                if answer.status == 200 and answer.fail(position):
                    entries.append(answer.entry)
                    continue
                self.accepted.append(record)
                entries.append({"RecordId": f"{len(self.accepted):0224d}"})
                if answer.status != 200 or answer.cut or answer.hang:
                    self.unanswered.add(record)
        return entries


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: clients are killed on purpose."""


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if len(raw) < int(self.headers["Content-Length"]):
                return  # the client died while it was sending
            members = json.loads(raw)
            assert self.headers["X-Amz-Target"] == "Firehose_20150804.PutRecordBatch"
            assert "AWS4-HMAC-SHA256" in self.headers["Authorization"]
            records = [base64.b64decode(each["Data"], validate=True) for each in members["Records"]]
            answer = sink.decide(records)
            if answer.cut == "before":
                self._cut()
                return
            entries = sink.write(answer, records) if answer.status == 200 and answer.body is None else []
            if answer.status != 200 and answer.writes:
                sink.write(answer, records)
            time.sleep(answer.hang)
            if answer.cut == "after":
                self._cut()
                return
            self._answer(answer, entries)

        def _answer(self, answer: Answer, entries: list[dict[str, str]]) -> None:
            failed = sum("ErrorCode" in entry for entry in entries)
            body = (
                answer.body
                or json.dumps(
                    {"FailedPutCount": failed, "Encrypted": False, "RequestResponses": entries}
                    if answer.status == 200
                    else {"__type": answer.code, "message": answer.message}
                ).encode()
            )
            with suppress(OSError):
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def _cut(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    return Handler
