"""Executions looked at: how far they are, what they answered, what they cost.

https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html and the operations beside it
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from local.athena import results
from local.athena.history import History
from local.athena.records import shown
from local.athena.results import invalid
from local.athena.storage import ObjectStore, split_location
from local.errors import AwsError
from local.wire import Call

FINISHED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
Operation = Callable[[Call], Coroutine[Any, Any, Mapping[str, Any]]]


class Inspection:
    """The operations that change nothing, by name in `handlers`."""

    def __init__(self, history: History, objects: ObjectStore, under_way: Mapping[str, dict[str, Any]]) -> None:
        """`under_way` are the records of executions that have not ended yet, by their identifiers."""
        self._history = history
        self._objects = objects
        self._under_way = under_way
        self.handlers: dict[str, Operation] = {
            "GetQueryExecution": self._get,
            "BatchGetQueryExecution": self._batch_get,
            "ListQueryExecutions": self._list,
            "GetQueryResults": self._rows,
            "GetQueryRuntimeStatistics": self._runtime_statistics,
        }

    def workgroup_of(self, identifier: str) -> str | None:
        record = self._under_way.get(identifier) or self._history.get(identifier)
        return str(record["WorkGroup"]) if record else None

    async def record(self, call: Call) -> dict[str, Any]:
        """Return the record of the execution that a call is about; raises AwsError if there is none."""
        identifier = call.parameters.get("QueryExecutionId")
        if not identifier:
            raise invalid("1 validation error detected: Value null at 'queryExecutionId' failed to satisfy constraint:"
                          " Member must not be null")  # fmt: skip
        return await self._of(identifier)

    async def _of(self, identifier: str) -> dict[str, Any]:
        record = self._under_way.get(identifier) or await asyncio.to_thread(self._history.get, identifier)
        if record is None:
            raise invalid(f"QueryExecution {identifier} was not found", "QUERY_EXECUTION_NOT_FOUND")
        return record

    async def _get(self, call: Call) -> Mapping[str, Any]:
        return {"QueryExecution": shown(await self.record(call))}

    async def _batch_get(self, call: Call) -> Mapping[str, Any]:
        found, missing = [], []
        for identifier in call.parameters.get("QueryExecutionIds", []):
            try:
                found.append(shown(await self._of(identifier)))
            except AwsError as error:
                missing.append(
                    {
                        "QueryExecutionId": identifier,
                        "ErrorCode": "QUERY_EXECUTION_NOT_FOUND",
                        "ErrorMessage": error.message,
                    }
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    async def _list(self, call: Call) -> Mapping[str, Any]:
        workgroup = call.parameters.get("WorkGroup") or "primary"
        most = int(call.parameters.get("MaxResults") or 50)
        start = results.offset_of(call.parameters["NextToken"], workgroup) if call.parameters.get("NextToken") else 0
        found = await asyncio.to_thread(self._history.identifiers, workgroup, start, most + 1)
        answer: dict[str, Any] = {"QueryExecutionIds": found[:most]}
        if len(found) > most:
            answer["NextToken"] = results.token(workgroup, start + most)
        return answer

    async def _rows(self, call: Call) -> Mapping[str, Any]:
        record = await self.record(call)
        most = call.parameters.get("MaxResults", 1000)
        if not 1 <= most <= 1000:  # noqa: PLR2004 - the service model's limits
            raise invalid("MaxResults is more than maximum allowed length 1000")
        state = record["Status"]["State"]
        if state != "SUCCEEDED":
            detail = "Query did not finish successfully" if state in FINISHED else "Query has not yet finished"
            raise invalid(f"{detail}. Current state: {state}", "INVALID_QUERY_EXECUTION_STATE")
        return await asyncio.to_thread(self._page, record, most, call.parameters.get("NextToken"))

    def _page(self, record: dict[str, Any], most: int, token: str | None) -> Mapping[str, Any]:
        identifier = record["QueryExecutionId"]
        metadata = {"ColumnInfo": record["columns"]}
        answer: dict[str, Any] = {
            "UpdateCount": record.get("update_count", 0),
            "ResultSet": {"Rows": [], "ResultSetMetadata": metadata},
        }
        location = record["ResultConfiguration"]["OutputLocation"]
        if not location.endswith((".csv", ".txt")) or not record["columns"]:
            return answer
        path = self._objects.path(*split_location(location))
        if not path.is_file():
            raise invalid(f"Could not find results: {location} is not there any more")
        offset = results.offset_of(token, identifier) if token else 0
        rows, following = results.rows(path, quoted=location.endswith(".csv"), offset=offset, most=most)
        answer["ResultSet"]["Rows"] = [results.datum_row(row) for row in rows]
        if following is not None:
            answer["NextToken"] = results.token(identifier, following)
        return answer

    async def _runtime_statistics(self, call: Call) -> Mapping[str, Any]:
        record = await self.record(call)
        statistics, counted = record["Statistics"], record.get("rows", {"read": 0, "made": 0})
        timeline = {
            "QueryQueueTimeInMillis": statistics.get("QueryQueueTimeInMillis", 0),
            "ServicePreProcessingTimeInMillis": statistics.get("ServicePreProcessingTimeInMillis", 0),
            "QueryPlanningTimeInMillis": statistics.get("QueryPlanningTimeInMillis", 0),
            "EngineExecutionTimeInMillis": statistics.get("EngineExecutionTimeInMillis", 0),
            "ServiceProcessingTimeInMillis": statistics.get("ServiceProcessingTimeInMillis", 0),
            "TotalExecutionTimeInMillis": statistics.get("TotalExecutionTimeInMillis", 0),
        }
        rows = {
            "InputRows": counted["read"],
            "InputBytes": statistics.get("DataScannedInBytes", 0),
            "OutputRows": counted["made"],
            "OutputBytes": 0,
        }
        return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": rows}}
