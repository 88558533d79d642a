"""Result files: what Athena was seen to write, and pages that never hold a file in memory."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.athena.results import column_info, metadata, offset_of, rows, text_column, token
from local.athena.types import parse
from local.errors import AwsError

# Bytes of real files, from aoyagikouhei/athena-local, 2026-09-17.
EMPTY_SELECT = (
    "0a1b32303236303931375f3038353531365f30303334395f32747a766b"
    "221d0a04686976652201692a01693207696e7465676572380a400048035000"
)
UPDATE = (
    "0a1b32303236303931375f3038353931355f30303133335f707169383412065550444154451802"
    "22220a04686976652204726f77732a04726f77733206626967696e743813400048035000"
)


def test_the_metadata_of_a_select_is_athenas_byte_for_byte():
    made = metadata("20260917_085516_00349_2tzvk", [column_info("i", parse("int"))])
    assert made.hex() == EMPTY_SELECT


def test_the_metadata_of_a_change_is_athenas_byte_for_byte():
    made = metadata("20260917_085915_00133_pqi84", [column_info("rows", parse("bigint"))], ("UPDATE", 2))
    assert made.hex() == UPDATE


@pytest.mark.parametrize(
    ("kind", "name", "precision", "scale", "case_sensitive"),
    [
        ("int", "integer", 10, 0, False),
        ("float", "float", 17, 0, False),
        ("decimal(10,2)", "decimal", 10, 2, False),
        ("string", "varchar", 2147483647, 0, True),
        ("varchar(10)", "varchar", 10, 0, True),
        ("array<int>", "array", 0, 0, False),
        ("timestamp", "timestamp", 3, 0, False),
        ("STRUCT(instant TIMESTAMP WITH TIME ZONE, zone VARCHAR)", "timestamp with time zone", 3, 0, False),
        ("HUGEINT", "bigint", 19, 0, False),
    ],
)
def test_columns_are_described_as_athena_does(kind, name, precision, scale, case_sensitive):
    info = column_info("c", parse(kind))
    assert (info["Type"], info["Precision"], info["Scale"], info["CaseSensitive"]) == (
        name,
        precision,
        scale,
        case_sensitive,
    )
    assert info["CatalogName"] == "hive"


def test_what_show_answers_is_a_string():
    assert text_column("partition")["Type"] == "string"


def quoted(table):
    return "".join(
        ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in row) + "\n" for row in table
    )


# Whole lines end in \n only, as the engine writes them; a carriage return may be inside of a value.
texts = st.one_of(st.none(), st.text(st.characters(blacklist_categories=["Cs"]), max_size=8))


@given(table=st.lists(st.lists(texts, min_size=2, max_size=2), min_size=1, max_size=20), most=st.integers(1, 5))
def test_pages_together_are_the_file(tmp_path_factory, table, most):
    path = tmp_path_factory.mktemp("result") / "result.csv"
    path.write_bytes(quoted(table).encode())
    read: list[list[str | None]] = []
    offset: int | None = 0
    while offset is not None:
        page, offset = rows(path, quoted=True, offset=offset, most=most)
        assert len(page) <= most
        read += page
    assert read == table


def test_null_and_the_empty_text_differ():
    assert list(csv.reader(io.StringIO(quoted([[None, ""]])))) == [
        ["", ""]
    ]  # which is why there is a reader of our own


def test_a_token_belongs_to_one_query():
    assert offset_of(token("a", 17), "a") == 17
    for wrong in (token("b", 17), "nonsense", "é"):
        with pytest.raises(AwsError, match="malformed"):
            offset_of(wrong, "a")
