"""Partition projection: the documented types, bounds, and what is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.athena.errors import QueryFailed
from local.athena.projection import Bounds, java_format, location, partitions

NOW = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)
HOURLY = {
    "projection.enabled": "true",
    "projection.dt.type": "date",
    "projection.dt.format": "yyyy-MM-dd-HH",
    "projection.dt.range": "2026-11-01-00,NOW",
    "projection.dt.interval": "1",
    "projection.dt.interval.unit": "HOURS",
}


def values(properties, *columns, now=NOW, **bounds):
    return ["/".join(each) for each in partitions(properties, columns, bounds, now)]


def test_hours_run_from_the_left_bound_to_now():
    found = values(HOURLY, "dt")
    assert found[0] == "2026-11-01-00"
    assert found[-1] == "2026-11-23-19"
    assert len(found) == 22 * 24 + 20


def test_a_lower_bound_enumerates_only_what_is_above_it():
    assert values(HOURLY, "dt", dt=Bounds(low="2026-11-23-17")) == ["2026-11-23-17", "2026-11-23-18", "2026-11-23-19"]


def test_a_bound_coarser_than_the_format_compares_as_text():
    bounds = Bounds(low="2026-11-22", high="2026-11-22-02")
    assert values(HOURLY, "dt", dt=bounds) == ["2026-11-22-00", "2026-11-22-01", "2026-11-22-02"]


def test_a_value_outside_the_range_is_no_partition():
    assert values(HOURLY, "dt", dt=Bounds(only=frozenset({"2030-01-01-00", "2026-11-23-18"}))) == ["2026-11-23-18"]


@pytest.mark.parametrize(
    ("given_range", "first", "last"),
    [
        ("NOW-3HOURS,NOW", "2026-11-23-16", "2026-11-23-19"),
        ("NOW-1DAYS,NOW-23HOURS", "2026-11-22-19", "2026-11-22-20"),
        ("NOW - 1 MONTHS, NOW", "2026-10-23-19", "2026-11-23-19"),
        ("2026-11-23-18,NOW+1HOURS", "2026-11-23-18", "2026-11-23-20"),
    ],
)
def test_ranges_may_be_relative_to_now(given_range, first, last):
    found = values({**HOURLY, "projection.dt.range": given_range}, "dt")
    assert (found[0], found[-1]) == (first, last)


def test_an_interval_of_six_hours_keeps_to_its_grid_below_a_bound():
    stepped = {**HOURLY, "projection.dt.interval": "6", "projection.dt.range": "2026-11-23-00,NOW"}
    assert values(stepped, "dt", dt=Bounds(low="2026-11-23-07")) == ["2026-11-23-12", "2026-11-23-18"]


def test_months_and_years_are_counted_by_the_calendar():
    monthly = {
        "projection.m.type": "date",
        "projection.m.format": "yyyy/MM",
        "projection.m.range": "2025/11,2026/02",
        "projection.m.interval.unit": "MONTHS",
    }
    assert values(monthly, "m") == ["2025/11", "2025/12", "2026/01", "2026/02"]
    assert values(monthly, "m", m=Bounds(low="2026/01")) == ["2026/01", "2026/02"]


def test_integers_have_digits_and_steps():
    whole = {
        "projection.n.type": "integer",
        "projection.n.range": "1,20",
        "projection.n.digits": "3",
        "projection.n.interval": "5",
    }
    assert values(whole, "n") == ["001", "006", "011", "016"]
    assert values(whole, "n", n=Bounds(low="7", high="12")) == ["011"]


def test_every_combination_of_several_columns_is_projected():
    both = {
        "projection.c.type": "enum",
        "projection.c.values": "a,b",
        "projection.n.type": "integer",
        "projection.n.range": "1,2",
    }
    assert values(both, "c", "n") == ["a/1", "a/2", "b/1", "b/2"]


def test_an_injected_column_needs_its_values_in_the_predicate():
    injected = {"projection.d.type": "injected"}
    assert values(injected, "d", d=Bounds(only=frozenset({"x"}))) == ["x"]
    with pytest.raises(QueryFailed, match="must contain only static equality conditions"):
        values(injected, "d")


def test_a_column_without_configuration_is_named():
    with pytest.raises(QueryFailed, match=r"missing projection configuration: \['region'\]"):
        values(HOURLY, "dt", "region")


def test_hours_without_an_interval_are_refused():
    with pytest.raises(QueryFailed, match=r"interval and interval[.]unit are required"):
        values({key: value for key, value in HOURLY.items() if "interval" not in key}, "dt")


def test_the_template_says_where_a_partition_is():
    template = {"storage.location.template": "s3://lake/year/${y}/x-${m}"}
    assert location(template, "s3://lake/", ["y", "m"], ["2026", "11"]) == "s3://lake/year/2026/x-11/"
    assert location({}, "s3://lake/signups", ["dt"], ["2026-11-23-19"]) == "s3://lake/signups/dt=2026-11-23-19/"


def test_java_patterns_keep_their_quoted_text():
    assert java_format("yyyy'year'MM-dd") == "%Yyear%m-%d"
    with pytest.raises(QueryFailed, match="'YYYY'"):
        java_format("YYYY-MM-dd")


@given(low=st.integers(0, 600), length=st.integers(0, 50))
def test_bounds_give_exactly_the_values_between(low, length):
    every = values(HOURLY, "dt")
    low %= len(every)
    high = min(low + length, len(every) - 1)
    assert values(HOURLY, "dt", dt=Bounds(low=every[low], high=every[high])) == every[low : high + 1]
