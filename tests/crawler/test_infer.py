"""What a crawler concludes from keys and footers."""

import pyarrow as pa
import pytest

from local.crawler.infer import drift, excluded, glue_type, is_data, merged, partitions_of, table_name, tables

COLUMNS = [{"Name": "a", "Type": "bigint"}, {"Name": "b", "Type": "string"}]


def test_named_folders_are_partitions_of_the_tables_keys():
    keys = [
        "signups/dt=2026-11-23-19/x.parquet",
        "signups/dt=2026-11-23-19/y.parquet",
        "signups/dt=2026-11-23-20/z.parquet",
    ]
    assert partitions_of(keys, "signups/", ["dt"]) == {("2026-11-23-19",): keys[:2], ("2026-11-23-20",): keys[2:]}


def test_folders_without_names_are_values():
    assert list(partitions_of(["t/2026/11/x"], "t/", ["year", "month"])) == [("2026", "11")]


def test_objects_that_are_not_deep_enough_or_of_another_name_are_no_partition():
    assert partitions_of(["t/x", "t/hour=1/x"], "t/", ["dt"]) == {}


def test_one_target_of_named_folders_is_one_table():
    keys = ["lake/signups/dt=a/1", "lake/signups/dt=b/2"]
    (found,) = tables(keys, "lake/signups/", dict.fromkeys(keys, COLUMNS))
    assert (found.name, found.keys, found.folder(("a",))) == ("signups", ["dt"], "lake/signups/dt=a/")


def test_folders_that_look_alike_are_partitions_and_others_are_tables():
    alike = {"lake/2025/1": COLUMNS, "lake/2026/2": COLUMNS}
    (found,) = tables(list(alike), "lake/", alike)
    assert (found.keys, list(found.partitions)) == (["partition_0"], [("2025",), ("2026",)])
    different = {"lake/orders/1": COLUMNS, "lake/people/2": [{"Name": "x", "Type": "int"}]}
    assert [table.name for table in tables(list(different), "lake/", different)] == ["orders", "people"]


def test_names_are_made_fit_for_the_catalog():
    assert table_name("lake/Sign-ups 2026/") == "sign_ups_2026"


def test_hidden_objects_and_folder_markers_are_not_data():
    assert [key for key in ("a", "_SUCCESS", "x/.part", "x/_tmp/a", "folder/") if is_data(key)] == ["a"]


def test_exclusions_are_globs_below_the_target():
    assert excluded("errors/x.json", ["errors/**"])
    assert not excluded("signups/x.parquet", ["errors/**"])


def test_numbers_widen_and_other_types_conflict():
    columns, conflicts = merged(
        [COLUMNS, [{"Name": "a", "Type": "double"}, {"Name": "b", "Type": "int"}, {"Name": "c", "Type": "date"}]]
    )
    assert columns == [{"Name": "a", "Type": "double"}, {"Name": "b", "Type": "string"}, {"Name": "c", "Type": "date"}]
    assert conflicts == ["b is string and int"]


def test_drift_says_what_is_new_gone_and_changed():
    found = drift(COLUMNS, [{"Name": "A", "Type": "int"}, {"Name": "c", "Type": "date"}])
    assert str(found) == "added: c date; removed: b; changed: a from bigint to int"
    assert not drift(COLUMNS, list(reversed(COLUMNS)))


@pytest.mark.parametrize(
    ("arrow", "glue"),
    [
        (pa.int32(), "int"),
        (pa.string(), "string"),
        (pa.timestamp("ns"), "timestamp"),
        (pa.timestamp("ms", "UTC"), "timestamp"),
        (pa.decimal128(10, 2), "decimal(10,2)"),
        (
            pa.struct([("street", pa.string()), ("number", pa.list_(pa.int64()))]),
            "struct<street:string,number:array<bigint>>",
        ),
        (pa.map_(pa.string(), pa.float64()), "map<string,double>"),
        (pa.date32(), "date"),
    ],
)
def test_arrow_types_have_glue_types(arrow, glue):
    assert glue_type(arrow) == glue
