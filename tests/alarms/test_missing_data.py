"""The tables of the User Guide, row by row, and what they leave to be said.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
`0` is a datapoint within the threshold, `X` a breaching one, `-` a missing one; the newest is on the right.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.alarms.evaluate import Definition, evaluate, evaluation_range

NOW = 1_800_000_010.0
KEPT = "the state it was in"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def alarm(needed: int, periods: int, treatment: str) -> Definition:
    is_m_of_n = True
    return Definition(300, periods, needed, is_m_of_n, "GreaterThanThreshold", 1.0, treatment, "Sum")


def state_of(datapoints: str, rule: Definition, state: str) -> str:
    moments = evaluation_range(rule, NOW).moments
    shown = dict(zip(moments, datapoints.split(), strict=True))
    values = {moment: {"0": 0.0, "X": 2.0}[mark] for moment, mark in shown.items() if mark != "-"}
    return evaluate(rule, values, NOW, state).state


def table(*rows: tuple[str, str, str, str, str]) -> list[tuple[str, str, str]]:
    return [
        (row[0], treatment, expected) for row in rows for treatment, expected in zip(TREATMENTS, row[1:], strict=True)
    ]


THREE_OF_THREE = table(
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", "INSUFFICIENT_DATA", KEPT, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", KEPT, "ALARM", "OK"),
)

TWO_OF_THREE = table(
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", KEPT, "ALARM", "OK"),
)

PREMATURE = [("- - - - X", "missing", "INSUFFICIENT_DATA"), ("- - - X -", "missing", "INSUFFICIENT_DATA")]
"""'The alarm does not go immediately into ALARM state', three of three."""


@pytest.mark.parametrize(("datapoints", "treatment", "expected"), [*THREE_OF_THREE, *PREMATURE])
@pytest.mark.parametrize("before", ["OK", "ALARM"])
def test_three_out_of_three(datapoints, treatment, expected, before):
    assert state_of(datapoints, alarm(3, 3, treatment), before) == (before if expected == KEPT else expected)


@pytest.mark.parametrize(("datapoints", "treatment", "expected"), TWO_OF_THREE)
@pytest.mark.parametrize("before", ["OK", "ALARM"])
def test_two_out_of_three(datapoints, treatment, expected, before):
    assert state_of(datapoints, alarm(2, 3, treatment), before) == (before if expected == KEPT else expected)


MARKS = st.lists(st.sampled_from("0X"), min_size=5, max_size=5)


@given(MARKS, st.sampled_from(TREATMENTS), st.integers(1, 3))
def test_with_nothing_missing_only_the_newest_periods_count(marks, treatment, needed):
    expected = "ALARM" if marks[-3:].count("X") >= needed else "OK"
    assert state_of(" ".join(marks), alarm(needed, 3, treatment), "INSUFFICIENT_DATA") == expected


@given(st.lists(st.sampled_from("0X-"), min_size=5, max_size=5), st.integers(1, 3))
def test_taking_missing_data_for_good_never_alarms_where_taking_it_for_bad_does_not(marks, needed):
    datapoints = " ".join(marks)
    if state_of(datapoints, alarm(needed, 3, "notBreaching"), "OK") == "ALARM":
        assert state_of(datapoints, alarm(needed, 3, "breaching"), "OK") == "ALARM"


def test_the_range_slides_with_the_minute_and_ends_with_the_last_one_that_is_over():
    rule = alarm(2, 2, "missing")
    frame = evaluation_range(rule, 1_800_000_010.0)
    assert frame.end == 1_800_000_000
    assert list(frame.moments) == [1_799_998_800, 1_799_999_100, 1_799_999_400, 1_799_999_700]
    assert evaluation_range(rule, 1_800_000_070.0).end == frame.end + 60
