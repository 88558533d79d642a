"""The catalog as the emulator keeps it, asked in this process, past the services that answer for it at the door."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from local.clients import ROOT_KEY
from local.errors import AwsError

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


class EmulatedCatalog:
    """Glue's operations without signatures: whoever asks here has been asked for rights already."""

    def __init__(self, app: AsgiApp, region: str, account: str) -> None:
        self._app = app
        self.region = region
        self.account = account

    async def ask(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer's members; raises AwsError with the emulator's refusal."""
        body = orjson.dumps(members)
        answer: dict[str, Any] = {"status": 0, "body": b""}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            answer["status"] = message.get("status", answer["status"])
            answer["body"] += message.get("body", b"")

        await self._app(self._scope(operation), receive, send)
        found: dict[str, Any] = orjson.loads(answer["body"] or b"{}")
        if answer["status"] != 200:  # noqa: PLR2004 - HTTP's
            raise AwsError(
                str(found.get("__type", "InternalFailure")).rpartition("#")[2],
                str(found.get("message") or found.get("Message") or "the emulator gave no reason"),
                answer["status"],
            )
        return found

    def _scope(self, operation: str) -> dict[str, Any]:
        credential = f"{ROOT_KEY}/20000101/{self.region}/glue/aws4_request"
        headers = {
            "host": "127.0.0.1", "x-amz-target": f"AWSGlue.{operation}", "content-type": "application/x-amz-json-1.1",
            "authorization": f"AWS4-HMAC-SHA256 Credential={credential}", "x-forwarded-proto": "https",
        }  # fmt: skip
        return {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/", "raw_path": b"/",
            "query_string": b"", "root_path": "", "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 80),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip

    async def databases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GetDatabases", {}))["DatabaseList"]
        return sorted(found, key=lambda each: str(each["Name"]))

    async def tables(self, database: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GetTables", {"DatabaseName": database}))["TableList"]
        return sorted(map(_members_set, found), key=lambda each: str(each["Name"]))

    async def table(self, database: str, name: str) -> dict[str, Any]:
        """Raise AwsError EntityNotFoundException."""
        found = await self.ask("GetTable", {"DatabaseName": database.lower(), "Name": name.lower()})
        return _members_set(found["Table"])


def _members_set(table: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody set, as Glue does: an owner of no letters is refused when a client sends it back."""
    return {key: value for key, value in table.items() if value not in (None, "") or key == "Description"}
