"""Rules of the dialect that no parser enforces: pruning, time zones, money."""

import pytest
import sqlglot
from sqlglot import exp

from sql.into_template import queries

QUERIES = {each.logical_id: each for each in queries()}
READERS = {name: each for name, each in QUERIES.items() if name != "ViewSignupsUnique"}
WITHOUT_CREATED_AT = {
    "QueryMaskLeaks": "a row without created_at is a row to look at",
    "QueryDataQuality": "a row without created_at is a row to count",
    "QueryFreshness": "asks by arrival",
    "QueryCompactYesterday": "whole objects are compacted, by hour of arrival",
}
PARTITION_KEYS = {"signups": "dt", "signups_daily": "day"}


def statement(name: str) -> exp.Expr:
    return sqlglot.parse_one(QUERIES[name].statement, dialect="athena")


def scans(name: str) -> list[tuple[str, exp.Expr | None]]:
    """Return each table that a query reads with the WHERE of the SELECT that reads it."""
    found = []
    for select in statement(name).find_all(exp.Select):
        tables = [select.args["from_"].this] if select.args.get("from_") else []
        found += [(each.name, select.args.get("where")) for each in tables if each.name in PARTITION_KEYS]
    return found


@pytest.mark.parametrize("name", READERS)
def test_every_scan_is_pruned_by_its_partition_key(name):
    """Without it Athena would list every hour since the first."""
    assert scans(name)
    for table, where in scans(name):
        assert where is not None
        compared = [
            each.this.name
            for each in where.find_all(exp.GT, exp.GTE, exp.EQ, exp.Between)
            if isinstance(each.this, exp.Column)
        ]
        assert PARTITION_KEYS[table] in compared, "compare the bare column: a function around it defeats pruning"


@pytest.mark.parametrize("name", [each for each in READERS if each not in WITHOUT_CREATED_AT])
def test_every_scan_also_asks_for_created_at(name):
    """An hour's folder holds some records of the next hour, and receives objects after its end."""
    for _, where in scans(name):
        assert where is not None
        assert "created_at" in [each.name for each in where.find_all(exp.Column)]


@pytest.mark.parametrize("name", QUERIES)
def test_no_cast_to_timestamp(name):
    """A cast from a timestamp with time zone is refused (cube-js/cube#5849); localtimestamp needs none."""
    casts = [each.to.sql() for each in statement(name).find_all(exp.Cast, exp.TryCast)]
    assert not [each for each in casts if "TIMESTAMP" in each]


@pytest.mark.parametrize("name", QUERIES)
def test_created_at_is_compared_with_plain_timestamps(name):
    for comparison in statement(name).find_all(exp.GT, exp.GTE, exp.LT, exp.LTE):
        if isinstance(comparison.this, exp.Column) and comparison.this.name in {"created_at", "arrived_at"}:
            assert not list(comparison.expression.find_all(exp.CurrentTimestamp)), "use localtimestamp"


@pytest.mark.parametrize("name", QUERIES)
def test_tables_are_not_qualified(name):
    """The database comes from the query's context, so that a second stack asks its own."""
    assert all(not each.db for each in statement(name).find_all(exp.Table))


@pytest.mark.parametrize("name", [each for each in QUERIES if QUERIES[each].columns != "none"])
def test_rows_come_in_a_given_order(name):
    single_row = {"QueryDataQuality"}
    assert name in single_row or statement(name).args.get("order")


def test_no_query_shows_a_cpf():
    for name, query in QUERIES.items():
        if query.columns != "none":
            assert "cpf" not in [each.split()[0] for each in query.columns.split(", ")], name
