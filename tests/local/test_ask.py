"""An answer, as it is shown."""

import io
import json

import pytest

from local.ask import Answer, lost, show
from local.errors import UsageError

LONG = "20261124T004354Z-9411bdf6-" + "x" * 100
ANSWER = Answer("Audit: verdict", ["producer_id", "lost", "note"], [[LONG, "2", None], ["[b]", "1", "a,b"]], 10, 2)


def shown(form):
    out = io.StringIO()
    show(ANSWER, form, out)
    return out.getvalue()


def test_a_table_in_a_file_holds_every_value_whole():
    assert LONG in shown("table")
    assert "[b]" in shown("table")
    assert shown("table").splitlines()[-1] == "2 rows, 10 bytes scanned, 2 ms"


def test_csv_and_json_carry_the_values():
    assert shown("csv").splitlines() == ["producer_id,lost,note", f"{LONG},2,", '[b],1,"a,b"']
    rows = [json.loads(line) for line in shown("json").splitlines()]
    assert rows[0] == {"producer_id": LONG, "lost": "2", "note": None}


def test_what_is_lost_adds_up():
    assert lost(ANSWER) == 3
    with pytest.raises(UsageError, match="must have a column `lost`"):
        lost(Answer("", ["rows"], [], 0, 0))
