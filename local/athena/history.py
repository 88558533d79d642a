"""Query executions and prepared statements, kept in one SQLite file: they outlive the process. Every method blocks."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
  id TEXT PRIMARY KEY, workgroup TEXT NOT NULL, submitted REAL NOT NULL, token TEXT, record BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS executions_by_workgroup ON executions (workgroup, submitted DESC);
CREATE INDEX IF NOT EXISTS executions_by_token ON executions (token);
CREATE TABLE IF NOT EXISTS prepared (
  workgroup TEXT NOT NULL, name TEXT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (workgroup, name)
);
"""


class History:
    """A record is a JSON document; what is asked for has a column of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(folder / "history.sqlite", check_same_thread=False, isolation_level=None)
        # A lost second of history is cheaper than a disk flush for every query.
        self._file.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; {_SCHEMA}")

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def put(self, record: dict[str, Any], token: str | None = None) -> None:
        """Keep an execution; its `QueryExecutionId`, `WorkGroup` and `submitted` are its place."""
        self._run(
            "INSERT INTO executions VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
            record["QueryExecutionId"], record["WorkGroup"], record["submitted"], token, orjson.dumps(record),
        )  # fmt: skip

    def get(self, identifier: str) -> dict[str, Any] | None:
        found = self._run("SELECT record FROM executions WHERE id = ?", identifier)
        return orjson.loads(found[0][0]) if found else None

    def by_token(self, token: str) -> dict[str, Any] | None:
        found = self._run("SELECT record FROM executions WHERE token = ?", token)
        return orjson.loads(found[0][0]) if found else None

    def identifiers(self, workgroup: str, start: int, most: int) -> list[str]:
        """Return identifiers, newest first."""
        query = "SELECT id FROM executions WHERE workgroup = ? ORDER BY submitted DESC, id LIMIT ? OFFSET ?"
        return [row[0] for row in self._run(query, workgroup, most, start)]

    def unfinished(self) -> list[dict[str, Any]]:
        state = "json_extract(CAST(record AS TEXT), '$.Status.State')"
        query = f"SELECT record FROM executions WHERE {state} IN ('QUEUED', 'RUNNING')"  # noqa: S608 - a constant
        return [orjson.loads(row[0]) for row in self._run(query)]

    def put_prepared(self, workgroup: str, name: str, record: dict[str, Any]) -> None:
        self._run("INSERT OR REPLACE INTO prepared VALUES (?, ?, ?)", workgroup, name, orjson.dumps(record))

    def get_prepared(self, workgroup: str, name: str) -> dict[str, Any] | None:
        found = self._run("SELECT record FROM prepared WHERE workgroup = ? AND name = ?", workgroup, name)
        return orjson.loads(found[0][0]) if found else None

    def delete_prepared(self, workgroup: str, name: str) -> None:
        self._run("DELETE FROM prepared WHERE workgroup = ? AND name = ?", workgroup, name)

    def all_prepared(self, workgroup: str) -> list[dict[str, Any]]:
        found = self._run("SELECT record FROM prepared WHERE workgroup = ? ORDER BY name", workgroup)
        return [orjson.loads(row[0]) for row in found]

    def _run(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._file.execute(statement, values).fetchall()
