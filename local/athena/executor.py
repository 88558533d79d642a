"""One statement, run to its end: what it answers goes to the result's place in S3."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from local.athena.answers import Context, Lines
from local.athena.catalog import Catalog
from local.athena.changes import create_view
from local.athena.commands import COMMANDS
from local.athena.errors import QueryFailed
from local.athena.history import History
from local.athena.queries import Planned, Planner, copy_to_csv, run
from local.athena.results import column_info, metadata, text_column
from local.athena.statements import Statement
from local.athena.storage import ObjectStore, split_location
from local.athena.types import Type
from local.athena.writes import Writer
from local.clients import Clients
from local.engine import Engine
from local.errors import AwsError
from local.wire import Caller

Authorize = Callable[[Caller, str, str], None]
"""(caller, action, resource ARN): raises AwsError where the caller's policies do not allow it. Blocks."""
_ONE_PUT = 8 * 1024 * 1024
"""Bytes: what is larger goes up in parts."""


@dataclass
class Job:
    """What an execution is to do, and where its result goes."""

    identifier: str
    statement: Statement
    caller: Caller
    workgroup: str
    database: str
    moment: datetime
    output: str
    """The result's location, without the suffix that the statement's kind adds."""
    most_bytes: int | None = None
    upload: dict[str, Any] = field(default_factory=dict)
    """Further members of PutObject: encryption and owner, as the workgroup has them."""


@dataclass
class Outcome:
    columns: list[dict[str, Any]] = field(default_factory=list)
    read_bytes: int = 0
    read_rows: int = 0
    rows: int = 0
    update_count: int | None = None
    manifest: str | None = None
    planning_seconds: float = 0.0
    publishing_seconds: float = 0.0


class Executor:
    """Runs jobs; knows nothing of how executions are kept."""

    def __init__(
        self,
        *,
        clients: Clients,
        objects: ObjectStore,
        engine: Engine,
        history: History,
        scratch: Path,
        authorize: Authorize,
    ) -> None:
        self._authorize = authorize
        self._clients = clients
        self._objects = objects
        self._engine = engine
        self._history = history
        self._scratch = scratch

    async def run(self, job: Job, started: Callable[[], None]) -> Outcome:
        """Run a job; `started` is called once it has a turn. Raises QueryFailed, EngineStopped, ReadTooMuch."""
        if job.statement.action in COMMANDS:
            started()
            return await asyncio.to_thread(self._command, job)
        if job.statement.action in ("prepare", "deallocate"):
            started()
            return await asyncio.to_thread(self._prepared, job)
        folder = self._scratch / job.identifier
        async with self._engine.session() as session:
            started()
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            catalog = Catalog(self._clients.own("glue"))
            planner = Planner(catalog, self._objects, session, job.moment)
            try:
                return await self._with_planner(job, planner, folder)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _with_planner(self, job: Job, planner: Planner, folder: Path) -> Outcome:
        begun = asyncio.get_running_loop().time()
        parts = job.statement.parts
        planned = await planner.plan(parts["tree"].copy(), job.database, folder)
        await asyncio.to_thread(self._ask, job, planned)
        planning = asyncio.get_running_loop().time() - begun
        match job.statement.action:
            case "select":
                outcome = await self._select(job, planner, planned, folder)
            case "explain":
                outcome = await self._explain(job, planner, planned)
            case "create_view":
                outcome = await self._create_view(job, planner, planned)
            case _:
                writer = Writer(planner, self._clients.own("s3"), folder)
                outcome = await self._write(job, writer, planned)
        outcome.planning_seconds = planning
        return outcome

    def _ask(self, job: Job, planned: Planned) -> None:
        """Hold the caller, not this program, to what the query reads; raises QueryFailed."""
        try:
            for scan in planned.scans:
                where = f"{self._clients.region}:{self._clients.account}"
                self._authorize(
                    job.caller, "glue:GetTable", f"arn:aws:glue:{where}:table/{scan.table.database}/{scan.table.name}"
                )
                if scan.files:
                    first = scan.files[0]
                    self._authorize(job.caller, "s3:GetObject", f"arn:aws:s3:::{first.bucket}/{first.object.key}")
        except AwsError as refusal:
            raise QueryFailed("", f"Insufficient permissions to execute the query. {refusal.message}") from None

    async def _select(self, job: Job, planner: Planner, planned: Planned, folder: Path) -> Outcome:
        target = folder / "result.csv"
        tree = job.statement.parts["tree"]
        effort = await run(planner.session, copy_to_csv(planned, target), tree, job.most_bytes)
        columns = [column_info(column.name, column.type) for column in planned.columns]
        about = metadata(job.identifier, columns)
        ran = asyncio.get_running_loop().time()
        await asyncio.gather(
            asyncio.to_thread(self._upload, job, target),
            asyncio.to_thread(self._put, f"{job.output}.csv.metadata", about, job),
        )
        publishing = asyncio.get_running_loop().time() - ran
        return Outcome(columns, effort.read_bytes, effort.read_rows, effort.rows, publishing_seconds=publishing)

    async def _explain(self, job: Job, planner: Planner, planned: Planned) -> Outcome:
        rows = await planner.session.rows(f"EXPLAIN {planned.sql}")
        lines = ["Query Plan", *str(rows[0][1]).splitlines(), ""]
        column = {
            **text_column("Query Plan"),
            "Type": "varchar",
            "CaseSensitive": True,
            "Precision": len(str(rows[0][1])),
        }
        await asyncio.to_thread(self._upload_lines, job, Lines(["Query Plan"], lines), [column])
        return Outcome([column])

    async def _create_view(self, job: Job, planner: Planner, planned: Planned) -> Outcome:
        parts = {**job.statement.parts, "schema": job.database}
        context = Context(planner.catalog, self._objects, job.moment)
        columns = [(column.name, column.type) for column in planned.columns]
        answer = await asyncio.to_thread(create_view, context, parts, columns)
        await asyncio.to_thread(self._upload_lines, job, answer, [])
        return Outcome()

    async def _write(self, job: Job, writer: Writer, planned: Planned) -> Outcome:
        written = await writer.write(job.statement, planned, job.output, job.most_bytes)
        manifest = f"{job.output}{job.statement.result_name}-manifest.csv" if written.locations else None
        if manifest is not None:
            await asyncio.to_thread(self._put, manifest, "\n".join(written.locations).encode() + b"\n", job)
        columns = [column_info("rows", Type("bigint"))]
        changed = (written.verb, written.rows)
        place = f"{job.output}{job.statement.result_name}.metadata"
        await asyncio.to_thread(self._put, place, metadata(job.identifier, columns, changed), job)
        return Outcome(
            columns, written.effort.read_bytes, written.effort.read_rows, written.rows, written.rows, manifest
        )

    def _command(self, job: Job) -> Outcome:
        context = Context(Catalog(self._clients.own("glue")), self._objects, job.moment)
        answer = COMMANDS[job.statement.action](context, job.statement.parts)
        columns = [text_column(name) for name in answer.columns]
        self._upload_lines(job, answer, columns)
        return Outcome(columns)

    def _prepared(self, job: Job) -> Outcome:
        name = job.statement.parts["name"]
        if job.statement.action == "deallocate":
            if self._history.get_prepared(job.workgroup, name) is None:
                raise QueryFailed("NOT_FOUND", f"Prepared statement not found: {name}")
            self._history.delete_prepared(job.workgroup, name)
        else:
            record = {
                "StatementName": name, "WorkGroupName": job.workgroup, "QueryStatement": job.statement.parts["sql"],
                "LastModifiedTime": job.moment.timestamp(),
            }  # fmt: skip
            self._history.put_prepared(job.workgroup, name, record)
        self._upload_lines(job, Lines(), [])
        return Outcome()

    # --- S3

    def _upload(self, job: Job, file: Path) -> None:
        if file.stat().st_size <= _ONE_PUT:
            self._put(f"{job.output}.csv", file.read_bytes(), job)
            return
        bucket, key = split_location(f"{job.output}.csv")
        extra = {"ContentType": "application/octet-stream", **job.upload}
        self._clients.own("s3").upload_file(str(file), bucket, key, ExtraArgs=extra)

    def _upload_lines(self, job: Job, answer: Lines, columns: Sequence[dict[str, Any]]) -> None:
        self._put(f"{job.output}.txt", "\n".join(answer.rows).encode(), job)
        if columns:
            self._put(f"{job.output}.txt.metadata", metadata(job.identifier, columns), job)

    def _put(self, location: str, body: bytes, job: Job) -> None:
        bucket, key = split_location(location)
        extra = {"ContentType": "application/octet-stream", **job.upload}
        self._clients.own("s3").put_object(Bucket=bucket, Key=key, Body=body, **extra)
