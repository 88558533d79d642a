"""SQLAlchemy over pyathena's dialects, as its documentation shows them."""

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote_plus

from probe import BUCKET, DATABASE, MINE, PEOPLE, WORK_GROUP, main, operation  # type: ignore[import-not-found]  # the file beside this script
from pyarrow import fs
from sqlalchemy import (  # type: ignore[import-not-found]  # lives in an environment of its own
    Column,
    MetaData,
    Table,
    create_engine,
    func,
    inspect,
    select,
    text,
    types,
)

STAGING = quote_plus(f"s3://{BUCKET}/athena-results/")
NAMES = [name for name, _, _ in PEOPLE]


def engine(dialect):
    host = f"{dialect}://athena.{os.environ['AWS_REGION']}.amazonaws.com:443/{DATABASE}"
    return create_engine(f"{host}?s3_staging_dir={STAGING}&work_group={WORK_GROUP}&poll_interval=0.05")


REST = engine("awsathena+rest")


def names_by(dialect):
    with engine(dialect).connect() as connection:
        return list(connection.execute(text(f"SELECT name FROM signups WHERE {MINE} ORDER BY sequence")).scalars())


@operation("awsathena+rest: text with parameters")
def _():
    with REST.connect() as connection:
        sql = text(f"SELECT name FROM signups WHERE {MINE} AND job = :job AND sequence > :least ORDER BY 1")
        assert list(connection.execute(sql, {"job": "Professor", "least": 3}).scalars()) == ["Davi Zoé"]


@operation("inspect: schemas, tables, columns, options")
def _():
    found = inspect(REST)
    assert DATABASE in found.get_schema_names()
    assert {"signups", "signups_daily"} <= set(found.get_table_names())
    assert [column["name"] for column in found.get_columns("signups")][:2] == ["signup_id", "created_at"]
    assert found.get_table_options("signups")["awsathena_location"] == f"s3://{BUCKET}/signups/"


@operation("inspect: has_table, of a table that is there and one that is not")
def _():
    assert inspect(REST).has_table("signups")
    assert not inspect(REST).has_table("nope")


@operation("views: created, listed, inspected, dropped")
def _():
    with REST.connect() as connection:
        connection.execute(text("CREATE OR REPLACE VIEW of_sqlalchemy AS SELECT name, dt FROM signups"))
        assert "of_sqlalchemy" in inspect(REST).get_view_names()
        assert "of_sqlalchemy" not in inspect(REST).get_table_names()
        assert "SELECT name, dt FROM signups" in inspect(REST).get_view_definition("of_sqlalchemy")
        connection.execute(text("DROP VIEW of_sqlalchemy"))
    assert "of_sqlalchemy" not in inspect(REST).get_view_names()


@operation("Core: reflected table, where, group by, order by, limit")
def _():
    table = Table("signups", MetaData(), autoload_with=REST)
    mine = table.c.producer_id == os.environ["PRODUCER"]
    with REST.connect() as connection:
        first = select(table.c.name, table.c.created_at).where(mine).order_by(table.c.sequence).limit(2)
        rows = [tuple(row) for row in connection.execute(first)]
        jobs = select(table.c.job, func.count().label("n")).where(mine).group_by(table.c.job).having(func.count() > 1)
        assert [tuple(row) for row in connection.execute(jobs)] == [("Professor", 2)]
    assert rows[1][0] == NAMES[1]
    assert rows[0][1].replace(tzinfo=UTC) == datetime(2026, 2, 28, 23, 59, 59, 1000, UTC)


@operation("DDL: create_all, insert, select, drop_all")
def _():
    metadata = MetaData()
    table = Table(
        "of_sqlalchemy", metadata, Column("id", types.BigInteger), Column("name", types.String),
        Column("born", types.DATE), Column("paid", types.DECIMAL(10, 2)),
        Column("part", types.String, awsathena_partition=True), schema=DATABASE,
        awsathena_location=f"s3://{BUCKET}/of_sqlalchemy/", awsathena_file_format="PARQUET",
        awsathena_compression="SNAPPY",
    )  # fmt: skip
    row = {"id": 1, "name": "it's 100% :sure", "born": date(1990, 2, 28), "paid": Decimal("1.50"), "part": "x"}
    metadata.create_all(REST)
    with REST.begin() as connection:
        connection.execute(table.insert(), [row])
    with REST.connect() as connection:
        assert [dict(each._mapping) for each in connection.execute(select(table))] == [row]
    metadata.drop_all(REST)
    assert not inspect(REST).has_table("of_sqlalchemy")


@operation("awsathena+pandas")
def _():
    assert names_by("awsathena+pandas") == NAMES


def with_endpoint(options):
    return real_file_system(**{"endpoint_override": os.environ["AWS_ENDPOINT_URL"], **options})


real_file_system = fs.S3FileSystem


@operation("awsathena+arrow (ArrowCursor)")
def _():
    asked = []

    def recorded(**options):
        asked.append(options)
        return with_endpoint(options)

    fs.S3FileSystem = recorded
    try:
        assert names_by("awsathena+arrow") == NAMES
    finally:
        fs.S3FileSystem = real_file_system
    without = [sorted(options) for options in asked if "endpoint_override" not in options]
    assert not without, f"pyathena made pyarrow.fs.S3FileSystem with {without[0]} and no endpoint_override"


@operation("awsathena+arrow (ArrowCursor), pyarrow told the endpoint")
def _():
    fs.S3FileSystem = lambda **options: with_endpoint(options)
    try:
        assert names_by("awsathena+arrow") == NAMES
    finally:
        fs.S3FileSystem = real_file_system


main()
