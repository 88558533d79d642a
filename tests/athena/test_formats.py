"""Tables of text, and of what cannot be read."""

import gzip

import pytest

HIVE = "org.apache.hadoop.hive"
JSON = "org.openx.data.jsonserde.JsonSerDe"
OPENCSV = f"{HIVE}.serde2.OpenCSVSerde"
LAZY = f"{HIVE}.serde2.lazy.LazySimpleSerDe"
COLUMNS = "`id` bigint, `name` string, `at` timestamp"


@pytest.fixture
def table(lake):
    """Return a function that makes a table of one object, and leaves none behind."""
    made = []

    def make(name, ddl, body, columns=COLUMNS, key="part"):
        lake.s3.put_object(Bucket="lake", Key=f"formats/{name}/{key}", Body=body)
        lake.rows(f"CREATE EXTERNAL TABLE {name} ({columns}) {ddl.format(location=f's3://lake/formats/{name}/')}")
        made.append(name)

    yield make
    for name in made:
        lake.rows(f"DROP TABLE {name}")


ANSWER = [["1", "Ana, \u00e9", "2026-11-23 19:00:00.000"], ["2", None, None]]


def test_json_lines(lake, table):
    body = '{"id": 1, "name": "Ana, \u00e9", "at": "2026-11-23 19:00:00.000", "unknown": 5}\n{"id": 2}\n'
    table("of_json", f"ROW FORMAT SERDE '{JSON}' LOCATION '{{location}}'", body.encode())
    assert lake.rows("SELECT * FROM of_json ORDER BY id") == ANSWER


def test_json_with_structs_and_arrays(lake, table):
    body = b'{"id": 1, "address": {"city": "Recife"}, "tags": ["a", "b"]}\n'
    columns = "id bigint, address struct<city:string>, tags array<string>"
    table("of_nested", f"ROW FORMAT SERDE '{JSON}' LOCATION '{{location}}'", body, columns)
    assert lake.rows("SELECT address.city, tags[2], cardinality(tags) FROM of_nested") == [["Recife", "b", "2"]]


def test_separated_values_with_a_header(lake, table):
    body = "id|name|at\n1|Ana, \u00e9|2026-11-23 19:00:00\n2|\\N|\\N\n"
    delimited = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' LOCATION '{location}'"
    table("of_text", f"{delimited} TBLPROPERTIES ('skip.header.line.count'='1')", body.encode())
    assert lake.rows("SELECT * FROM of_text ORDER BY id") == ANSWER


def test_quoted_values(lake, table):
    serde = f"ROW FORMAT SERDE '{OPENCSV}' WITH SERDEPROPERTIES ('separatorChar'=',', 'quoteChar'='\"')"
    table("of_csv", f"{serde} LOCATION '{{location}}'", b'"1","Ana, x"\n"2","say ""hi"""\n', "id string, name string")
    assert lake.rows("SELECT * FROM of_csv ORDER BY id") == [["1", "Ana, x"], ["2", 'say "hi"']]


def test_gzip_is_told_by_the_name(lake, table):
    ddl = f"ROW FORMAT SERDE '{JSON}' LOCATION '{{location}}'"
    table("of_gzip", ddl, gzip.compress(b'{"id": 7}\n'), "id bigint", key="part.gz")
    assert lake.rows("SELECT id FROM of_gzip") == [["7"]]


def test_orc_is_refused_by_name(lake, table):
    table("of_orc", "STORED AS ORC LOCATION '{location}'", b"ORC")
    assert "OrcSerde, which this engine cannot read" in lake.refusal("SELECT * FROM of_orc")
