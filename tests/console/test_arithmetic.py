"""What the page works out by itself: costs, rates, which answers can be drawn, records that are bad on purpose."""

import json

import pyarrow as pa
import pytest

from local.console import cost, faults, flow, lake, questions


@pytest.mark.parametrize(("size", "billed"), [(0, 5120), (1, 5120), (5120, 5120), (5121, 10240), (42_000, 46_080)])
def test_a_record_is_billed_in_steps_of_5_kb(size, billed):
    assert cost.billed_bytes(size) == billed


def test_a_hundred_million_small_events_cost_what_the_rule_says():
    per_second = 100e6 / cost.SECONDS_PER_MONTH

    assert cost.monthly(per_second, per_second * 400, 0).billed_gb == pytest.approx(476.8, abs=0.1)
    assert cost.monthly(per_second / 12, per_second * 400, 0).billed_gb == pytest.approx(39.7, abs=0.1)


def test_packing_stays_below_one_step_and_is_cheaper():
    records, volume, each = cost.packed(50, 350)

    assert each == 14
    assert volume / records <= cost.STEP
    assert cost.monthly(records, volume, 0).total < cost.monthly(50, 50 * 350, 0).total / 5


def test_no_traffic_costs_nothing():
    assert cost.monthly(0, 0, 0).total == 0


def test_athena_bills_ten_megabytes_at_least():
    assert cost.query(1) == cost.query(10_000_000) == pytest.approx(0.00005)
    assert cost.query(2 * 10**12) == pytest.approx(10)


def test_a_rate_is_the_mean_of_the_last_seconds():
    tape = flow.Tape()
    assert tape.rate("records") is None
    for second in range(31):
        tape.add(second, {"records": 100 * second if second < 20 else 2000 + 10 * (second - 20)})

    assert tape.rate("records") == pytest.approx(10)


def test_a_rate_waits_for_enough_to_take_a_mean_of():
    tape = flow.Tape()
    tape.add(0, {"records": 0})
    tape.add(1, {"records": 107})
    assert tape.rate("records") is None
    tape.add(4, {"records": 200})

    assert tape.rate("records") == pytest.approx(50)


def test_a_gateway_that_was_started_anew_makes_no_negative_rate():
    tape = flow.Tape()
    tape.add(0, {"records": 5000})
    tape.add(1, {"records": 3})

    assert tape.rate("records") is None


def answer(columns, *rows):
    return questions.Result(columns, [list(row) for row in rows], more=False)


def test_counts_over_time_are_drawn_as_a_line():
    found = questions.series(
        answer(
            [("minute", "timestamp"), ("signups", "bigint")],
            ("2026-11-23 22:00:00.000", "5"),
            ("2026-11-23 22:01:00.000", None),
        )
    )

    assert found == questions.Series(["22:00", "22:01"], over_time=True, lines=[("signups", [5.0, None])])


@pytest.mark.parametrize(
    "found",
    [
        answer([("n", "bigint")], ("1",), ("2",)),
        answer([("a", "varchar"), ("b", "varchar")], ("x", "y"), ("z", "w")),
        answer([("a", "varchar"), ("n", "bigint")], ("only", "1")),
        answer([("a", "varchar"), ("n", "bigint")], ("twice", "1"), ("twice", "2")),
    ],
    ids=["no label", "no number", "one row", "a label twice"],
)
def test_what_is_no_series_is_not_drawn(found):
    assert questions.series(found) is None


def test_a_drifted_record_holds_text_where_the_table_has_a_type():
    records = faults.drifted([("name", "string"), ("sequence", "bigint")])

    assert all(isinstance(json.loads(each)["sequence"], str) for each in records)


def test_arrow_types_are_written_as_glue_writes_them():
    schema = pa.schema([
        ("at", pa.timestamp("us")), ("who", pa.struct([("a", pa.string()), ("b", pa.list_(pa.int64()))])),
        ("price", pa.decimal128(10, 2)), ("tags", pa.map_(pa.string(), pa.int32())),
    ])  # fmt: skip

    assert [lake.glue_type(field.type) for field in schema] == [
        "timestamp", "struct<a:string,b:array<bigint>>", "decimal(10,2)", "map<string,int>",
    ]  # fmt: skip


def test_a_schema_is_compared_column_by_column_whatever_the_case():
    schema = pa.schema([("ID", pa.string()), ("n", pa.int64()), ("extra", pa.bool_())])

    compared = lake.compare(schema, [("id", "string"), ("n", "int"), ("gone", "date")])

    assert [(each.name, each.agrees) for each in compared] == [
        ("id", True), ("n", False), ("gone", False), ("extra", False),
    ]  # fmt: skip
