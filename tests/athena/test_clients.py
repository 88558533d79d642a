"""Stock clients, unmodified: what users already have must work against the gateway."""

import json
import subprocess
import sys

import pyathena
import pytest
from pyathena.cursor import DictCursor


@pytest.fixture
def connect(lake, monkeypatch):
    """Return pyathena's `connect`, pointed at the gateway by the environment alone."""
    for name, value in lake.gateway.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    return lambda **options: pyathena.connect(work_group="tests", schema_name="lake", poll_interval=0.01, **options)


def test_pyathenas_cursor_converts_types(connect):
    cursor = connect().cursor()
    cursor.execute("SELECT count(*), max(created_at), 1.5, DATE '2026-11-23', ARRAY[1], true FROM signups")
    (row,) = cursor.fetchall()
    assert row[0] == 300
    assert row[1].isoformat() == "2026-11-23T19:09:00"
    assert (row[2], row[3].isoformat(), row[5]) == (1.5, "2026-11-23", True)
    assert [column[0] for column in cursor.description] == ["_col0", "_col1", "_col2", "_col3", "_col4", "_col5"]


def test_pyathenas_dictionary_cursor_and_parameters(connect):
    cursor = connect().cursor(DictCursor)
    cursor.execute("SELECT id, later FROM signups WHERE dt = %(dt)s ORDER BY id LIMIT 1", {"dt": "2026-11-23-19"})
    assert cursor.fetchone() == {"id": 0, "later": None}


def test_pyathenas_pandas_cursor_reads_the_result_file(connect):
    from pyathena.pandas.cursor import PandasCursor  # noqa: PLC0415 - pandas is slow to import, and only this test needs it

    frame = (
        connect(cursor_class=PandasCursor)
        .cursor()
        .execute("SELECT id, name FROM signups WHERE id < 3 ORDER BY id")
        .as_pandas()
    )
    assert frame.to_dict("list") == {"id": [0, 1, 2], "name": ["n0", "n1", "n2"]}


def test_pyathena_tells_why_a_query_failed(connect):
    with pytest.raises(pyathena.error.OperationalError, match="TABLE_NOT_FOUND: line 1:15"):
        connect().cursor().execute("SELECT * FROM nope")


def test_the_aws_cli_starts_waits_and_reads(lake):
    def aws(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "awscli", "athena", *arguments, "--output", "json"],
            capture_output=True, check=True, text=True, env=lake.gateway.environment, timeout=60,
        )  # fmt: skip
        return json.loads(done.stdout)

    identifier = aws(
        "start-query-execution", "--query-string", "SELECT count(*) FROM signups", "--work-group", "tests",
        "--query-execution-context", "Database=lake",
    )["QueryExecutionId"]  # fmt: skip
    lake.finish(identifier)
    rows = aws("get-query-results", "--query-execution-id", identifier)["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "300"}]


def test_boto3_pages_through_the_catalog(lake):
    pages = lake.athena.get_paginator("list_table_metadata").paginate(CatalogName="AwsDataCatalog", DatabaseName="lake")
    assert "signups" in [table["Name"] for page in pages for table in page["TableMetadataList"]]
