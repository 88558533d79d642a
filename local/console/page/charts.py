"""Options of ECharts, in the page's colours."""

import math
from typing import Any

COLOURS = ("var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)")
LIMIT = "var(--limit)"

ONE_ROW = 54
"""Characters of labels in one row of a legend."""

SIDE_BY_SIDE = 12
"""Labels that fit below a chart; more stand beside it."""

_AXIS = {
    "count": "value >= 1e6 ? value/1e6+'M' : value >= 1e3 ? value/1e3+'k' : String(value)",
    "bytes": "value >= 1073741824 ? +(value/1073741824).toFixed(1)+' GiB' : value >= 1048576 ?"
    " +(value/1048576).toFixed(1)+' MiB' : value >= 1024 ? +(value/1024).toFixed(1)+' KiB' : value+' B'",
    "percent": "value+' %'",
    "seconds": "value+' s'",
    "milliseconds": "value+' ms'",
}
_ROUND = (
    "value == null ? '-' :"
    " (Math.abs(value) >= 100 ? Math.round(value) : +Number(value).toFixed(2)).toLocaleString('en')"
)


def lines(
    series: list[tuple[str, list[tuple[int, float | None]], bool]],
    unit: str,
    *,
    logarithmic: bool = False,
    area: bool = False,
    span: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return ECharts options for lines over time: (label, points of (epoch ms, value), whether it is a limit)."""
    clock = {"hour": "{HH}:{mm}", "minute": "{HH}:{mm}", "second": "{HH}:{mm}:{ss}"}
    highest = max((value or 0 for _, points, _ in series for _, value in points), default=0)
    axis: dict[str, Any] = {
        "type": "time",
        "axisLine": _line(),
        "axisTick": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {**_label(), "hideOverlap": True, "formatter": clock},
    }
    if span:
        axis |= {"min": span[0], "max": span[1]}
    return {
        "useUTC": True,
        "animation": False,
        "grid": {
            "left": 8 if highest else 24,
            "right": 24,
            "top": 14,
            "bottom": _below([label for label, *_ in series]),
            "containLabel": True,
        },
        "legend": _legend(len(series) > 1),
        "tooltip": _tooltip(),
        "xAxis": axis,
        "yAxis": _values(unit, logarithmic=logarithmic, highest=highest),
        "series": [
            _series(label, points, at, limit=limit, area=area) for at, (label, points, limit) in enumerate(series)
        ],
    }


def bars_or_lines(
    labels: list[str], series: list[tuple[str, list[float | None]]], *, over_time: bool
) -> dict[str, Any]:
    """Return ECharts options for a query's answer."""
    flat = over_time or len(labels) <= SIDE_BY_SIDE
    category = {"type": "category", "data": labels, "axisLine": _line(), "axisTick": {"show": False},
                "axisLabel": {**_label(), "hideOverlap": True, "width": 150, "overflow": "truncate"}}  # fmt: skip
    values = _values("count", logarithmic=False)
    return {
        "animation": False,
        "grid": {"left": 8, "right": 20, "top": 14, "bottom": 28 if len(series) > 1 else 8, "containLabel": True},
        "legend": _legend(len(series) > 1),
        "tooltip": _tooltip(),
        "xAxis": category if flat else values,
        "yAxis": values if flat else {**category, "inverse": True},
        "series": [
            {
                "name": name, "type": "line" if over_time else "bar", "data": data, "showSymbol": len(data) < 20,  # noqa: PLR2004 - points worth a dot
                "symbolSize": 5, "itemStyle": {"color": COLOURS[at % 4]}, "lineStyle": {"width": 2},
                "stack": None if over_time else "all", "barMaxWidth": 28,
            }
            for at, (name, data) in enumerate(series)
        ],
    }  # fmt: skip


def _series(label: str, points: list[tuple[int, float | None]], at: int, *, limit: bool, area: bool) -> dict[str, Any]:
    colour = LIMIT if limit else COLOURS[at % len(COLOURS)]
    return {
        "name": label, "type": "line", "data": [list(each) for each in points],
        "showSymbol": len(points) < 3, "symbolSize": 5,  # noqa: PLR2004 - a line needs points to be seen
        "itemStyle": {"color": colour}, "lineStyle": {"width": 2, "type": "dashed" if limit else "solid"},
        **({"areaStyle": {"color": colour, "opacity": 0.12}} if area and not limit else {}),
    }  # fmt: skip


def _values(unit: str, *, logarithmic: bool, highest: float = 0) -> dict[str, Any]:
    bounds: dict[str, Any] = {"min": 1} if logarithmic else {"min": 0}
    if unit == "percent":
        bounds = {"min": 0, "max": 100, "interval": 25}
    elif unit == "bytes" and not logarithmic and highest > 0:
        step = 2 ** math.ceil(math.log2(highest / 4))
        bounds = {"min": 0, "max": math.ceil(highest / step) * step, "interval": step}
    return {
        "type": "log" if logarithmic else "value", **bounds, "splitNumber": 4,
        "logBase": 1024 if unit == "bytes" else 10,
        "axisLabel": {**_label(), ":formatter": f"value => {_AXIS.get(unit, _AXIS['count'])}"},
        "splitLine": {"lineStyle": {"color": "var(--grid)"}}, "minorSplitLine": {"show": False},
    }  # fmt: skip


def _below(labels: list[str]) -> int:
    """Return the height of the legend: none for one line, two rows when the labels do not fit into one."""
    if len(labels) == 1:
        return 6
    return 26 if sum(map(len, labels)) < ONE_ROW else 38


def _label() -> dict[str, Any]:
    return {"color": "var(--muted)", "fontSize": 11}


def _line() -> dict[str, Any]:
    return {"lineStyle": {"color": "var(--line)"}}


def _legend(shown: bool) -> dict[str, Any]:  # noqa: FBT001 - the one thing it is about
    style = {"color": "var(--muted)", "fontSize": 10}
    return {
        "show": shown,
        "bottom": 0,
        "left": "center",
        "itemGap": 8,
        "icon": "roundRect",
        "itemWidth": 12,
        "itemHeight": 3,
        "textStyle": style,
    }


def _tooltip() -> dict[str, Any]:
    return {"trigger": "axis", "className": "echart-tip", "confine": True, ":valueFormatter": f"value => {_ROUND}"}
