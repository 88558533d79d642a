"""What statements on the catalog are given, and what they answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.athena.catalog import Catalog, Table
from local.athena.storage import ObjectStore


@dataclass
class Lines:
    """What a statement answers: the names of its columns, and rows already joined into one text each."""

    columns: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    catalog: Catalog
    objects: ObjectStore
    moment: datetime


Parts = Mapping[str, Any]
Command = Callable[[Context, Parts], Lines]


def table_of(context: Context, parts: Parts) -> Table:
    return context.catalog.table(parts["database"], parts["table"])


def named_values(table: Table, values: list[str]) -> list[str]:
    return [f"{key.name}={value}" for key, value in zip(table.keys, values, strict=True)]
