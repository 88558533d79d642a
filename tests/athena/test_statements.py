"""Statements are told apart and taken apart; what is none is refused with the place."""

import pytest

from local.athena.errors import MalformedQuery
from local.athena.statements import statement, with_arguments


@pytest.mark.parametrize(
    ("sql", "kind", "subtype", "name"),
    [
        ("SELECT 1", "DML", "SELECT", ".csv"),
        ("-- title: x\n/* y */ WITH a AS (SELECT 1) SELECT * FROM a;", "DML", "SELECT", ".csv"),
        ("( SELECT 1 ) UNION ALL ( SELECT 2 )", "DML", "SELECT", ".csv"),
        ("TABLE t", "DML", "SELECT", ".csv"),
        ("VALUES 1", "DML", "SELECT", ".csv"),
        ("SHOW /* c */ TABLES", "UTILITY", "SHOW_TABLES", ".txt"),
        ("SHOW DATABASES LIKE 'a*'", "UTILITY", "SHOW_DATABASES", ".txt"),
        ("SHOW PARTITIONS db.t", "UTILITY", "SHOW_PARTITIONS", ".txt"),
        ("DESCRIBE `db`.`t`", "UTILITY", "DESCRIBE_TABLE", ".txt"),
        ("MSCK REPAIR TABLE `db.t`", "DDL", "MSCK_REPAIR", ".txt"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1 AS a", "DDL", "CREATE_VIEW", ".txt"),
        ("CREATE TABLE t WITH (format = 'PARQUET') AS SELECT 1 AS a", "DDL", "CREATE_TABLE_AS_SELECT", ""),
        ("INSERT INTO t SELECT 1", "DML", "INSERT", ""),
        ("UNLOAD (SELECT 1) TO 's3://b/x/' WITH (format = 'PARQUET')", "DML", "UNLOAD", ""),
        ("EXPLAIN SELECT 1", "DML", "EXPLAIN", ".txt"),
        ("DROP TABLE IF EXISTS t", "DDL", "DROP_TABLE", ".txt"),
    ],
)
def test_kinds(sql, kind, subtype, name):
    taken = statement(sql, "default")
    assert (taken.kind, taken.subtype, taken.result_name) == (kind, subtype, name)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selec 1", "line 1:1: mismatched input 'selec'"),
        ("SELECT a FROM", "line 1:"),
        ("SHOW NOTHING", "line 1:6: mismatched input 'NOTHING'"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed"),
        ("ALTER TABLE t\n FROB x", "line 2:2: mismatched input 'FROB'"),
        ("UPDATE t SET a = 1", "line 1:1: mismatched input 'UPDATE'"),
        ("CREATE EXTERNAL TABLE t (a wibble) LOCATION 's3://b/'", "column a: unknown type 'wibble'"),
    ],
)
def test_what_is_no_statement_is_refused_with_its_place(sql, message):
    with pytest.raises(MalformedQuery, match=message):
        statement(sql, "default")


def test_an_external_table_becomes_what_glue_keeps():
    taken = statement(
        """CREATE EXTERNAL TABLE IF NOT EXISTS `lake`.`t` (
             `a` int COMMENT 'one, with a comma', s struct<x:string,y:array<decimal(10,2)>>)
           PARTITIONED BY (dt string)
           ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
           STORED AS PARQUET LOCATION 's3://lake/t/' TBLPROPERTIES ('projection.enabled'='true')""",
        "default",
    ).parts
    assert (taken["database"], taken["table"], taken["quiet"]) == ("lake", "t", True)
    assert taken["input"]["StorageDescriptor"]["Columns"] == [
        {"Name": "a", "Type": "int", "Comment": "one, with a comma"},
        {"Name": "s", "Type": "struct<x:string,y:array<decimal(10,2)>>"},
    ]
    assert taken["input"]["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    assert taken["input"]["Parameters"] == {"EXTERNAL": "TRUE", "projection.enabled": "true"}


def test_partitions_are_added_and_dropped_by_their_values():
    added = statement(
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (DT='a') LOCATION 's3://b/x/' PARTITION (dt = 'b')", "d"
    ).parts
    assert added["partitions"] == [{"values": {"dt": "a"}, "location": "s3://b/x/"}, {"values": {"dt": "b"}}]
    dropped = statement("ALTER TABLE t DROP PARTITION (dt < 'x'), PARTITION (dt = 'y')", "d").parts
    assert dropped["partitions"] == [{"dt": ("<", "x")}, {"dt": ("=", "y")}]


def test_parameters_replace_question_marks_outside_of_text():
    assert (
        with_arguments("SELECT ?, '?' FROM t -- ?\nWHERE a = ?", ["1", "'x'"])
        == "SELECT 1, '?' FROM t -- ?\nWHERE a = 'x'"
    )
    with pytest.raises(MalformedQuery, match="expected 1 but found 2"):
        with_arguments("SELECT ?", ["1", "2"])
