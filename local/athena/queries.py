"""From a query's tree to what the engine runs: views opened up, partitions pruned, files found."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlglot import exp

from local.athena import scans
from local.athena.building import render
from local.athena.catalog import CATALOG, Catalog, Table
from local.athena.dialect import translate
from local.athena.errors import QueryFailed
from local.athena.explanations import explained
from local.athena.mismatches import check
from local.athena.parser import parse, position
from local.athena.projection import Bounds
from local.athena.pushdown import OWN_NAMES
from local.athena.references import Comparison, Reference, bounds, columns_of, comparisons, references
from local.athena.scans import File
from local.athena.storage import ObjectStore
from local.athena.text import rendered
from local.athena.types import Type, literal, quoted
from local.athena.types import parse as parse_type
from local.engine import Effort, EngineError, Session

_DEEPEST_VIEW = 20


@dataclass
class Scan:
    """One mention of a table, on its way to be an engine's view called `view`."""

    reference: Reference
    table: Table
    view: str
    files: list[File] = field(default_factory=list)
    partitions: int = 0


@dataclass(frozen=True)
class ResultColumn:
    name: str
    type: Type


@dataclass
class Planned:
    """A query that the engine can run."""

    sql: str
    columns: list[ResultColumn]
    scans: list[Scan]


class Planner:
    """Plans one statement's queries at one moment."""

    def __init__(self, catalog: Catalog, objects: ObjectStore, session: Session, moment: datetime) -> None:
        self.catalog = catalog
        self.objects = objects
        self.session = session
        self.moment = moment

    async def plan(self, tree: exp.Expr, database: str, folder: Path) -> Planned:
        """Open the query's tables for the session; raises QueryFailed."""
        tree, found = await asyncio.to_thread(self._resolve, tree, database)
        limits = await self._limits(found)
        statements = await asyncio.to_thread(self._views, tree, found, limits)
        check(tree, {scan.view: scan.table for scan in found})
        columns = {column.name: column.type for scan in found for column in (*scan.table.columns, *scan.table.keys)}
        sql = render(translate(named(tree.copy()), self.moment, columns))
        files = [file.path for scan in found for file in scan.files]
        try:
            described = await self.session.open(files=files, folder=folder, statements=statements, query=sql)
        except EngineError as error:
            raise explained(error, tree) from None
        return Planned(sql, [ResultColumn(name, parse_type(kind)) for name, kind in described], found)

    def _resolve(self, tree: exp.Expr, database: str) -> tuple[exp.Expr, list[Scan]]:
        """Open up views and give each table's mention a name of its own."""
        found: list[Scan] = []
        for _ in range(_DEEPEST_VIEW):
            opened = False
            for reference in references(tree, database):
                if reference.name.startswith("_scan_") and not reference.node.args.get("db"):
                    continue
                _unqualify(tree, reference)
                table = self._table(reference)
                if table.is_view:
                    _open_view(reference, table)
                    opened = True
                else:
                    scan = Scan(reference, table, f"_scan_{len(found)}")
                    found.append(scan)
            if not opened:
                return tree, found
            found.clear()
        raise QueryFailed("VIEW_IS_RECURSIVE", f"Views nest deeper than {_DEEPEST_VIEW}")

    def _table(self, reference: Reference) -> Table:
        place = position(reference.node)
        catalog = reference.node.text("catalog").lower()
        if catalog and catalog != CATALOG:
            raise QueryFailed("CATALOG_NOT_FOUND", f"Catalog '{catalog}' does not exist", *place)
        try:
            if reference.name.endswith("$partitions"):
                return self.catalog.table(reference.database, reference.name.removesuffix("$partitions"))
            return self.catalog.table(reference.database, reference.name)
        except QueryFailed as failure:
            if failure.line is None:
                failure.line, failure.column = place
            raise

    async def _limits(self, found: Sequence[Scan]) -> list[Mapping[str, Bounds]]:
        """Evaluate what the predicates compare partition columns with, and return each scan's bounds."""
        columns = {
            id(scan.reference.node): frozenset(each.name for each in (*scan.table.columns, *scan.table.keys))
            for scan in found
        }
        asked = [list(_comparisons(scan, columns)) for scan in found]
        constants = [constant for of_scan in asked for comparison in of_scan for constant in comparison.constants]
        values = iter(await self._evaluated(constants))
        return [
            bounds([(comparison, [next(values) for _ in comparison.constants]) for comparison in of_scan])
            for of_scan in asked
        ]

    async def _evaluated(self, constants: Sequence[exp.Expr]) -> list[str | None]:
        if all(isinstance(constant, exp.Literal) and constant.is_string for constant in constants):
            return [constant.name for constant in constants]
        said = [render(translate(constant.copy(), self.moment)) for constant in constants]
        try:
            values = await self.session.constants([f"CAST({each} AS VARCHAR)" for each in said])
        except EngineError as error:
            raise explained(error, constants[0]) from None
        return [None if value is None else str(value) for value in values]

    def _views(self, tree: exp.Expr, found: Sequence[Scan], limits: Sequence[Mapping[str, Bounds]]) -> list[str]:
        hidden = [name for name in scans.HIDDEN if any(column.name == name for column in tree.find_all(exp.Column))]
        if hidden:
            for star in list(tree.find_all(exp.Star)):
                _hide(star, hidden)
        statements = []
        for scan, limit in zip(found, limits, strict=True):
            statements.append(self._view(scan, limit, hidden))
            alias = scan.reference.node.args.get("alias") or exp.TableAlias(
                this=exp.to_identifier(scan.reference.name, quoted=True)
            )
            scan.reference.node.replace(
                exp.Table(this=exp.to_identifier(scan.view), alias=alias.copy(),
                          sample=scan.reference.node.args.get("sample"))
            )  # fmt: skip
        return statements

    def _view(self, scan: Scan, limit: Mapping[str, Bounds], hidden: Sequence[str]) -> str:
        if scan.reference.name.endswith("$partitions"):
            return _partitions_view(scan, self.catalog)
        found = scans.places(scan.table, limit, self.catalog, self.moment)
        scan.partitions = len(found)
        scan.files = scans.files(found, self.objects)
        return scans.view(scan.view, scan.table, scan.files, hidden=hidden)


def _comparisons(scan: Scan, columns: Mapping[int, frozenset[str]]) -> Iterator[Comparison]:
    """Yield what the query asks of a table's partition columns; `columns` are those of each table, by its node."""
    beside = [columns.get(id(each), columns_of(each)) for each in scan.reference.beside]
    own = [key.name for key in scan.table.keys if all(names is not None and key.name not in names for names in beside)]
    return comparisons(scan.reference, [key.name for key in scan.table.keys], own)


def _unqualify(tree: exp.Expr, reference: Reference) -> None:
    """Take the database off `database.table.column`: the table is about to be known by its own name alone."""
    if reference.node.args.get("alias"):
        return
    for column in tree.find_all(exp.Column):
        if (column.text("db").lower(), column.table.lower()) == (reference.database, reference.name):
            column.set("db", None)
            column.set("catalog", None)


def _open_view(reference: Reference, table: Table) -> None:
    view = table.view
    inner = parse(view["originalSql"])
    for node in inner.walk():
        node.meta.clear()  # places in another text than the query's
    for nested in references(inner, view.get("schema") or table.database):
        nested.node.set("db", exp.to_identifier(nested.database))
    alias = reference.node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(reference.name, quoted=True))
    names = [exp.to_identifier(str(column["name"]), quoted=True) for column in view.get("columns", [])]
    alias = alias.copy()
    if not alias.args.get("columns"):
        alias.set("columns", names)
        alias.meta[OWN_NAMES] = True
    reference.node.replace(exp.Subquery(this=inner, alias=alias))


def _hide(star: exp.Star, hidden: Sequence[str]) -> None:
    """Keep the hidden columns out of `*`, which does not show them on Athena."""
    if isinstance(star.parent, exp.Select) or (
        isinstance(star.parent, exp.Column) and isinstance(star.parent.parent, exp.Select)
    ):
        star.replace(exp.Star(except_=[exp.column(name, quoted=True) for name in hidden]))


def _partitions_view(scan: Scan, catalog: Catalog) -> str:
    rows = [partition["Values"] for partition in catalog.partitions(scan.table)]
    keys = scan.table.keys
    names = ", ".join(quoted(key.name) for key in keys)
    if not rows:
        nothing = ", ".join(f"CAST(NULL AS {key.type.duckdb}) AS {quoted(key.name)}" for key in keys)
        return f"CREATE TEMP VIEW {scan.view} AS SELECT {nothing} WHERE false"
    values = ", ".join("(" + ", ".join(literal(str(value)) for value in row) + ")" for row in rows)
    typed = ", ".join(f"CAST({quoted(key.name)} AS {key.type.duckdb}) AS {quoted(key.name)}" for key in keys)
    return f"CREATE TEMP VIEW {scan.view} AS SELECT {typed} FROM (VALUES {values}) AS p({names})"  # noqa: S608 - all quoted


def named(tree: exp.Expr) -> exp.Expr:
    """Name every nameless column `_colN`, by its place, as Athena does."""
    for select in tree.find_all(exp.Select):
        for index, projection in enumerate(select.expressions):
            if not isinstance(projection, exp.Alias | exp.Column | exp.Dot | exp.Star):
                projection.replace(exp.alias_(projection.copy(), f"_col{index}"))
    return tree


def copy_to_csv(planned: Planned, target: Path) -> str:
    """Return the statement that runs the query and writes Athena's CSV."""
    names = [f"_c{index}" for index in range(len(planned.columns))]
    texts = ", ".join(
        f"{rendered(name, column.type)} AS {quoted(column.name or ' ')}"
        for name, column in zip(names, planned.columns, strict=True)
    )
    return (
        f"COPY (SELECT {texts} FROM ({planned.sql}) AS _result({', '.join(names)}))"  # noqa: S608 - all quoted
        f" TO {literal(str(target))} (FORMAT csv, HEADER true, FORCE_QUOTE *, NULLSTR '')"
    )


async def run(session: Session, statement: str, tree: exp.Expr, most_bytes: int | None) -> Effort:
    """Run what was planned; raises QueryFailed in Athena's words, ReadTooMuch."""
    try:
        return await session.run(statement, most_bytes=most_bytes)
    except EngineError as error:
        raise explained(error, tree) from None
