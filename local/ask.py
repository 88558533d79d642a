"""`query` and `audit`: a SQL file, sent to Athena (local or AWS), and its answer shown."""

import csv
import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.clients import ClientError
from local.errors import UsageError
from local.target import Target, outputs

POLL_SECONDS = 0.1
_WIDEST = 1_000
FINISHED = {"SUCCEEDED", "FAILED", "CANCELLED"}


@dataclass(frozen=True)
class Answer:
    """Rows of text, as Athena gives them; None is SQL's NULL."""

    title: str
    columns: list[str]
    rows: list[list[str | None]]
    scanned_bytes: int
    milliseconds: int


def statement(source: str) -> tuple[str, str]:
    """Return (title, SQL) of a file, or of standard input for `-`. Raises UsageError."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except OSError as reason:
        raise UsageError(f"the query {source} cannot be read: {reason.strerror}") from None
    title = re.search(r"^-- title:\s*(.+)$", text, re.MULTILINE)
    return (title[1] if title else source), text


def ask(target: Target, source: str, stack: str | None = None) -> Answer:
    """Run a SQL file in the stack's workgroup and database; raises UsageError with Athena's own words."""
    title, sql = statement(source)
    where = outputs(target, stack)
    missing = {"WorkGroupName", "DatabaseName"} - where.keys()
    if missing:
        raise UsageError(f"the stack has no output {' and '.join(sorted(missing))}, so where to query is not known")
    athena = target.client("athena")
    try:
        execution = athena.start_query_execution(
            QueryString=sql, WorkGroup=where["WorkGroupName"],
            QueryExecutionContext={"Database": where["DatabaseName"]},
        )["QueryExecutionId"]  # fmt: skip
    except ClientError as error:
        raise UsageError(error.response["Error"]["Message"]) from None
    finished = _wait(athena, execution)
    status = finished["Status"]
    if status["State"] != "SUCCEEDED":
        raise UsageError(f"{source}: {status.get('StateChangeReason', status['State'])}")
    columns, rows = _rows(athena, execution)
    statistics = finished["Statistics"]
    return Answer(title, columns, rows, statistics["DataScannedInBytes"], statistics["EngineExecutionTimeInMillis"])


def _wait(athena: Any, execution: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        if found["Status"]["State"] in FINISHED:
            return found
        time.sleep(POLL_SECONDS)


def _rows(athena: Any, execution: str) -> tuple[list[str], list[list[str | None]]]:
    columns: list[str] = []
    rows: list[list[str | None]] = []
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution):
        columns = [each["Name"] for each in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
        rows.extend([cell.get("VarCharValue") for cell in row["Data"]] for row in page["ResultSet"]["Rows"])
    # The first row of a SELECT repeats the column names.
    return columns, rows[1:] if rows and rows[0] == columns else rows


def show(answer: Answer, form: str, out: IO[str]) -> None:
    """Write the answer as `table`, `csv` or `json` (one object a line)."""
    if form == "csv":
        csv.writer(out).writerows([answer.columns, *answer.rows])
    elif form == "json":
        for row in answer.rows:
            print(json.dumps(dict(zip(answer.columns, row, strict=True)), ensure_ascii=False), file=out)
    else:
        paper(out).print(table(answer))


def paper(out: IO[str]) -> Console:
    """Return a console as wide as the terminal that `out` is, or as what is written to the file that it is."""
    return Console(file=out, width=None if out.isatty() else _WIDEST)


def table(answer: Answer) -> Group:
    """Return the answer as a table for a terminal, and what it cost below it."""
    drawn = Table(title=answer.title, title_justify="left", title_style="bold")
    for column in answer.columns:
        drawn.add_column(column, overflow="fold")
    for row in answer.rows:
        drawn.add_row(*("" if cell is None else escape(cell) for cell in row))
    cost = f"{len(answer.rows)} rows, {answer.scanned_bytes:,} bytes scanned, {answer.milliseconds} ms"
    return Group(drawn, Text(cost, style="dim"))


def lost(answer: Answer) -> int:
    """Return the sum of the answer's `lost` column; raises UsageError if it has none."""
    if "lost" not in answer.columns:
        raise UsageError("the audit's SQL must have a column `lost`")
    at = answer.columns.index("lost")
    return sum(int(row[at] or 0) for row in answer.rows)
