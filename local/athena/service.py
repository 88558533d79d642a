"""Athena's executions: started, run, stopped.

Workgroups, named queries and the catalog's own API stay with the emulator. https://docs.aws.amazon.com/athena/latest/APIReference/
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.athena.errors import USER, MalformedQuery, QueryFailed
from local.athena.executor import Authorize, Executor, Job, Outcome
from local.athena.functions import statements as prelude
from local.athena.history import History
from local.athena.inspection import Inspection, Operation
from local.athena.prepared import PreparedStatements
from local.athena.records import destination, statistics, typed
from local.athena.results import invalid
from local.athena.statements import Statement, statement, with_arguments
from local.athena.storage import Bucket, ObjectStore
from local.clients import ClientError, Clients
from local.clock import Clock
from local.engine import Engine, EngineStopped, ReadTooMuch
from local.wire import Call, Caller

log = logging.getLogger(__name__)

LONGEST_QUERY = 262_144
"""Bytes: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""
ENGINE_VERSION = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}


def _allow(_caller: Caller, _action: str, _resource: str) -> None:
    """Allow everything: for whoever has no policies to ask."""


class AthenaService:
    """One of the gateway's services."""

    name = "athena"

    def __init__(
        self, *, clients: Clients, clock: Clock, state: Path, object_path: Callable[[str, str], Path],
        engine: Engine | None = None, objects: ObjectStore | None = None, authorize: Authorize = _allow,
    ) -> None:  # fmt: skip
        """Keep history and scratch files in `state`; `object_path(bucket, key)` is the file that holds an object."""
        self._clients = clients
        self._clock = clock
        self._engine = engine or Engine(prelude(), folder=state / "engine")
        self._history = History(state)
        self._objects = objects or Bucket(clients.own("s3"), object_path)
        self._executor = Executor(
            clients=clients, objects=self._objects, engine=self._engine, history=self._history,
            scratch=state / "scratch", authorize=authorize,
        )  # fmt: skip
        self._running: dict[str, asyncio.Task[None]] = {}
        self._records: dict[str, dict[str, Any]] = {}
        """Executions under way; finished ones are in the history only."""
        self._inspection = Inspection(self._history, self._objects, self._records)
        self._handlers: dict[str, Operation] = {
            "StartQueryExecution": self._start,
            "StopQueryExecution": self._stop,
            **self._inspection.handlers,
            **PreparedStatements(self._history, clock).handlers,
        }
        self.operations = frozenset(self._handlers)

    async def start(self) -> None:
        """Warm the engine, and close what a crash left open."""
        await self._engine.start()
        for record in await asyncio.to_thread(self._history.unfinished):
            self._finish(record, "FAILED", "The service stopped while the query ran")

    async def stop(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._engine.stop()
        await asyncio.to_thread(self._history.close)

    def resources(self, call: Call) -> list[str]:
        """Every operation is allowed or denied on its workgroup."""
        named = call.parameters.get("WorkGroup")
        if named is None and (identifier := call.parameters.get("QueryExecutionId")):
            named = self._inspection.workgroup_of(identifier)
        return [f"arn:aws:athena:{call.region}:{self._clients.account}:workgroup/{named or 'primary'}"]

    async def call(self, call: Call) -> Mapping[str, Any]:
        return await self._handlers[call.operation](call)

    async def _start(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        token = asked.get("ClientRequestToken")
        if token is not None and (known := await asyncio.to_thread(self._known, token, asked)) is not None:
            return {"QueryExecutionId": known}
        record, job = await asyncio.to_thread(self._prepare, call)
        await asyncio.to_thread(self._history.put, record, token)
        self._records[job.identifier] = record
        task = asyncio.create_task(self._run(job, record))
        self._running[job.identifier] = task
        task.add_done_callback(lambda _: self._forget(job.identifier))
        return {"QueryExecutionId": job.identifier}

    def _forget(self, identifier: str) -> None:
        self._running.pop(identifier, None)
        self._records.pop(identifier, None)

    def _known(self, token: str, asked: Mapping[str, Any]) -> str | None:
        """Return the execution that this token started; the same token for another query is refused."""
        if not 32 <= len(token) <= 128:  # noqa: PLR2004 - the service model's limits
            raise invalid("1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint:"
                          " Member must have length between 32 and 128, inclusive")  # fmt: skip
        if (record := self._history.by_token(token)) is None:
            return None
        if record["Query"] != asked.get("QueryString") or record["asked_context"] != asked.get(
            "QueryExecutionContext", {}
        ):
            raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return str(record["QueryExecutionId"])

    def _prepare(self, call: Call) -> tuple[dict[str, Any], Job]:
        """Check a request and turn it into a record and a job; blocks. Raises AwsError."""
        asked = call.parameters
        sql = asked.get("QueryString") or ""
        if not sql.strip() or len(sql.encode()) > LONGEST_QUERY:
            raise invalid(f"QueryString must have between 1 and {LONGEST_QUERY} bytes")
        workgroup = asked.get("WorkGroup") or "primary"
        settings = self._settings(workgroup)
        context = asked.get("QueryExecutionContext") or {}
        # Quoted as an identifier it is taken too: awswrangler sends it so (awswrangler/athena/_utils.py).
        database = (context.get("Database") or "default").strip('`"').lower()
        taken = self._statement(sql, database, workgroup, asked.get("ExecutionParameters") or [])
        identifier = str(uuid.UUID(bytes=uuid.uuid4().bytes))
        base, upload = destination(asked.get("ResultConfiguration") or {}, settings)
        output = f"{base}{'tables/' if taken.action == 'create_table_as' else ''}{identifier}"
        now = self._clock.now()
        job = Job(
            identifier, taken, call.caller, workgroup, database, datetime.fromtimestamp(now, UTC), output,
            settings.get("BytesScannedCutoffPerQuery"), upload,
        )  # fmt: skip
        record: dict[str, Any] = {
            "QueryExecutionId": identifier,
            "Query": sql,
            "StatementType": taken.kind,
            "SubstatementType": taken.subtype,
            "ResultConfiguration": {"OutputLocation": f"{output}{taken.result_name}"},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": {**context, "Catalog": (context.get("Catalog") or "awsdatacatalog").lower()},
            "Status": {"State": "QUEUED", "SubmissionDateTime": now},
            "Statistics": {},
            "WorkGroup": workgroup,
            "EngineVersion": ENGINE_VERSION,
            "submitted": now,
            "asked_context": context,
            "columns": [],
        }
        if asked.get("ExecutionParameters"):
            record["ExecutionParameters"] = asked["ExecutionParameters"]
        return record, job

    def _settings(self, workgroup: str) -> dict[str, Any]:
        try:
            found = self._clients.own("athena").get_work_group(WorkGroup=workgroup)["WorkGroup"]
        except ClientError:
            raise invalid("WorkGroup is not found.", "WORKGROUP_NOT_FOUND") from None
        if found.get("State") == "DISABLED":
            raise invalid(f"WorkGroup {workgroup} is disabled.")
        return typed(found.get("Configuration") or {}, enforced=workgroup != "primary")

    def _statement(self, sql: str, database: str, workgroup: str, parameters: list[str]) -> Statement:
        try:
            if parameters and "?" in sql:
                return statement(with_arguments(sql, parameters), database)
            taken = statement(sql, database)
            if taken.action != "execute":
                return taken
            name = taken.parts["name"]
            if (prepared := self._history.get_prepared(workgroup, name)) is None:
                raise invalid(f"PreparedStatement {name} was not found in workGroup {workgroup}")
            return statement(
                with_arguments(prepared["QueryStatement"], taken.parts["arguments"] or parameters), database
            )
        except MalformedQuery as error:
            raise invalid(str(error), "MALFORMED_QUERY") from None

    async def _run(self, job: Job, record: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        queued = loop.time()
        begun = queued

        def started() -> None:
            nonlocal begun
            begun = loop.time()
            record["Status"]["State"] = "RUNNING"

        outcome = Outcome()
        try:
            outcome = await self._executor.run(job, started)
            state, reason, failure = "SUCCEEDED", "", None
        except QueryFailed as error:
            state, reason, failure = "FAILED", str(error), error
        except ReadTooMuch:
            state, failure = "CANCELLED", None
            reason = "Query cancelled! : Bytes scanned limit was exceeded"
        except EngineStopped:
            state, reason, failure = "FAILED", "The query's process ended: it may have exceeded its memory", None
        except asyncio.CancelledError:
            state, reason, failure = "CANCELLED", "Query cancelled by user", None
        except Exception as error:
            log.exception("query %s failed", job.identifier)
            state, reason, failure = "FAILED", f"GENERIC_INTERNAL_ERROR: {error}", None
        record["columns"] = outcome.columns
        record["Statistics"] = statistics(outcome, queued, begun, loop.time())
        record["rows"] = {"read": outcome.read_rows, "made": outcome.rows}
        if outcome.update_count is not None:
            record["update_count"] = outcome.update_count
        if failure is not None:
            record["Status"]["AthenaError"] = {
                "ErrorCategory": USER, "ErrorType": failure.type, "Retryable": False, "ErrorMessage": reason,
            }  # fmt: skip
        await asyncio.to_thread(self._finish, record, state, reason)

    def _finish(self, record: dict[str, Any], state: str, reason: str) -> None:
        status = {**record["Status"], "State": state, "CompletionDateTime": self._clock.now()}
        if reason:
            status["StateChangeReason"] = reason
        record["Status"] = status
        self._history.put(record)

    async def _stop(self, call: Call) -> Mapping[str, Any]:
        identifier = (await self._inspection.record(call))["QueryExecutionId"]
        if (task := self._running.get(identifier)) is not None:
            task.cancel()
            await asyncio.wait([task])
        return {}
