"""awswrangler (AWS SDK for pandas), as its documentation shows it."""

import awswrangler as wr  # type: ignore[import-not-found]  # lives in an environment of its own
import pandas as pd
from probe import BUCKET, DATABASE, MINE, PEOPLE, WORK_GROUP, main, operation  # type: ignore[import-not-found]  # the file beside this script

WHO = f"SELECT sequence, name, job, created_at, address.state AS state FROM signups WHERE {MINE} ORDER BY sequence"
PLACE = {"database": DATABASE, "workgroup": WORK_GROUP}
OWN = "wrangled"
FOLDER = f"s3://{BUCKET}/wrangled"
NAMES = [name for name, _, _ in PEOPLE]
STATES = [state for _, state, _ in PEOPLE]


def expect_people(frame):
    assert frame["sequence"].to_list() == [1, 2, 3, 4, 5], frame
    assert frame["name"].to_list() == NAMES, frame
    assert frame["state"].to_list() == STATES, frame
    assert frame["job"].isna().to_list() == [False, False, False, False, True], frame
    assert frame["created_at"].to_list()[0] == pd.Timestamp("2026-02-28 23:59:59.001"), frame


@operation("athena.read_sql_query (CTAS, the default)")
def _():
    expect_people(wr.athena.read_sql_query(WHO, **PLACE))


@operation("athena.read_sql_query (CTAS) with a struct")
def _():
    frame = wr.athena.read_sql_query(f"SELECT sequence, address FROM signups WHERE {MINE} ORDER BY 1", **PLACE)
    assert [address["state"] for address in frame["address"]] == STATES


@operation("athena.read_sql_query (CTAS) leaves no table behind")
def _():
    tables = [table["Name"] for table in wr.catalog.get_tables(database=DATABASE)]
    assert not [name for name in tables if name.startswith("temp_table")], tables


@operation("athena.read_sql_query (ctas_approach=False)")
def _():
    expect_people(wr.athena.read_sql_query(WHO, ctas_approach=False, **PLACE))


@operation("athena.read_sql_query (unload_approach=True)")
def _():
    target = f"{FOLDER}/unload/"
    expect_people(wr.athena.read_sql_query(WHO, ctas_approach=False, unload_approach=True, s3_output=target, **PLACE))


@operation("athena.read_sql_query (chunksize=2)")
def _():
    chunks = list(wr.athena.read_sql_query(WHO, ctas_approach=False, chunksize=2, **PLACE))
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    expect_people(pd.concat(chunks, ignore_index=True))


@operation("athena.read_sql_query (params, named and qmark)")
def _():
    sql = f"SELECT name FROM signups WHERE {MINE} AND job = "
    named = wr.athena.read_sql_query(f"{sql}:job", params={"job": "Professor"}, ctas_approach=False, **PLACE)
    marked = wr.athena.read_sql_query(
        f"{sql}?", params=["'Professor'"], paramstyle="qmark", ctas_approach=False, **PLACE
    )
    assert sorted(named["name"]) == sorted(marked["name"]) == sorted(NAMES[2:4])


@operation("athena.read_sql_query of no rows, three modes")
def _():
    sql = "SELECT name, sequence FROM signups WHERE producer_id = 'nobody'"
    assert wr.athena.read_sql_query(sql, **PLACE).empty
    assert list(wr.athena.read_sql_query(sql, ctas_approach=False, **PLACE).columns) == ["name", "sequence"]
    target = f"{FOLDER}/nothing/"
    assert wr.athena.read_sql_query(sql, ctas_approach=False, unload_approach=True, s3_output=target, **PLACE).empty


@operation("athena.read_sql_table")
def _():
    frame = wr.athena.read_sql_table("signups", **PLACE)
    assert set(NAMES) <= set(frame["name"])
    assert "dt" in frame.columns


@operation("athena.repair_table")
def _():
    assert wr.athena.repair_table("signups", **PLACE) == "SUCCEEDED"
    partitions = wr.catalog.get_parquet_partitions(DATABASE, "signups")
    assert any(place.startswith(f"s3://{BUCKET}/signups/dt=") for place in partitions), partitions


@operation("athena.describe_table, show_create_table")
def _():
    described = wr.athena.describe_table("signups", **PLACE)
    assert described["Column Name"].to_list()[0] == "signup_id", described
    assert wr.athena.show_create_table("signups", **PLACE).startswith("CREATE EXTERNAL TABLE `signups`")


@operation("athena.start_query_execution, wait_query, get_query_columns_types")
def _():
    execution = wr.athena.start_query_execution("SELECT 1 AS one, 'x' AS x", **PLACE)
    assert wr.athena.wait_query(execution)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_columns_types(execution) == {"one": "integer", "x": "varchar"}
    assert execution in wr.athena.list_query_executions(workgroup=WORK_GROUP)


@operation("athena.create_prepared_statement, list, delete")
def _():
    wr.athena.create_prepared_statement("SELECT 1 + ?", statement_name="wrangled_one", workgroup=WORK_GROUP)
    listed = [each["StatementName"] for each in wr.athena.list_prepared_statements(workgroup=WORK_GROUP)]
    frame = wr.athena.read_sql_query("EXECUTE wrangled_one USING 2", ctas_approach=False, **PLACE)
    wr.athena.delete_prepared_statement("wrangled_one", workgroup=WORK_GROUP)
    assert "wrangled_one" in listed
    assert frame.iloc[0, 0] == 3


@operation("athena.to_iceberg")
def _():
    frame = pd.DataFrame({"id": [1]})
    wr.athena.to_iceberg(
        frame, table="iceberg", table_location=f"{FOLDER}/iceberg/", temp_path=f"{FOLDER}/temporary/", **PLACE
    )


@operation("s3.read_parquet (dataset=True)")
def _():
    frame = wr.s3.read_parquet(f"s3://{BUCKET}/signups/", dataset=True)
    assert set(NAMES) <= set(frame["name"])
    assert frame["dt"].astype(str).str.fullmatch(r"\d{4}-\d\d-\d\d-\d\d").all()


@operation("s3.read_parquet (dataset=True) with a partition filter")
def _():
    (newest, *_) = sorted(wr.s3.list_directories(f"s3://{BUCKET}/signups/"), reverse=True)
    hour = newest.rstrip("/").rpartition("dt=")[2]
    wanted = {"dataset": True, "partition_filter": lambda part: part["dt"] == hour}
    assert set(wr.s3.read_parquet(f"s3://{BUCKET}/signups/", **wanted)["dt"].astype(str)) == {hour}


@operation("s3.read_parquet_table, read_parquet_metadata")
def _():
    assert set(NAMES) <= set(wr.s3.read_parquet_table(database=DATABASE, table="signups")["name"])
    columns, _partitions = wr.s3.read_parquet_metadata(f"s3://{BUCKET}/signups/", dataset=True)
    assert columns["sequence"] == "bigint"


@operation("catalog.create_database, databases, get_databases")
def _():
    wr.catalog.create_database(OWN, exist_ok=True)
    assert OWN in wr.catalog.databases()["Database"].to_list()
    assert {OWN, DATABASE} <= {each["Name"] for each in wr.catalog.get_databases()}


@operation("s3.to_parquet (dataset=True), queried")
def _():
    frame = pd.DataFrame({"id": [1, 2, 3], "text": ["a", "b", None], "part": ["x", "x", "y"]})
    wr.s3.to_parquet(
        frame, path=f"{FOLDER}/t/", dataset=True, database=OWN, table="t", partition_cols=["part"], mode="overwrite"
    )
    sql = "SELECT part, count(*) AS n FROM t GROUP BY part ORDER BY part"
    found = wr.athena.read_sql_query(sql, database=OWN, workgroup=WORK_GROUP, ctas_approach=False)
    assert found.to_dict("list") == {"part": ["x", "y"], "n": [2, 1]}


@operation("s3.to_parquet (mode=overwrite_partitions)")
def _():
    frame = pd.DataFrame({"id": [9], "text": ["z"], "part": ["y"]})
    wr.s3.to_parquet(
        frame, path=f"{FOLDER}/t/", dataset=True, database=OWN, table="t", partition_cols=["part"],
        mode="overwrite_partitions",
    )  # fmt: skip
    found = wr.athena.read_sql_query("SELECT id FROM t ORDER BY id", database=OWN, workgroup=WORK_GROUP)
    assert found["id"].to_list() == [1, 2, 9]


@operation("athena.create_ctas_table")
def _():
    made = wr.athena.create_ctas_table(
        "SELECT * FROM t", database=OWN, workgroup=WORK_GROUP, ctas_table="copied", wait=True
    )
    assert made["ctas_table"] == "copied"
    found = wr.athena.read_sql_query("SELECT count(*) AS n FROM copied", database=OWN, workgroup=WORK_GROUP)
    assert found["n"].to_list() == [3]


@operation("catalog.table, tables, get_table_types, get_table_location")
def _():
    assert "created_at" in wr.catalog.table(DATABASE, "signups")["Column Name"].to_list()
    assert {"signups", "signups_daily"} <= set(wr.catalog.tables(database=DATABASE)["Table"])
    assert wr.catalog.get_table_types(DATABASE, "signups")["sequence"] == "bigint"
    assert wr.catalog.get_table_location(DATABASE, "signups") == f"s3://{BUCKET}/signups/"


@operation("catalog.get_tables by prefix, suffix and part")
def _():
    def names(**asked):
        return sorted(each["Name"] for each in wr.catalog.get_tables(database=DATABASE, **asked))

    assert names(name_prefix="signups_") == names(name_suffix="_daily") == names(name_contains="ups_d")
    assert names(name_suffix="_daily") == ["signups_daily"]


@operation("catalog.create_parquet_table, create_csv_table, create_json_table")
def _():
    columns = {"id": "bigint"}
    wr.catalog.create_parquet_table(
        OWN, "p", f"{FOLDER}/p/", columns, partitions_types={"d": "string"}, description="P"
    )
    wr.catalog.create_csv_table(OWN, "c", f"{FOLDER}/c/", columns)
    wr.catalog.create_json_table(OWN, "j", f"{FOLDER}/j/", columns)
    assert wr.catalog.get_table_description(OWN, "p") == "P"
    assert wr.catalog.does_table_exist(OWN, "c")
    assert not wr.catalog.does_table_exist(OWN, "nope")


@operation("catalog.add_parquet_partitions, get_partitions with an expression")
def _():
    wr.catalog.add_parquet_partitions(OWN, "p", {f"{FOLDER}/p/d={day}/": [day] for day in ("1", "2", "3")})
    found = wr.catalog.get_partitions(OWN, "p", expression="d > '1' AND d <> '3'")
    assert found == {f"{FOLDER}/p/d=2/": ["2"]}, found


@operation("catalog.delete_partitions, delete_all_partitions")
def _():
    wr.catalog.delete_partitions("p", OWN, [["1"]])
    assert sorted(wr.catalog.get_parquet_partitions(OWN, "p").values()) == [["2"], ["3"]]
    assert sorted(wr.catalog.delete_all_partitions("p", OWN)) == [["2"], ["3"]]


@operation("catalog.add_column, delete_column, get_columns_comments")
def _():
    wr.catalog.add_column(OWN, "p", "n", "double", "a number")
    assert wr.catalog.get_columns_comments(OWN, "p")["n"] == "a number"
    wr.catalog.delete_column(OWN, "p", "n")
    assert "n" not in wr.catalog.get_table_types(OWN, "p")


@operation("catalog.get, upsert, overwrite_table_parameters")
def _():
    wr.catalog.upsert_table_parameters({"a": "b"}, OWN, "p")
    assert wr.catalog.get_table_parameters(OWN, "p")["a"] == "b"
    wr.catalog.overwrite_table_parameters({"classification": "parquet"}, OWN, "p")
    assert "a" not in wr.catalog.get_table_parameters(OWN, "p")


@operation("catalog.get_table_versions, get_table_number_of_versions")
def _():
    assert wr.catalog.get_table_number_of_versions(OWN, "p") >= 1
    assert wr.catalog.get_table_versions(OWN, "p")[0]["Table"]["Name"] == "p"


@operation("catalog.search_tables")
def _():
    found = [(each["DatabaseName"], each["Name"]) for each in wr.catalog.search_tables(text="signups_daily")]
    assert found == [(DATABASE, "signups_daily")]


@operation("catalog.delete_table_if_exists, delete_database")
def _():
    assert wr.catalog.delete_table_if_exists(OWN, "p")
    assert not wr.catalog.delete_table_if_exists(OWN, "p")
    wr.catalog.delete_database(OWN)
    assert OWN not in wr.catalog.databases()["Database"].to_list()


main()
