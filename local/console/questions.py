"""Athena: named queries, a query's life, its result page by page, history."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.console.screen import safe

FINISHED = {"SUCCEEDED", "FAILED", "CANCELLED"}
ROWS = 1_000
"""Rows of a result on the screen; the download has all."""

CELL = 1_000
READING = {"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "VALUES", "TABLE"}
"""What a statement that changes nothing begins with."""

_COMMENT = re.compile(r"\s*(?:--[^\n]*(?:\n|$)|/\*.*?\*/)", re.DOTALL)
_ANALYZE = re.compile(r"EXPLAIN\s+ANALYZE\s+(?:VERBOSE\s+)?(?:\([^)]*\)\s*)?", re.IGNORECASE)

TEXTS = {"varchar", "char", "string", "json", "row", "array", "map"}
NUMBERS = {"tinyint", "smallint", "integer", "int", "bigint", "float", "real", "double", "decimal"}
MOMENTS = {"date", "timestamp", "timestamp with time zone", "time"}


@dataclass(frozen=True)
class Named:
    """A query kept in the workgroup."""

    name: str
    description: str
    sql: str


@dataclass(frozen=True)
class Execution:
    """One query execution."""

    identifier: str
    sql: str
    state: str
    reason: str
    submitted: datetime | None
    scanned_bytes: int
    milliseconds: int
    output: str

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


@dataclass(frozen=True)
class Result:
    """The first rows of a result; None is SQL's NULL."""

    columns: list[tuple[str, str]]
    rows: list[list[str | None]]
    more: bool


def named(athena: Any, workgroup: str) -> list[Named]:
    """Return the named queries of the workgroup by name. Blocks; raises ClientError."""
    identifiers = [
        each
        for page in athena.get_paginator("list_named_queries").paginate(WorkGroup=workgroup)
        for each in page["NamedQueryIds"]
    ]
    found: list[Named] = []
    for start in range(0, len(identifiers), 50):
        answer = athena.batch_get_named_query(NamedQueryIds=identifiers[start : start + 50])
        found += [
            Named(each["Name"], each.get("Description", ""), each["QueryString"]) for each in answer["NamedQueries"]
        ]
    return sorted(found, key=lambda each: each.name)


def reads(sql: str) -> bool:
    """Say whether a statement only reads: EXPLAIN ANALYZE runs what it explains."""
    while (comment := _COMMENT.match(sql)) is not None:
        sql = sql[comment.end() :]
    if (analyzed := _ANALYZE.match(sql.lstrip(" \t\r\n("))) is not None:
        return reads(sql.lstrip(" \t\r\n(")[analyzed.end() :])
    word = re.match(r"[\s(]*([A-Za-z]+)", sql)
    return word is not None and word[1].upper() in READING


def start(athena: Any, sql: str, *, database: str, workgroup: str) -> str:
    """Start a query; return its id. Blocks; raises ClientError."""
    context = {"Database": database} if database else {}
    answer = athena.start_query_execution(QueryString=sql, WorkGroup=workgroup, QueryExecutionContext=context)
    return str(answer["QueryExecutionId"])


def look(athena: Any, identifier: str) -> Execution:
    """Return how a query is doing. Blocks; raises ClientError."""
    return _execution(athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"])


def cancel(athena: Any, identifier: str) -> None:
    athena.stop_query_execution(QueryExecutionId=identifier)


def history(athena: Any, workgroup: str, limit: int = 20) -> list[Execution]:
    """Return the latest executions of the workgroup, newest first. Blocks; raises ClientError."""
    identifiers = athena.list_query_executions(WorkGroup=workgroup, MaxResults=limit)["QueryExecutionIds"]
    if not identifiers:
        return []
    found = athena.batch_get_query_execution(QueryExecutionIds=identifiers)["QueryExecutions"]
    executions = {each["QueryExecutionId"]: _execution(each) for each in found}
    return [executions[each] for each in identifiers if each in executions]


def result(athena: Any, identifier: str, limit: int = ROWS) -> Result:
    """Return the first rows of a finished query. Blocks; raises ClientError."""
    columns: list[tuple[str, str]] = []
    rows: list[list[str | None]] = []
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=identifier, PaginationConfig={"PageSize": 1000}
    )
    for page in pages:
        columns = [(each["Name"], each["Type"]) for each in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
        rows += [[cell.get("VarCharValue") for cell in row["Data"]] for row in page["ResultSet"]["Rows"]]
        if len(rows) > limit + 1:
            break
    # The first row of a SELECT repeats the column names.
    if rows and rows[0] == [name for name, _ in columns]:
        rows = rows[1:]
    shown = [[_cell(value, kind) for value, (_, kind) in zip(row, columns, strict=False)] for row in rows[:limit]]
    return Result(columns, shown, len(rows) > limit)


def _cell(value: str | None, kind: str) -> str | None:
    if value is None:
        return None
    return safe(value, CELL) if kind.partition("(")[0] in TEXTS else value


def _execution(found: dict[str, Any]) -> Execution:
    status, statistics = found["Status"], found.get("Statistics", {})
    return Execution(
        identifier=found["QueryExecutionId"],
        sql=found.get("Query", ""),
        state=status["State"],
        reason=safe(status.get("StateChangeReason", "")),
        submitted=status.get("SubmissionDateTime"),
        scanned_bytes=statistics.get("DataScannedInBytes", 0),
        milliseconds=statistics.get("TotalExecutionTimeInMillis", statistics.get("EngineExecutionTimeInMillis", 0)),
        output=found.get("ResultConfiguration", {}).get("OutputLocation", ""),
    )


def csv(s3: Any, output: str) -> bytes:
    """Return the result file that Athena left in S3. Blocks; raises ClientError and ValueError for no such place."""
    place = re.fullmatch(r"s3://([^/]+)/(.+)", output)
    if place is None:
        raise ValueError(f"the query left no result file ({output or 'no output location'})")
    return bytes(s3.get_object(Bucket=place[1], Key=place[2])["Body"].read())


@dataclass(frozen=True)
class Series:
    """A result that can be drawn: one label per row, one or more columns of numbers."""

    labels: list[str]
    over_time: bool
    lines: list[tuple[str, list[float | None]]]


def series(found: Result) -> Series | None:
    """Return the result as a series when its first column names or times rows and others are numbers, else None."""
    kinds = [kind.partition("(")[0] for _, kind in found.columns]
    numbers = [at for at, kind in enumerate(kinds) if kind in NUMBERS]
    labels = [at for at, kind in enumerate(kinds) if kind in MOMENTS or kind in TEXTS]
    if len(found.rows) < 2 or not numbers or not labels or labels[0] > numbers[0]:  # noqa: PLR2004 - one point is no line
        return None
    at = labels[0]
    names = [row[at] or "-" for row in found.rows]
    if len(set(names)) < len(names):
        return None
    lines = [(found.columns[each][0], [_float(row[each]) for row in found.rows]) for each in numbers]
    over_time = kinds[at] in MOMENTS
    return Series(_short(names) if over_time else names, over_time, lines)


def _short(moments: list[str]) -> list[str]:
    """Return moments without what they all share: a fraction of .000, seconds of :00, the day."""
    for ending in (".000", ":00"):
        if all(each.endswith(ending) for each in moments):
            moments = [each.removesuffix(ending) for each in moments]
    if len({each[:10] for each in moments}) == 1 and len(moments[0]) > len("yyyy-MM-dd "):
        moments = [each[11:] for each in moments]
    return moments


def _float(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
