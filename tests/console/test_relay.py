"""The relay by itself, before a server that is no console."""

import asyncio

from local.console.relay import Relay

SCOPE = {
    "type": "http", "method": "GET", "path": "/_console/", "query_string": b"", "headers": [(b"host", b"127.0.0.1")]
}  # fmt: skip


class HangsUp:
    """Promises to keep a connection open, and closes it as soon as the next request comes on it."""

    def __init__(self):
        self.connections = 0

    async def __call__(self, reader, writer):
        self.connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok")
        await reader.read(1)
        writer.close()


async def _answers(path, times):
    server = HangsUp()
    listening = await asyncio.start_unix_server(server, path)
    relay = Relay(path)
    said = []

    async def send(message):
        said.append(message)

    for _ in range(times):
        await relay(SCOPE, None, send)
    await relay.close()
    listening.close()
    return [each["status"] for each in said if "status" in each], server.connections


def test_a_server_that_hangs_up_on_a_second_request_is_never_asked_one(tmp_path):
    assert asyncio.run(_answers(tmp_path / "socket", 3)) == ([200, 200, 200], 3)
