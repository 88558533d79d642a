"""What a crawler concludes from what it finds: tables, partitions, columns. Pure.

https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Columns = list[dict[str, str]]
"""`[{"Name": …, "Type": …}, …]`, as a StorageDescriptor has them."""


@dataclass
class FoundTable:
    """A table that lies under `prefix` (a key ending in a slash), with its partitions by value."""

    name: str
    prefix: str
    keys: list[str]
    partitions: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    """Object keys by partition values; one entry, `()`, if the table has no partitions."""

    def folder(self, values: tuple[str, ...]) -> str:
        """Return the prefix of a partition as it lies in the bucket."""
        if not values:
            return self.prefix
        depth = len(values)
        sample = self.partitions[values][0][len(self.prefix) :]
        return self.prefix + "/".join(sample.split("/")[:depth]) + "/"


def is_data(key: str) -> bool:
    """Tell whether a crawler looks at an object: no folder marker, nothing hidden."""
    return not key.endswith("/") and not any(part.startswith(("_", ".")) for part in key.split("/"))


def excluded(key: str, patterns: Iterable[str]) -> bool:
    """Tell whether a glob pattern of a target, relative to its path, leaves a key out."""
    return any(fnmatchcase(key, pattern.replace("**", "*")) for pattern in patterns)


def partitions_of(keys: Iterable[str], prefix: str, names: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    """Return the object keys below `prefix` by their values of the partition columns `names`.

    A folder is `name=value`, or the value alone; objects that are not deep enough, or in folders of other names, are
    no partition's.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for key in keys:
        folders = key[len(prefix) :].split("/")[:-1]
        if len(folders) < len(names):
            continue
        values = [_value(folder, name) for folder, name in zip(folders, names, strict=False)]
        if all(value is not None for value in values):
            found.setdefault(tuple(str(value) for value in values), []).append(key)
    return found


def _value(folder: str, name: str) -> str | None:
    key, assigned, value = folder.partition("=")
    if not assigned:
        return folder
    return value if key.lower() == name.lower() else None


def tables(keys: Sequence[str], prefix: str, schemas: Mapping[str, Columns]) -> list[FoundTable]:
    """Return the tables under a target's prefix; `schemas` holds the columns of every object.

    Folders whose objects look alike are partitions of one table, otherwise each is a table of its own.
    """
    below = [key for key in keys if key.startswith(prefix)]
    if not below:
        return []
    folders = sorted({key[len(prefix) :].split("/")[0] for key in below if "/" in key[len(prefix) :]})
    loose = [key for key in below if "/" not in key[len(prefix) :]]
    if loose or not folders or all("=" in folder for folder in folders) or _alike(below, schemas):
        return [_one_table(below, prefix)]
    return [found for folder in folders for found in tables(below, f"{prefix}{folder}/", schemas)]


def _alike(keys: Sequence[str], schemas: Mapping[str, Columns]) -> bool:
    """At least 70 % of the columns in common, as the crawler's classifiers ask."""
    sets = [{column["Name"] for column in schemas[key]} for key in keys]
    common, every = set.intersection(*sets), set.union(*sets)
    return not every or len(common) / len(every) >= 0.7  # noqa: PLR2004 - documented threshold


def _one_table(keys: Sequence[str], prefix: str) -> FoundTable:
    depths = {key[len(prefix) :].count("/") for key in keys}
    depth = min(depths)
    sample = keys[0][len(prefix) :].split("/")[:depth]
    names = [
        folder.partition("=")[0].lower() if "=" in folder else f"partition_{index}"
        for index, folder in enumerate(sample)
    ]
    table = FoundTable(table_name(prefix), prefix, names)
    table.partitions = partitions_of(keys, prefix, names) if names else {(): list(keys)}
    return table


def table_name(prefix: str) -> str:
    """Return the name a crawler gives: the last folder, in lower case, anything unusual as an underscore."""
    folder = prefix.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^a-z0-9_]", "_", folder.lower()) or "table"


def merged(several: Iterable[Columns]) -> tuple[Columns, list[str]]:
    """Return the columns of several objects together, first seen first, and what they disagree on."""
    types: dict[str, str] = {}
    conflicts = []
    for columns in several:
        for column in columns:
            known = types.setdefault(column["Name"], column["Type"])
            if known != column["Type"]:
                both = wider(known, column["Type"])
                if both is None:
                    conflicts.append(f"{column['Name']} is {known} and {column['Type']}")
                else:
                    types[column["Name"]] = both
    return [{"Name": name, "Type": kind} for name, kind in types.items()], sorted(set(conflicts))


_WIDTHS = ("tinyint", "smallint", "int", "bigint", "float", "double")


def wider(one: str, other: str) -> str | None:
    """Return the number type that holds both, None if one is no number."""
    if one in _WIDTHS and other in _WIDTHS:
        return max(one, other, key=_WIDTHS.index)
    return None


@dataclass(frozen=True)
class Drift:
    """How what lies in the bucket differs from what the catalog says."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.retyped)

    def __str__(self) -> str:
        parts = [("added", self.added), ("removed", self.removed), ("changed", self.retyped)]
        return "; ".join(f"{verb}: {', '.join(names)}" for verb, names in parts if names)


def drift(catalog: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> Drift:
    """Compare the catalog's columns with those of the objects."""
    known = {str(column["Name"]).lower(): _plain(column["Type"]) for column in catalog}
    seen = {str(column["Name"]).lower(): _plain(column["Type"]) for column in found}
    return Drift(
        tuple(f"{name} {kind}" for name, kind in seen.items() if name not in known),
        tuple(name for name in known if name not in seen),
        tuple(f"{name} from {known[name]} to {kind}" for name, kind in seen.items() if known.get(name, kind) != kind),
    )


def _plain(kind: str) -> str:
    return re.sub(r"\s+", "", kind.lower()).replace("integer", "int")


def glue_type(arrow: Any) -> str:
    """Return the Glue type of an Arrow type (`pyarrow.DataType`); text where there is none."""
    text = str(arrow)
    if text in _ARROW:
        return _ARROW[text]
    kind = next((name for name in _COMPOSED if text.startswith(name)), "")
    match kind:
        case "timestamp":
            written = "timestamp"
        case "decimal":
            written = f"decimal({arrow.precision},{arrow.scale})"
        case "struct":
            written = f"struct<{','.join(f'{inner.name}:{glue_type(inner.type)}' for inner in arrow)}>"
        case "map":
            written = f"map<{glue_type(arrow.key_type)},{glue_type(arrow.item_type)}>"
        case "list" | "large_list":
            written = f"array<{glue_type(arrow.value_type)}>"
        case _:
            written = "string"
    return written


_COMPOSED = ("timestamp", "decimal", "struct", "map", "list", "large_list")
_ARROW = {
    "bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "uint8": "smallint",
    "uint16": "int", "uint32": "bigint", "uint64": "bigint", "float": "float", "double": "double", "string": "string",
    "large_string": "string", "binary": "binary", "date32[day]": "date",
}  # fmt: skip
