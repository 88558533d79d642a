"""Accounts in a list, and as a table for people."""

from collections.abc import Iterable, Mapping
from html import escape
from shutil import get_terminal_size
from typing import Any

from how_fake_accounts.optional import need

COLUMNS = ("registration_date", "name", "email", "phone", "cpf", "birth_date", "address", "job")
_ELASTIC = {"name", "email", "address", "job"}
_NARROWEST = 16
_DISPENSABLE = ("registration_date", "phone", "job", "email", "birth_date", "address")
"""What a narrow terminal leaves out first."""


class Accounts(list[dict[str, Any]]):
    """A list of accounts as dictionaries."""

    def head(self, n: int = 5) -> "Head":
        """Return the first `n`; they show as a table."""
        return Head(self[:n])

    def to_pandas(self) -> Any:
        """Return a pandas.DataFrame, dates as timestamps. Raises ImportError without pandas."""
        pandas = need("pandas", "how-fake-accounts[pandas]")
        frame = pandas.DataFrame(self, columns=list(COLUMNS))
        for column in ("registration_date", "birth_date"):
            frame[column] = pandas.to_datetime(frame[column], format="ISO8601")
        return frame


class Head(Accounts):
    def __repr__(self) -> str:
        table = Table(self, get_terminal_size((160, 24)).columns)
        return "\n".join([*table.heading(), *map(table.line, self)])

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        heading = "".join(f"<th>{column}</th>" for column in COLUMNS)
        rows = ("".join(f"<td>{escape(str(row[column]))}</td>" for column in COLUMNS) for row in self)
        return f"<table><tr>{heading}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


class Table:
    """Columns as wide as `sample` needs, made narrower or left out until a line fits `width` characters."""

    def __init__(self, sample: Iterable[Mapping[str, Any]], width: int) -> None:
        rows = list(sample)
        self._widths = {column: max([len(column), *(len(_cell(row, column)) for row in rows)]) for column in COLUMNS}
        for column in _DISPENSABLE:
            if self._least() <= width:
                break
            del self._widths[column]
        while self._total() > width and (widest := self._widest()):
            self._widths[widest] -= 1

    def heading(self) -> list[str]:
        return [self._join(self._widths), self._join("─" * width for width in self._widths.values())]

    def line(self, row: Mapping[str, Any]) -> str:
        return self._join(_cell(row, column) for column in self._widths)

    def _join(self, cells: Iterable[str]) -> str:
        return "  ".join(_cut(cell, width) for cell, width in zip(cells, self._widths.values(), strict=True)).rstrip()

    def _total(self) -> int:
        return sum(self._widths.values()) + 2 * (len(self._widths) - 1)

    def _least(self) -> int:
        slack = sum(max(0, width - _NARROWEST) for column, width in self._widths.items() if column in _ELASTIC)
        return self._total() - slack

    def _widest(self) -> str | None:
        elastic = {column: width for column, width in self._widths.items() if column in _ELASTIC}
        candidates = {column: width for column, width in elastic.items() if width > _NARROWEST}
        return max(candidates, key=candidates.__getitem__, default=None)


def _cell(row: Mapping[str, Any], column: str) -> str:
    text = str(row[column])
    return text[:19] if column == "registration_date" else text


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
