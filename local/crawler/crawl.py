"""One crawl, from the listing to the catalog.

https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.athena.storage import split_location
from local.crawler import policy
from local.crawler.classify import PARQUET, Format, Sample
from local.crawler.infer import Columns, FoundTable, drift, excluded, is_data, merged, partitions_of, tables
from local.crawler.lake import CrawlFailed, Lake

DEPRECATED = "DEPRECATED_BY_CRAWLER"


@dataclass
class Summary:
    """What a crawl changed: names of tables, and partitions by table."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    partitions_added: int = 0
    partitions_updated: int = 0
    drifted: list[str] = field(default_factory=list)


class Crawl:
    """One run of a crawler. `run` blocks; `stop` ends it at the next table or partition."""

    def __init__(
        self, crawler: Mapping[str, Any], lake: Lake, now: Callable[[], float], say: Callable[[str, str], None]
    ) -> None:
        """`say(level, message)` takes log lines: BENCHMARK, INFO, WARN, ERROR."""
        self._crawler = crawler
        self._lake = lake
        self._now = now
        self._say = say
        self._stopped = threading.Event()
        self.summary = Summary()
        change = crawler.get("SchemaChangePolicy") or {}
        self._updates = change.get("UpdateBehavior", "UPDATE_IN_DATABASE") == "UPDATE_IN_DATABASE"
        self._deletes = change.get("DeleteBehavior", "DEPRECATE_IN_DATABASE")

    def stop(self) -> None:
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def run(self) -> Summary:
        """Crawl every target; raises CrawlFailed, and ClientError where the role may not."""
        for target in self._crawler["Targets"].get("CatalogTargets", []):
            for name in target["Tables"]:
                self._check()
                self._catalog_table(target["DatabaseName"], name)
        for target in self._crawler["Targets"].get("S3Targets", []):
            self._check()
            self._s3_target(target)
        self._say("BENCHMARK", "Finished writing to Catalog")
        return self.summary

    def _check(self) -> None:
        if self._stopped.is_set():
            raise CrawlFailed("The crawl was stopped")

    # --- a table that is there already

    def _catalog_table(self, database: str, name: str) -> None:
        table = self._lake.table(database, name)
        if table is None:
            raise CrawlFailed(f"Table {name} of database {database} does not exist (EntityNotFoundException)")
        bucket, prefix = split_location(_folder(table["StorageDescriptor"]["Location"]))
        objects = {
            each["Key"]: each["Size"]
            for each in self._lake.objects(bucket, prefix)
            if is_data(each["Key"][len(prefix) :])
        }
        names = [key["Name"] for key in table.get("PartitionKeys") or []]
        found = FoundTable(name, prefix, names, partitions_of(objects, prefix, names) if names else {(): list(objects)})
        if not objects:
            self._say(
                "INFO", f"No objects were found at s3://{bucket}/{prefix}: table {name} is kept (DeleteBehavior LOG)"
            )
        sampled = self._sampled(bucket, found, objects)
        table = self._changed(database, table, sampled)
        self._partitions(database, table, bucket, found)

    def _sampled(self, bucket: str, found: FoundTable, objects: Mapping[str, int]) -> dict[tuple[str, ...], Columns]:
        """Return the columns of the newest object of every partition."""
        result: dict[tuple[str, ...], Columns] = {}
        for values, keys in found.partitions.items():
            self._check()
            if not keys:
                continue
            newest = max(keys)
            sample = self._lake.sample(bucket, newest, objects[newest])
            if sample is None:
                self._say("WARN", f"s3://{bucket}/{newest} was not recognised by any classifier")
            else:
                result[values] = sample.columns
        return result

    def _changed(
        self, database: str, table: dict[str, Any], sampled: Mapping[tuple[str, ...], Columns]
    ) -> dict[str, Any]:
        """Tell how the objects differ from the table, and change it if the policy says so."""
        if not sampled:
            return table
        columns, conflicts = merged(sampled.values())
        for conflict in conflicts:
            self._say("WARN", f"Objects of table {table['Name']} disagree: {conflict}")
        difference = drift(table["StorageDescriptor"]["Columns"], columns)
        if not difference:
            return table
        self.summary.drifted.append(f"{table['Name']}: {difference}")
        if policy.merges(self._crawler) and difference.added:
            return self._with_columns(
                database, table, _plus_new(table["StorageDescriptor"]["Columns"], columns), table.get("Parameters")
            )
        if self._updates and not conflicts:
            return self._with_columns(
                database, table, columns, {**_descriptive(table), "UPDATED_BY_CRAWLER": self._crawler["Name"]}
            )
        self._say(
            "WARN",
            f"Schema change of table {table['Name']} detected and not applied (UpdateBehavior LOG): {difference}",
        )
        return table

    def _with_columns(
        self, database: str, table: dict[str, Any], columns: Columns, parameters: Mapping[str, str] | None
    ) -> dict[str, Any]:
        changed = {key: table[key] for key in ("Name", "Description", "PartitionKeys", "TableType") if table.get(key)}
        changed["StorageDescriptor"] = {**table["StorageDescriptor"], "Columns": columns}
        changed["Parameters"] = dict(parameters or {})
        self._lake.update_table(database, changed)
        self.summary.updated.append(table["Name"])
        self._say("INFO", f"Updated table {table['Name']} in database {database}")
        return {**table, **changed}

    def _partitions(self, database: str, table: Mapping[str, Any], bucket: str, found: FoundTable) -> None:
        if not found.keys:
            return
        name = str(table["Name"])
        known = self._lake.partitions(database, name)
        inputs = {
            values: self._partition_input(table, values, f"s3://{bucket}/{found.folder(values)}")
            for values in sorted(found.partitions)
        }
        new = [inputs[values] for values in inputs if values not in known]
        if new:
            self._lake.create_partitions(database, name, new)
            listed = ", ".join(f"[{', '.join(each['Values'])}]" for each in new)
            self._say("INFO", f"Created partitions with values [{listed}] for table {name} in database {database}")
        stale = []
        if policy.inherits(self._crawler):
            stale = [inputs[values] for values in inputs if values in known and _differs(known[values], inputs[values])]
        if stale:
            self._lake.update_partitions(database, name, stale)
            self._say(
                "INFO", f"Updated {len(stale)} partitions of table {name} in database {database} from their table"
            )
        self.summary.partitions_added += len(new)
        self.summary.partitions_updated += len(stale)

    @staticmethod
    def _partition_input(table: Mapping[str, Any], values: tuple[str, ...], location: str) -> dict[str, Any]:
        descriptor = {**table["StorageDescriptor"], "Location": location}
        return {"Values": list(values), "StorageDescriptor": descriptor, "Parameters": _descriptive(table)}

    # --- a bucket

    def _s3_target(self, target: Mapping[str, Any]) -> None:
        database = self._crawler.get("DatabaseName")
        if not database:
            raise CrawlFailed("A crawler of S3 targets needs a DatabaseName")
        bucket, prefix = split_location(_folder(target["Path"]))
        objects = {
            each["Key"]: each["Size"]
            for each in self._lake.objects(bucket, prefix)
            if is_data(each["Key"][len(prefix) :])
            and not excluded(each["Key"][len(prefix) :], target.get("Exclusions", []))
        }
        samples: dict[str, Sample] = {}
        for key, size in objects.items():
            self._check()
            sample = self._lake.sample(bucket, key, size)
            if sample is None:
                self._say("WARN", f"s3://{bucket}/{key} was not recognised by any classifier")
            else:
                samples[key] = sample
        found = tables(list(samples), prefix, {key: each.columns for key, each in samples.items()})
        for table in found:
            self._s3_table(database, bucket, table, samples)
        self._vanished(database, bucket, prefix, found)

    def _s3_table(self, database: str, bucket: str, found: FoundTable, samples: Mapping[str, Sample]) -> None:
        name = f"{self._crawler.get('TablePrefix') or ''}{found.name}"
        own = [samples[key] for keys in found.partitions.values() for key in keys]
        columns, conflicts = merged(each.columns for each in own)
        formats = Counter(each.format for each in own)
        conflicts += [f"some are {each.classification} ({each.compression})" for each in list(formats)[1:]]
        for conflict in conflicts:
            self._say("WARN", f"Objects of table {name} disagree: {conflict}")
        table = self._lake.table(database, name)
        if table is None:
            [(written, _)] = formats.most_common(1)
            table = _table_input(
                name, columns, found.keys, f"s3://{bucket}/{found.prefix}", written, self._crawler["Name"]
            )
            self._lake.create_table(database, table)
            self.summary.created.append(name)
            self._say("INFO", f"Created table {name} in database {database}")
        elif (self._crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior") != "CRAWL_NEW_FOLDERS_ONLY":
            table = self._changed(database, table, {(): columns})
        self._partitions(database, table, bucket, found)

    def _vanished(self, database: str, bucket: str, prefix: str, found: Sequence[FoundTable]) -> None:
        """Treat this crawler's tables whose objects are gone as the policy says."""
        present = {f"s3://{bucket}/{table.prefix}" for table in found}
        for table in self._lake.tables(database):
            parameters = table.get("Parameters") or {}
            location = _folder((table.get("StorageDescriptor") or {}).get("Location") or "")
            ours = parameters.get("UPDATED_BY_CRAWLER") == self._crawler["Name"] and location.startswith(
                f"s3://{bucket}/{prefix}"
            )
            if ours and location not in present:
                self._gone(database, table, parameters)

    def _gone(self, database: str, table: dict[str, Any], parameters: Mapping[str, str]) -> None:
        name = table["Name"]
        if self._deletes == "DELETE_FROM_DATABASE":
            self._lake.delete_table(database, name)
            self.summary.deleted.append(name)
            self._say("INFO", f"Deleted table {name} in database {database}: its objects are gone")
        elif self._deletes == "DEPRECATE_IN_DATABASE" and DEPRECATED not in parameters:
            moment = str(int(self._now() * 1000))
            self._with_columns(
                database, table, table["StorageDescriptor"]["Columns"], {**parameters, DEPRECATED: moment}
            )
            self._say("INFO", f"Table {name} in database {database} is marked as deprecated: its objects are gone")
        elif self._deletes == "LOG":
            self._say("WARN", f"The objects of table {name} in database {database} are gone (DeleteBehavior LOG)")


def _folder(location: str) -> str:
    return location if location.endswith("/") else f"{location}/"


def _descriptive(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that say how the objects of a table are written."""
    known = table.get("Parameters") or {}
    return {name: known.get(name, usual) for name, usual in PARQUET.parameters().items()}


def _plus_new(known: Sequence[Mapping[str, str]], found: Columns) -> Columns:
    names = {column["Name"] for column in known}
    return [*map(dict, known), *(column for column in found if column["Name"] not in names)]


def _differs(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    compared = ("Columns", "InputFormat", "OutputFormat", "SerdeInfo")
    return any(known["StorageDescriptor"].get(key) != wanted["StorageDescriptor"].get(key) for key in compared)


def _table_input(  # noqa: PLR0917 - what a table is made of
    name: str, columns: Columns, keys: Sequence[str], location: str, written: Format, crawler: str
) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**written.parameters(), "UPDATED_BY_CRAWLER": crawler},
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "StorageDescriptor": {"Columns": columns, "Location": location, **written.storage(columns)},
    }
