"""Where in a query's text something stands: (line, column), both from 1, or (None, None) where that was not kept. Pure.

The nodes of a view's text have no places: it is another text than the query's.
"""

import re
from itertools import takewhile

from sqlglot import exp

from local.athena.parser import position

Place = tuple[int | None, int | None]


def beginning(node: exp.Expr) -> Place:
    """Return where the first thing that has a place in an expression stands."""
    found = next((each for each in node.walk() if "start" in each.meta), None)
    return (None, None) if found is None else position(found)


def sign(node: exp.Binary, sql: str) -> Place:
    """Return where the operator itself stands, which is what Athena names."""
    if (end := _end(node.left)) is None:
        return beginning(node)
    return _line_and_column(sql, end + sum(1 for _ in takewhile(' \t\r\n)"'.__contains__, sql[end:])))


def word(name: str, left: exp.Expr, sql: str) -> Place:
    """Return where a word stands that comes after what is on its left."""
    found = None if (end := _end(left)) is None else re.compile(rf"\b{name}\b", re.IGNORECASE).search(sql, end)
    return (None, None) if found is None else _line_and_column(sql, found.start())


def _end(node: exp.Expr) -> int | None:
    return max((each.meta["end"] + 1 for each in node.walk() if "end" in each.meta), default=None)


def _line_and_column(sql: str, offset: int) -> Place:
    before = sql[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
