"""Every function of Trino's pages is either shown right by a pair in `fixtures/`, or refused: none is in between.

`pytest -rP -k inventory tests/athena` prints the count, page by page.
"""

import re
import tomllib
from pathlib import Path

import pytest

from tests.athena.test_dialect import FIXTURES, PAIR, answer

PAGES = tomllib.loads((Path(__file__).parent / "inventory.toml").read_text())
PAIRS = [
    (match["sql"].lower(), match["expected"])
    for file in FIXTURES.glob("*.sql")
    for match in PAIR.finditer(file.read_text())
]
WITHOUT_PARENTHESES = {"case", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
__all__ = ["answer"]


def is_shown(function: str) -> bool:
    opening = "" if function in WITHOUT_PARENTHESES else r"\("
    return any(
        re.search(rf"\b{function}\b{opening}", sql) for sql, expected in PAIRS if not expected.startswith("refused")
    )


@pytest.mark.parametrize("page", PAGES)
def test_what_no_pair_shows_to_be_right_is_refused(answer, page):
    functions = PAGES[page]["functions"].split()
    refused = [function for function in functions if not is_shown(function)]
    for function in refused:
        for arguments in ("", "1", "'a'", "'a', 'b'", "ARRAY[1]", "ARRAY[1], 1", "1, 2, 3"):
            assert answer(f"SELECT {function}({arguments})").startswith("refused"), f"{function}({arguments})"
    print(f"{page}: {len(functions) - len(refused)} right, {len(refused)} refused: {', '.join(refused) or 'none'}")


def test_the_count():
    functions = {(page, function) for page in PAGES for function in PAGES[page]["functions"].split()}
    right = sum(is_shown(function) for _, function in functions)
    print(f"{len(functions)} functions on {len(PAGES)} pages: {right} right, {len(functions) - right} refused")
    assert right > 0.85 * len(functions)
