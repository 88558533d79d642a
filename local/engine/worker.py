"""The process's side of the pipe, and the only file that knows DuckDB.

What a query may open is settled before it is seen:
https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

import functools
import itertools
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from local.engine.restraint import leaving_a_core, reading_at_most, spent_by
from local.engine.session import ReadTooMuch

_WARMING = "SELECT i % 60, count(DISTINCT md5(CAST(i AS VARCHAR))) FROM range(20000) AS t(i) GROUP BY 1"
"""Fills memory that the first query would have to wait for: it meets half as many page faults then."""


class _Worker:
    """The other side of the pipe."""

    def __init__(self) -> None:
        self._gateways_time = functools.partial(spent_by, os.getppid())
        self._config: dict[str, Any] = {}
        self._settings: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="engine-")
        self._copies = itertools.count()
        self._next: Any = None
        self._database: Any = None
        self._closed: Any = None
        self._sealed: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        return getattr(self, f"_{request.pop('do')}")(**request)  # type: ignore[no-any-return]  # each below does

    def _prepare(self, prelude: list[str], memory: str, threads: int) -> dict[str, Any]:
        self._config = {"threads": threads, "memory_limit": memory}
        self._settings = [statement for statement in prelude if statement.startswith("SET ")]
        with duckdb.connect(str(self._model)) as model:
            for statement in prelude:
                model.execute(statement)
        self._sealed = self._fresh()
        self._sealed.execute("SET enable_external_access = false")
        self._sealed.execute("SET lock_configuration = true")
        return {}

    @property
    def _model(self) -> Path:
        return Path(self._folder.name) / "model.duckdb"

    def _fresh(self) -> Any:
        """Return a database with the prelude in it: a copy of a file is made sooner than two hundred functions."""
        # A path of its own, because DuckDB shares what is open under one path, its locks included.
        copy = self._model.with_name(f"{next(self._copies)}.duckdb")
        shutil.copyfile(self._model, copy)
        database = duckdb.connect(str(copy), read_only=True, config=self._config)
        copy.unlink()
        for setting in self._settings:
            database.execute(setting)
        return database

    def _open(self, files: list[str], folder: str, statements: list[str], query: str | None) -> dict[str, Any]:
        self._database = self._next or self._fresh()
        self._next = None
        self._database.execute("PRAGMA enable_profiling = 'no_output'")
        self._database.execute("SET temp_directory = ?", [f"{folder}/spill"])
        self._database.execute("SET allowed_paths = ?", [files])
        self._database.execute("SET allowed_directories = ?", [[folder]])
        self._database.execute("SET enable_external_access = false")
        self._database.execute("SET lock_configuration = true")
        for statement in statements:
            self._database.execute(statement)
        return self._columns(query) if query is not None else {"columns": []}

    def _close(self) -> dict[str, Any]:
        self._closed, self._database = self._database, None
        return {}

    def tidy(self) -> None:
        """Do what nobody has to wait for: end the last query's database, make the next one's."""
        if self._closed is not None:
            self._closed.close()
            self._closed = None
        if self._database is None and self._next is None:
            self._next = self._fresh()
            self._next.execute(_WARMING).fetchall()

    def _rows(self, sql: str) -> dict[str, Any]:
        return {"rows": [list(row) for row in self._database.execute(sql).fetchall()]}

    def _columns(self, sql: str) -> dict[str, Any]:
        described = self._database.execute(f"DESCRIBE {sql}").fetchall()
        return {"columns": [[row[0], row[1]] for row in described]}

    def _constants(self, sql: str) -> dict[str, Any]:
        return {"rows": [list(row) for row in self._sealed.execute(sql).fetchall()]}

    def _run(self, sql: str, most_bytes: int | None) -> dict[str, Any]:
        with leaving_a_core(self._gateways_time), reading_at_most(most_bytes, self._database.interrupt):
            result = self._database.execute(sql)
            rows = result.fetchall() if result.description else []
        profile = json.loads(self._database.get_profiling_information())
        return {
            "rows": rows[0][0] if rows and isinstance(rows[0][0], int) else 0,
            "read_bytes": profile.get("io", {}).get("total_bytes_read", 0),
            "read_rows": profile.get("query", {}).get("total_rows_scanned", 0),
        }


_NICENESS = 10
"""A query takes what the gateway leaves, so that one that runs for long slows nobody who waits for an answer."""


def work() -> None:
    """Answer requests from standard input until it closes."""
    os.nice(_NICENESS)
    worker = _Worker()
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except ReadTooMuch as error:
            answer = {"error": "ReadTooMuch", "message": str(error)}
        except duckdb.Error as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        except MemoryError as error:
            answer = {"error": "OutOfMemoryException", "message": str(error)}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()
        worker.tidy()
