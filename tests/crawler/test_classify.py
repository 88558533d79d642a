"""What a crawler takes an object for, by its beginning."""

import gzip
import json

import pytest

from local.crawler.classify import Format, json_sample


def written(*documents, between="\n"):
    return between.join(json.dumps(each) for each in documents).encode()


def columns(head):
    sample = json_sample(head)
    return sample and {each["Name"]: each["Type"] for each in sample.columns}


def test_columns_have_the_types_of_their_values():
    document = {
        "Text": "a", "whole": 1, "long": 2**40, "number": 1.5, "truth": True, "nothing": None, "empty": {},
        "place": {"City": "x", "at": {"lat": 1.0}}, "tags": ["a", None], "none": [], "rows": [{"n": 1}],
    }  # fmt: skip
    assert columns(written(document)) == {
        "text": "string", "whole": "int", "long": "bigint", "number": "double", "truth": "boolean",
        "nothing": "string", "empty": "string", "place": "struct<city:string,at:struct<lat:double>>",
        "tags": "array<string>", "none": "array<string>", "rows": "array<struct<n:int>>",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "kind"), [(1, 2**40, "bigint"), (1, 0.5, "double"), (1, "a", "string"), (None, True, "boolean")]
)
def test_a_column_of_several_types_takes_the_one_that_holds_all(one, other, kind):
    assert columns(written({"a": one}, {"a": other})) == {"a": kind}


@pytest.mark.parametrize("between", ["\n", "", " \r\n "])
def test_documents_may_follow_each_other_with_or_without_lines(between):
    assert columns(written({"a": 1}, {"b": 2}, between=between)) == {"a": "int", "b": "int"}


def test_an_object_is_known_by_its_beginning_compressed_or_not():
    whole = written(*({"a": number, "b": "x"} for number in range(2000)))
    for head, compression in ((whole[:10_001], "none"), (gzip.compress(whole)[:3000], "gzip")):
        sample = json_sample(head)
        assert sample is not None
        assert sample.format == Format("json", compression)
        assert columns(head) == {"a": "int", "b": "string"}


@pytest.mark.parametrize(
    "head", [b"", b"a,b\n1,2\n", b"[1, 2]", b'"text"', b"{broken", b"\xff\xfe\x00", b"\x1f\x8bbroken"]
)
def test_anything_else_is_not_json(head):
    assert json_sample(head) is None


def test_a_table_of_json_is_read_by_the_serde_that_glue_gives_it():
    stored = Format("json", "gzip").storage([{"Name": "b", "Type": "int"}, {"Name": "a", "Type": "int"}])
    assert stored["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "a,b"},
    }
    assert stored["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert stored["Compressed"] is True
