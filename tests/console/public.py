"""The gateway as AWS: its public APIs on a port of their own, and nothing that AWS does not have."""

import asyncio
import threading
from typing import Any, Self

import httpx
import uvicorn

OWN = "/_"
"""What a bucket's name cannot begin with, and the gateway's own paths do."""


class PublicApis:
    """Serve them on a free port while the block runs; `refused` are the paths of the gateway's own that were tried."""

    def __init__(self, gateway_endpoint: str) -> None:
        self.refused: list[str] = []
        self._upstream = httpx.AsyncClient(base_url=gateway_endpoint, timeout=60, trust_env=False)
        self._server = uvicorn.Server(
            uvicorn.Config(self._answer, interface="asgi3", port=0, log_level="warning", lifespan="off")
        )
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    @property
    def endpoint(self) -> str:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            self._thread.join(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if scope["path"].startswith(OWN):
            self.refused.append(scope["path"])
            status, headers, content = 404, [], b""
        else:
            target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
            kept = [(name, value) for name, value in scope["headers"] if name != b"transfer-encoding"]
            answer = await self._upstream.request(scope["method"], target.decode(), headers=kept, content=body)
            drop = {b"transfer-encoding", b"content-length", b"content-encoding", b"connection"}
            headers = [each for each in answer.headers.raw if each[0].lower() not in drop]
            length = answer.headers.get("content-length") if scope["method"] == "HEAD" else len(answer.content)
            status, content = answer.status_code, answer.content
            headers.append((b"content-length", str(length or 0).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
