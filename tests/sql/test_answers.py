"""Every file of `sql/` over thirteen known sign-ups: the rows below were worked out by hand from `lake.py`."""

import pytest

from sql.into_template import queries
from tests.sql.lake import NOT_MASKED

QUERIES = {each.logical_id: each for each in queries()}
WRITERS = {"QueryCompactYesterday", "ViewSignupsUnique"}
QUIET = range(50, 65)
"""The minutes from 18:50 to 19:04."""

EXPECTED = {
    "QueryAgeCohorts": """
        2026-11-23 | 1950s | 1 | 25.0
        2026-11-23 | 1990s | 2 | 50.0
        2026-11-23 | 2000s | 1 | 25.0
        2026-11-22 | 1960s | 1 | 50.0
        2026-11-22 | 2000s | 1 | 50.0""",
    # s1 turns 36 on this very day, s2 tomorrow; s3 is 17 and in no column but the last.
    "QueryAgePyramidByJob": """
        Cook | 0 | 0 | 2 | 0 | 1 | 0 | 3
        Welder | 0 | 3 | 0 | 0 | 0 | 0 | 3
        Nurse | 0 | 0 | 0 | 0 | 0 | 1 | 2""",
    # s7 breaks six rules; s6 has no token and a bad phone, s3 is under age.
    "QueryDataQuality": "7 | 0 | 1 | 0 | 0 | 0 | 1 | 2 | 1 | 2 | 1 | 1 | 1 | 1",
    # Seconds of 19:00 are 2, 2 and 40. s7 has no created_at to count from.
    "QueryFreshness": """
        2026-11-22 23:00:00.000 | 1 | 1.0 | 1.0 | 1.0 | 1.0
        2026-11-23 01:00:00.000 | 1 | 2.0 | 2.0 | 2.0 | 2.0
        2026-11-23 02:00:00.000 | 1 | null | null | null | null
        2026-11-23 18:00:00.000 | 1 | 1.0 | 1.0 | 1.0 | 1.0
        2026-11-23 19:00:00.000 | 3 | 2.0 | 40.0 | 40.0 | 40.0""",
    "QueryJobRanking": """
        PE | 1 | Cook | 2 | 0 | 66.7
        PE | 2 | Nurse | 1 | 1 | 33.3
        RN | 1 | Welder | 3 | 0 | 100.0
        SP | 1 | Cook | 1 | 0 | 50.0
        SP | 1 | Nurse | 1 | 0 | 50.0""",
    "QueryMaskLeaks": """
        2026-11-22-23 | s3://known-lake/signups/dt=2026-11-22-23/part | s6 | another column
        2026-11-23-01 | s3://known-lake/signups/dt=2026-11-23-01/part | s4 | cpf""",
    "QueryNearRealTime": "\n".join(
        f"2026-11-23 {18 + minute // 60}:{minute % 60:02}:00.000 | { {58: 1, 60: 2}.get(minute, 0) }"
        for minute in QUIET
    ),
    "QueryPerMinuteLastHour": """
        2026-11-23 18:58:00.000 | 1
        2026-11-23 19:00:00.000 | 2""",
    # s4 came at 01:30 UTC, which is the evening before in Brasilia.
    "QueryPerStateAndLocalDay": """
        2026-11-23 | PE | 3
        2026-11-22 | SP | 2
        2026-11-22 | RN | 1""",
    "QueryRepeatedPeople": "t1 | 3 | 3 | 2026-11-22 12:00:00.000 | 2026-11-23 19:00:50.000",
    "QueryTopCities": """
        1 | Natal | RN | 3 | 37.5
        2 | Recife | PE | 2 | 25.0
        2 | Sao Paulo | SP | 2 | 25.0
        4 | Olinda | PE | 1 | 12.5""",
    "AuditDuplicated": """
        p1 | 2 | s2 | 2 | 2026-11-23 19:00:52.000 | 2026-11-23 19:01:30.000 | 2026-11-23-19 | 2026-11-23-19
        p2 | 2 | s5 | 2 | 2026-11-22 13:30:00.000 | 2026-11-22 14:00:00.000 | 2026-11-22-13 | 2026-11-22-14""",
    # p3 began before the window: what it sent before 50 is not missed.
    "AuditLost": """
        p1 | 3 | 3 | 1
        p3 | 51 | 51 | 1""",
    "AuditVerdict": """
        p1 | 1 | 4 | 4 | 3 | 4 | 1 | 1
        p2 | 1 | 3 | 3 | 3 | 4 | 0 | 1
        p3 | 50 | 52 | 3 | 2 | 2 | 1 | 0""",
}


def test_every_file_has_an_expected_answer():
    assert EXPECTED.keys() | WRITERS == QUERIES.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answer_is_the_one_worked_out_by_hand(ask, name):
    answer = ask(QUERIES[name].statement)
    found = [" | ".join("null" if value is None else value for value in row) for row in answer.rows]
    assert found == [line.strip() for line in EXPECTED[name].strip().splitlines()]
    assert answer.columns == QUERIES[name].columns.split(", ")


def test_the_view_shows_each_sign_up_once_and_its_first_copy(ask):
    assert ask(QUERIES["ViewSignupsUnique"].statement).rows == []
    both = ask("SELECT (SELECT count(*) FROM signups), count(*), count(DISTINCT signup_id) FROM signups_unique")
    assert both.rows == [["13", "11", "11"]]
    assert ask("SELECT dt FROM signups_unique WHERE signup_id = 's5'").rows == [["2026-11-22-13"]]
    # The second copy is not the first one, even for who only asks for its hour.
    assert ask("SELECT count(*) FROM signups_unique WHERE dt = '2026-11-22-14'").rows == [["0"]]


def test_compaction_writes_yesterday_once_however_often_it_runs(ask):
    for _ in range(2):
        ask(QUERIES["QueryCompactYesterday"].statement)
        compacted = ask("SELECT signup_id, address.city, day FROM signups_daily ORDER BY signup_id")
        assert compacted.rows == [["s5", "Sao Paulo", "2026-11-22"], ["s6", "Natal", "2026-11-22"]]


def test_no_answer_shows_a_cpf(ask):
    for name in EXPECTED:
        assert NOT_MASKED not in str(ask(QUERIES[name].statement).rows)
