"""The crawls that were, kept in a file."""

from pathlib import Path
from typing import Any

import orjson

KEPT_CRAWLS = 1000


class Crawls:
    """The crawls of every crawler, newest first, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._crawls: dict[str, list[dict[str, Any]]] = orjson.loads(path.read_bytes()) if path.exists() else {}

    def add(self, crawler: str, record: dict[str, Any]) -> None:
        kept = self._crawls.setdefault(crawler, [])
        kept.insert(0, record)
        del kept[KEPT_CRAWLS:]
        self.save()

    def of(self, crawler: str) -> list[dict[str, Any]]:
        return self._crawls.get(crawler, [])

    def began(self, crawler: str) -> float | None:
        found = self.of(crawler)
        return float(found[0]["StartTime"]) if found else None

    def save(self) -> None:
        temporary = self._path.with_suffix(".tmp")
        temporary.write_bytes(orjson.dumps(self._crawls))
        temporary.replace(self._path)
