"""A query's answer: a grid, and a chart where the answer is a series."""

from nicegui import ui

from local.console import questions
from local.console.page.charts import SIDE_BY_SIDE, bars_or_lines
from local.console.page.widgets import box, empty, heading, text
from local.console.questions import Result


def show_result(result: Result) -> None:
    if not result.columns:
        empty("Done: this statement has no rows to show.")
        return
    drawn = questions.series(result)
    rows_shown = f"{len(result.rows):,} rows" + (", more in the CSV" if result.more else "")
    with box("bunch"):
        heading("Result")
        text(rows_shown, "chip num")
        if drawn:
            ui.element("div").classes("spacer")
            choice = ui.toggle({"grid": "Grid", "chart": "Chart"}, value="chart").props("dense unelevated no-caps")
    if drawn:
        chart = ui.echart(bars_or_lines(drawn.labels, drawn.lines, over_time=drawn.over_time), renderer="svg")
        chart.style(
            f"height: {300 if drawn.over_time or len(drawn.labels) <= SIDE_BY_SIDE else 90 + 22 * len(drawn.labels)}px"
        )
        chart.bind_visibility_from(choice, "value", value="chart")
    table = _grid(result)
    if drawn:
        table.bind_visibility_from(choice, "value", value="grid")


def _grid(result: Result) -> ui.table:
    columns = [
        {"name": f"c{at}", "label": name, "field": f"c{at}", "sortable": True,
         "align": "right" if kind.partition("(")[0] in questions.NUMBERS else "left"}
        for at, (name, kind) in enumerate(result.columns)
    ]  # fmt: skip
    rows = [
        {"id": place, **{f"c{at}": _value(value, result.columns[at][1]) for at, value in enumerate(row)}}
        for place, row in enumerate(result.rows)
    ]
    return ui.table(columns=columns, rows=rows, row_key="id", pagination=15).props("flat dense")


def _value(value: str | None, kind: str) -> str | float | None:
    if value is None or kind.partition("(")[0] not in {
        "tinyint",
        "smallint",
        "integer",
        "int",
        "double",
        "float",
        "real",
    }:
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value
