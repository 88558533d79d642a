"""Prepared statements: named texts of a workgroup, with `?` for arguments.

https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from local.athena.history import History
from local.athena.results import invalid
from local.clock import Clock
from local.errors import AwsError
from local.wire import Call

Operation = Callable[[Call], Coroutine[Any, Any, Mapping[str, Any]]]


class PreparedStatements:
    """The operations on them, by name in `handlers`."""

    def __init__(self, history: History, clock: Clock) -> None:
        self._history = history
        self._clock = clock
        self.handlers: dict[str, Operation] = {
            "CreatePreparedStatement": self._create,
            "UpdatePreparedStatement": self._update,
            "GetPreparedStatement": self._get,
            "DeletePreparedStatement": self._delete,
            "ListPreparedStatements": self._list,
            "BatchGetPreparedStatement": self._batch_get,
        }

    async def _create(self, call: Call) -> Mapping[str, Any]:
        name, workgroup = call.parameters["StatementName"], call.parameters["WorkGroup"]
        if await asyncio.to_thread(self._history.get_prepared, workgroup, name) is not None:
            raise invalid(f"PreparedStatement {name} already exists in WorkGroup {workgroup}")
        return await self._put(call)

    async def _update(self, call: Call) -> Mapping[str, Any]:
        await self._prepared(call)
        return await self._put(call)

    async def _put(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        record = {
            "StatementName": asked["StatementName"], "WorkGroupName": asked["WorkGroup"],
            "QueryStatement": asked["QueryStatement"], "Description": asked.get("Description", ""),
            "LastModifiedTime": self._clock.now(),
        }  # fmt: skip
        await asyncio.to_thread(self._history.put_prepared, asked["WorkGroup"], asked["StatementName"], record)
        return {}

    async def _prepared(self, call: Call) -> dict[str, Any]:
        name, workgroup = call.parameters["StatementName"], call.parameters["WorkGroup"]
        record = await asyncio.to_thread(self._history.get_prepared, workgroup, name)
        if record is None:
            raise AwsError(
                "ResourceNotFoundException",
                f"PreparedStatement {name} was not found in workGroup {workgroup}",
                ResourceName=name,
            )
        return record

    async def _get(self, call: Call) -> Mapping[str, Any]:
        return {"PreparedStatement": await self._prepared(call)}

    async def _delete(self, call: Call) -> Mapping[str, Any]:
        record = await self._prepared(call)
        await asyncio.to_thread(self._history.delete_prepared, record["WorkGroupName"], record["StatementName"])
        return {}

    async def _list(self, call: Call) -> Mapping[str, Any]:
        found = await asyncio.to_thread(self._history.all_prepared, call.parameters["WorkGroup"])
        return {
            "PreparedStatements": [{key: each[key] for key in ("StatementName", "LastModifiedTime")} for each in found]
        }

    async def _batch_get(self, call: Call) -> Mapping[str, Any]:
        workgroup = call.parameters["WorkGroup"]
        found = {each["StatementName"]: each for each in await asyncio.to_thread(self._history.all_prepared, workgroup)}
        asked = call.parameters["PreparedStatementNames"]
        missing = [
            {
                "StatementName": name,
                "ErrorCode": "STATEMENT_NOT_FOUND",
                "ErrorMessage": f"PreparedStatement {name} was not found",
            }
            for name in asked
            if name not in found
        ]
        return {
            "PreparedStatements": [found[name] for name in asked if name in found],
            "UnprocessedPreparedStatementNames": missing,
        }
