"""Executions on the real gateway: partitions, statistics, states, results, workgroups."""

import io
import os
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from tests.athena.conftest import HOURS, ROWS_AN_HOUR, stored

HOSTILE = "SELECT count(*) FROM signups a, signups b, signups c, signups d WHERE a.id + b.id + c.id + d.id = -1"


def test_every_partition_in_the_range_is_read_and_int96_beside_int64(lake):
    assert lake.rows("SELECT count(*), min(created_at), count(later) FROM signups") == [
        [str(HOURS * ROWS_AN_HOUR), "2026-11-22 14:00:00.000", "0"]
    ]


def test_a_template_that_is_not_hives_gives_the_partition_column(lake):
    assert lake.rows("SELECT dt, count(*) FROM signups WHERE dt >= '2026-11-23-18' GROUP BY 1 ORDER BY 1") == [
        ["2026-11-23-18", "10"],
        ["2026-11-23-19", "10"],
    ]


@pytest.mark.parametrize(
    "predicate",
    [
        "dt = '2026-11-23-19'",
        "'2026-11-23-19' <= dt",
        "dt >= date_format(TIMESTAMP '2026-11-23 20:30:00' - INTERVAL '1' HOUR, '%Y-%m-%d-%H') AND id >= 0",
        "dt IN ('2026-11-23-19', '2031-01-01-00')",
        "dt BETWEEN '2026-11-23-19' AND '2026-11-24'",
        "signups.dt > '2026-11-23-18'",
    ],
)
def test_a_query_of_one_hour_reads_one_hour(lake, predicate):
    one = lake.run(f"SELECT sum(id) FROM signups WHERE {predicate}")["Statistics"]["DataScannedInBytes"]
    every = lake.run("SELECT sum(id) FROM signups")["Statistics"]["DataScannedInBytes"]
    assert 0 < one * (HOURS - 1) <= every


def rows_read(lake, sql):
    identifier = lake.run(sql)["QueryExecutionId"]
    found = lake.athena.get_query_runtime_statistics(QueryExecutionId=identifier)["QueryRuntimeStatistics"]
    return found["Rows"]["InputRows"]


EVERY_HOUR = HOURS
NEWEST_HOUR = 1


@pytest.mark.parametrize(
    ("sql", "hours"),
    [
        ("SELECT sum(id) FROM (SELECT id, dt FROM signups) WHERE dt = '2026-11-23-19'", NEWEST_HOUR),
        ("SELECT sum(n) FROM (SELECT id, dt FROM signups) AS t (n, hour) WHERE t.hour = '2026-11-23-19'", NEWEST_HOUR),
        ("WITH t AS (SELECT * FROM signups) SELECT sum(id) FROM t WHERE dt > '2026-11-23-18'", NEWEST_HOUR),
        ("SELECT * FROM (SELECT dt, sum(id) FROM signups GROUP BY 1) WHERE dt = '2026-11-23-19'", NEWEST_HOUR),
        ("SELECT sum(id) FROM (SELECT id, dt FROM signups UNION SELECT 1, '') WHERE dt = '2026-11-23-19'", NEWEST_HOUR),
        ("SELECT sum(id) FROM plain WHERE dt = '2026-11-23-19'", NEWEST_HOUR),
        # Asked after a limit, of what a window has numbered, or of one of two mentions, every hour counts.
        ("SELECT sum(id) FROM (SELECT id, dt FROM signups ORDER BY id LIMIT 300) WHERE dt = '2026-11-23-19'",
         EVERY_HOUR),
        ("SELECT sum(n) FROM (SELECT dt, rank() OVER (ORDER BY id) AS n FROM signups) WHERE dt = '2026-11-23-19'",
         EVERY_HOUR),
        ("WITH t AS (SELECT * FROM signups) SELECT a.id FROM t a JOIN t b ON a.id = b.id WHERE a.dt = '2026-11-23-19'",
         EVERY_HOUR),
    ],
)  # fmt: skip
def test_a_condition_outside_prunes_inside_where_nothing_looks_past_it(lake, sql, hours):
    lake.rows("CREATE OR REPLACE VIEW plain AS SELECT * FROM signups")
    read = rows_read(lake, sql)
    lake.rows("DROP VIEW plain")
    assert read == hours * ROWS_AN_HOUR


@pytest.mark.parametrize(
    ("join", "hours", "rows"),
    [
        ("JOIN signups b ON a.id = b.id AND a.dt = '2026-11-23-19' AND b.dt >= '2026-11-23-19'",
         2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        ("LEFT JOIN signups b ON a.id = b.id AND b.dt = '2026-11-23-19'",
         EVERY_HOUR + NEWEST_HOUR, (EVERY_HOUR * ROWS_AN_HOUR, ROWS_AN_HOUR)),
        ("RIGHT JOIN signups b ON a.id = b.id AND a.dt = '2026-11-23-19'",
         EVERY_HOUR + NEWEST_HOUR, (EVERY_HOUR * ROWS_AN_HOUR, EVERY_HOUR * ROWS_AN_HOUR)),
        # A row of the side that an outer join keeps is kept whatever ON says of it.
        ("LEFT JOIN signups b ON a.id = b.id AND a.dt = '2026-11-23-19'",
         2 * EVERY_HOUR, (EVERY_HOUR * ROWS_AN_HOUR, ROWS_AN_HOUR)),
        ("FULL JOIN signups b ON a.id = b.id AND a.dt = '2026-11-23-19' AND b.dt = '2026-11-23-19'",
         2 * EVERY_HOUR, ((2 * EVERY_HOUR - 1) * ROWS_AN_HOUR, EVERY_HOUR * ROWS_AN_HOUR)),
    ],
)  # fmt: skip
def test_what_a_join_is_made_on_prunes_the_side_whose_rows_may_be_left_out(lake, join, hours, rows):
    sql = f"SELECT count(*), count(b.id) FROM signups a {join}"
    assert (rows_read(lake, sql), lake.rows(sql)) == (hours * ROWS_AN_HOUR, [[str(count) for count in rows]])


NEWEST = "'2026-11-23-19'"


@pytest.mark.parametrize(
    ("source", "hours", "rows"),
    [
        # What is asked of one side holds for the other, where the two must be equal.
        (f"signups a JOIN signups b ON a.id = b.id AND a.dt = b.dt WHERE a.dt = {NEWEST}",
         2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        (f"signups a, signups b WHERE a.id = b.id AND b.dt = a.dt AND b.dt >= {NEWEST}",
         2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        (f"signups a LEFT JOIN signups b ON a.id = b.id AND a.dt = b.dt WHERE a.dt = {NEWEST}",
         2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        (f"signups a JOIN signups b USING (dt, id) WHERE dt = {NEWEST}", 2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        (f"signups a FULL JOIN signups b USING (dt, id) WHERE dt = {NEWEST}",
         2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        ((f"(SELECT id, dt FROM signups) a JOIN (SELECT id, dt AS h FROM signups) b ON a.dt = b.h AND a.id = b.id"
         f" WHERE b.h = {NEWEST}"), 2 * NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
        # A side that is kept whatever it is joined with keeps its rows: only WHERE is asked of it.
        (f"signups a LEFT JOIN signups b ON a.id = b.id AND a.dt = b.dt AND b.dt = {NEWEST}",
         EVERY_HOUR + NEWEST_HOUR, (EVERY_HOUR * ROWS_AN_HOUR, ROWS_AN_HOUR)),
        (f"signups a RIGHT JOIN signups b ON a.id = b.id AND a.dt = b.dt AND a.dt = {NEWEST}",
         EVERY_HOUR + NEWEST_HOUR, (EVERY_HOUR * ROWS_AN_HOUR, EVERY_HOUR * ROWS_AN_HOUR)),
        # A column that only one of the tables has needs no name before it.
        (f"signups a JOIN (VALUES (290), (291)) AS b (id) ON a.id = b.id WHERE dt = {NEWEST}", NEWEST_HOUR, (0, 0)),
        (f"signups a JOIN (SELECT id FROM signups) b ON a.id = b.id WHERE dt = {NEWEST}",
         EVERY_HOUR + NEWEST_HOUR, (ROWS_AN_HOUR, ROWS_AN_HOUR)),
    ],
)  # fmt: skip
def test_what_joined_columns_are_equal_to_prunes_both_sides(lake, source, hours, rows):
    sql = f"SELECT count(*), count(b.id) FROM {source}"
    assert (rows_read(lake, sql), lake.rows(sql)) == (hours * ROWS_AN_HOUR, [[str(count) for count in rows]])


def test_only_the_columns_that_are_read_are_scanned(lake):
    one = lake.run("SELECT sum(id) FROM signups")["Statistics"]["DataScannedInBytes"]
    every = lake.run("SELECT * FROM signups")["Statistics"]["DataScannedInBytes"]
    assert one < every


def test_folders_that_nobody_registered_have_no_rows(lake):
    lake.rows("ALTER TABLE registered DROP IF EXISTS PARTITION (dt = '2026-11-23-18')")
    assert lake.rows("SELECT count(*) FROM registered") == [["0"]]
    assert lake.rows("MSCK REPAIR TABLE registered") == []
    assert lake.rows("SHOW PARTITIONS registered") == [["dt=2026-11-23-18"]]
    assert lake.rows("SELECT count(*), max(dt) FROM registered") == [["10", "2026-11-23-18"]]
    assert lake.rows('SELECT * FROM "registered$partitions"') == [["2026-11-23-18"]]


@pytest.mark.parametrize(
    ("predicate", "hours"),
    [("hour = 7", ["7"]), ("hour IN (7, 8)", ["7"]), ("hour > 6.5", ["7", "10"]), ("hour < 9", ["7"]),
     ("hour IS NULL", [None]), ("true", [None, "7", "10"])],
)  # fmt: skip
def test_registered_numbers_are_compared_as_numbers_and_a_partition_of_nulls_only_is_null(lake, predicate, hours):
    places = {"07": "2026-11-23-07", "10": "2026-11-23-10", "__HIVE_DEFAULT_PARTITION__": "2026-11-23-11"}
    lake.rows("""CREATE EXTERNAL TABLE hourly (id bigint) PARTITIONED BY (hour int) STORED AS PARQUET
        LOCATION 's3://lake/hourly/'""")
    for value, folder in places.items():
        lake.rows(f"ALTER TABLE hourly ADD PARTITION (hour = '{value}') LOCATION 's3://lake/signups/at/{folder}/'")
    found = lake.rows(f"SELECT DISTINCT hour FROM hourly WHERE {predicate} ORDER BY hour NULLS FIRST")
    lake.rows("DROP TABLE hourly")
    assert found == [[hour] for hour in hours]


def test_the_path_of_a_row_is_its_object(lake):
    assert lake.rows("""SELECT DISTINCT "$path" FROM signups WHERE dt = '2026-11-23-19'""") == [
        ["s3://lake/signups/at/2026-11-23-19/part"]
    ]
    header = lake.athena.get_query_results(
        QueryExecutionId=lake.run('SELECT *, "$path" FROM signups LIMIT 1')["QueryExecutionId"]
    )
    assert [datum["VarCharValue"] for datum in header["ResultSet"]["Rows"][0]["Data"]] == [
        "id", "name", "created_at", "address", "later", "dt", "$path",
    ]  # fmt: skip


def test_a_view_is_stored_as_athena_does_and_read_through(lake):
    lake.rows(
        "CREATE OR REPLACE VIEW recent "
        "AS SELECT id, address.state AS state, dt FROM signups WHERE dt >= '2026-11-23-18'"
    )
    stored = lake.glue.get_table(DatabaseName="lake", Name="recent")["Table"]
    assert stored["TableType"] == "VIRTUAL_VIEW"
    assert stored["ViewOriginalText"].startswith("/* Presto View: ")
    assert [column["Type"] for column in stored["StorageDescriptor"]["Columns"]] == ["bigint", "string", "string"]
    assert lake.rows("SELECT state, count(*) FROM recent r GROUP BY 1 ORDER BY 1") == [["RJ", "10"], ["SP", "10"]]
    assert lake.rows("SHOW VIEWS") == [["recent"]]
    lake.rows("DROP VIEW recent")


def test_ctas_insert_and_unload_write_what_they_say(lake):
    made = lake.run(
        "CREATE TABLE copied WITH (format = 'PARQUET', partitioned_by = ARRAY['dt']) "
        "AS SELECT id, dt FROM signups WHERE dt >= '2026-11-23-18'"
    )
    assert made["Status"]["State"] == "SUCCEEDED", made["Status"]
    assert made["ResultConfiguration"]["OutputLocation"].startswith("s3://results/athena/tables/")
    manifest = made["Statistics"]["DataManifestLocation"].removeprefix("s3://results/")
    assert len(lake.s3.get_object(Bucket="results", Key=manifest)["Body"].read().split()) == 2
    inserted = lake.run("INSERT INTO copied SELECT id, dt FROM signups WHERE dt = '2026-11-23-17'")
    assert lake.athena.get_query_results(QueryExecutionId=inserted["QueryExecutionId"])["UpdateCount"] == 10
    assert lake.rows("SELECT dt, count(*) FROM copied GROUP BY 1 ORDER BY 1") == [
        [f"2026-11-23-{hour}", "10"] for hour in (17, 18, 19)
    ]
    assert "already exists" in lake.refusal("CREATE TABLE copied AS SELECT 1 AS a")
    lake.rows("DROP TABLE copied")
    lake.rows(
        "UNLOAD (SELECT id FROM signups WHERE id < 3) TO 's3://results/unloaded/' "
        "WITH (format = 'JSON', compression = 'none')"
    )
    (written,) = lake.s3.list_objects_v2(Bucket="results", Prefix="unloaded/")["Contents"]
    assert lake.s3.get_object(Bucket="results", Key=written["Key"])["Body"].read() == b'{"id":0}\n{"id":1}\n{"id":2}\n'


def test_a_timestamp_with_a_zone_cannot_be_stored(lake):
    sql = "CREATE TABLE zoned AS SELECT created_at AT TIME ZONE 'America/Sao_Paulo' AS local FROM signups"
    assert "Unsupported Hive type: timestamp(3) with time zone" in lake.refusal(sql)
    assert ["zoned"] not in lake.rows("SHOW TABLES")


def test_prepared_statements_and_parameters(lake):
    lake.rows("PREPARE by_hour FROM SELECT count(*) FROM signups WHERE dt = ?")
    assert lake.rows("EXECUTE by_hour USING '2026-11-23-19'") == [["10"]]
    assert lake.rows("SELECT ? + 1", ExecutionParameters=["41"]) == [["42"]]
    found = lake.athena.get_prepared_statement(StatementName="by_hour", WorkGroup="tests")["PreparedStatement"]
    assert found["QueryStatement"] == "SELECT count(*) FROM signups WHERE dt = ?"
    lake.rows("DEALLOCATE PREPARE by_hour")
    with pytest.raises(ClientError, match="was not found"):
        lake.start("EXECUTE by_hour USING 'x'")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nope FROM signups", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
        ("SELECT * FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.lake.nope' does not exist"),
        ("SELECT\n foo(1)", "FUNCTION_NOT_FOUND: line 2:2: Function 'foo' not registered"),
        (
            "SELECT 1 FROM signups s\nWHERE s.name = 1",
            "TYPE_MISMATCH: line 2:14: Cannot apply operator: varchar = integer",
        ),
        (
            "SELECT 1 FROM signups WHERE address.city > id",
            "TYPE_MISMATCH: line 1:42: Cannot apply operator: varchar > b",
        ),
        ("SELECT 1 FROM signups WHERE created_at >= '2026-11-23'", "TYPE_MISMATCH: line 1:40: Cannot apply operator:"),
        (
            "SELECT 1\n UNION SELECT name FROM signups",
            "TYPE_MISMATCH: line 2:2: column 1 in UNION query has incompatible types: integer, varchar",
        ),
        (
            "SELECT CASE WHEN id > 1 THEN id ELSE name END FROM signups",
            (
                "TYPE_MISMATCH: line 1:38: All CASE results must be the same type or coercible to a common type. "
                "Cannot find common type between bigint and varchar, all types (without duplicates): [bigint, varchar]"
            ),
        ),
        (
            "SELECT 1 FROM signups WHERE id",
            "TYPE_MISMATCH: line 1:29: WHERE clause must evaluate to a boolean: actual type bigint",
        ),
        (
            "SELECT id || name FROM signups",
            "FUNCTION_NOT_FOUND: line 1:11: Unexpected parameters (bigint, varchar) for function concat",
        ),
        (
            "SELECT ARRAY[1, 2][3]",
            "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 3 > 2",
        ),
        (
            "SELECT substring(id, 1) FROM signups",
            "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters for function subst",
        ),
        ("SELECT CAST(name AS integer) FROM signups", "INVALID_CAST_ARGUMENT: Cannot cast 'n"),
        ("SELECT CAST('n0' AS smallint)", "INVALID_CAST_ARGUMENT: Cannot cast 'n0' to SMALLINT"),
        ("SELECT CAST('1.x' AS decimal(5, 2))", "INVALID_CAST_ARGUMENT: Cannot cast '1.x' to DECIMAL(5, 2)"),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT * FROM elsewhere.lake.signups", "CATALOG_NOT_FOUND: line 1:30: Catalog 'elsewhere' does not exist"),
        ("INSERT INTO registered SELECT 1", "TYPE_MISMATCH: Insert query has 1 expression(s) but expected 6"),
    ],
)
def test_failures_are_in_athenas_words(lake, sql, reason):
    assert lake.refusal(sql).startswith(reason)


def test_text_that_is_no_statement_is_refused_at_once(lake):
    with pytest.raises(ClientError, match="line 1:1: mismatched input 'selekt'") as refusal:
        lake.start("selekt 1")
    assert dict(refusal.value.response)["AthenaErrorCode"] == "MALFORMED_QUERY"


def test_a_hostile_query_slows_nobody_and_is_stopped(lake):
    hostile = lake.start(HOSTILE)
    begun = time.monotonic()
    assert lake.rows("SELECT 1") == [["1"]]
    assert time.monotonic() - begun < 20  # it would run for hours
    assert lake.athena.get_query_execution(QueryExecutionId=hostile)["QueryExecution"]["Status"]["State"] == "RUNNING"
    lake.athena.stop_query_execution(QueryExecutionId=hostile)
    status = lake.finish(hostile)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")


def test_a_token_starts_one_query_however_often_it_is_sent(lake):
    token = "t" * 40
    first = lake.start("SELECT 7", ClientRequestToken=token)
    assert lake.start("SELECT 7", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters"):
        lake.start("SELECT 8", ClientRequestToken=token)


def test_results_are_where_clients_look_and_come_in_pages(lake):
    execution = lake.run("SELECT id, later, 'a\"b' AS q FROM signups WHERE id < 5 ORDER BY id")
    identifier = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://results/athena/{identifier}.csv"
    body = lake.s3.get_object(Bucket="results", Key=f"athena/{identifier}.csv")["Body"].read()
    assert body.splitlines()[:2] == [b'"id","later","q"', b'"0",,"a""b"']
    assert (
        lake.s3.get_object(Bucket="results", Key=f"athena/{identifier}.csv.metadata")["Body"]
        .read()
        .startswith(b"\n$" + identifier.encode())
    )
    first = lake.athena.get_query_results(QueryExecutionId=identifier, MaxResults=2)
    assert [row["Data"][0]["VarCharValue"] for row in first["ResultSet"]["Rows"]] == ["id", "0"]
    second = lake.athena.get_query_results(QueryExecutionId=identifier, MaxResults=2, NextToken=first["NextToken"])
    assert [row["Data"][0]["VarCharValue"] for row in second["ResultSet"]["Rows"]] == ["1", "2"]


def test_a_cut_off_stops_a_query_that_reads_too_much(lake):
    settings = {
        "ResultConfiguration": {"OutputLocation": "s3://results/thrifty/"},
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    lake.athena.create_work_group(Name="thrifty", Configuration=settings)
    body = io.BytesIO()
    noise = os.urandom(12_000_000)
    pq.write_table(
        pa.table({"id": [1], "name": [noise.hex()[:12_000_000]]}), body, compression="none", use_dictionary=False
    )
    lake.s3.put_object(Bucket="lake", Key="heavy/part", Body=body.getvalue())
    lake.glue.create_table(
        DatabaseName="lake", TableInput={"Name": "heavy", "StorageDescriptor": stored("s3://lake/heavy/")}
    )
    assert lake.rows("SELECT id FROM heavy", WorkGroup="thrifty") == [["1"]]
    status = lake.run("SELECT max(name) FROM heavy", WorkGroup="thrifty")["Status"]
    assert (status["State"], status["StateChangeReason"]) == (
        "CANCELLED",
        "Query cancelled! : Bytes scanned limit was exceeded",
    )


def test_what_a_query_cost_is_told(lake):
    identifier = lake.run("SELECT id FROM signups WHERE dt = '2026-11-23-19'")["QueryExecutionId"]
    found = lake.athena.get_query_runtime_statistics(QueryExecutionId=identifier)["QueryRuntimeStatistics"]
    assert (found["Rows"]["OutputRows"], found["Rows"]["InputRows"]) == (10, 10)
    assert found["Timeline"]["TotalExecutionTimeInMillis"] >= found["Timeline"]["QueryPlanningTimeInMillis"] >= 0


def test_describe_and_show_answer_without_a_header(lake):
    assert lake.rows("SHOW DATABASES LIKE 'lak*'") == [["lake"]]
    assert lake.rows("SHOW COLUMNS IN registered")[0] == ["id                  "]
    assert lake.rows("DESCRIBE registered")[0] == ["id                  \tbigint              \t                    "]
    assert lake.rows("SHOW CREATE TABLE registered")[0] == ["CREATE EXTERNAL TABLE `registered`("]
    assert lake.rows("EXPLAIN SELECT 1")


def test_history_lists_the_newest_first(lake):
    identifier = lake.run("SELECT 'newest'")["QueryExecutionId"]
    assert lake.athena.list_query_executions(WorkGroup="tests", MaxResults=1)["QueryExecutionIds"] == [identifier]
    found = lake.athena.batch_get_query_execution(QueryExecutionIds=[identifier, "0" * 8])
    assert [each["Query"] for each in found["QueryExecutions"]] == ["SELECT 'newest'"]
    assert found["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == "0" * 8
