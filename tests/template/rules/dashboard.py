"""The dashboard: JSON that CloudWatch takes, of metrics that exist, in the words of the Firehose console."""

import json
from collections.abc import Iterator
from typing import Any

from tests.template.rules.monitoring import alarms, unknown
from tests.template.stack import Stack

# The charts of the Monitoring tab of a stream with a transform and format conversion.
TITLES = {
    "Incoming bytes per second",
    "Incoming put requests per second",
    "Incoming records per second",
    "Throttled records (Count)",
    "Records successfully converted using AWS Glue (Sum)",
    "Bytes successfully converted using AWS Glue (Sum)",
    "Records not successfully converted using AWS Glue (Sum)",
    "Bytes not successfully converted using AWS Glue (Sum)",
    "Delivery to Amazon S3 success",
    "Delivery to Amazon S3 data freshness (Maximum)",
    "Records delivered to Amazon S3 (Sum)",
    "Bytes delivered to Amazon S3 (Sum)",
}


def widgets(stack: Stack) -> list[dict[str, Any]]:
    """Return the widgets; raises ValueError when the body is no JSON."""
    body = json.loads(stack.properties("PipelineDashboard")["DashboardBody"])
    return list(body["widgets"])


def shows_what_the_console_shows(stack: Stack) -> Iterator[str]:
    titles = {each["properties"].get("title") for each in widgets(stack)}
    if missing := TITLES - titles:
        yield f"charts of the console are missing: {sorted(missing)}"


def charts_metrics_that_exist(stack: Stack) -> Iterator[str]:
    for widget in widgets(stack):
        for metric in widget["properties"].get("metrics", []):
            names = [each for each in metric if isinstance(each, str)]
            if not names:
                continue
            dimensions = dict(zip(names[2::2], names[3::2], strict=True))
            if problem := unknown(names[0], names[1], dimensions):
                yield f"{widget['properties']['title']}: {problem}"


def fits_the_grid(stack: Stack) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for widget in widgets(stack):
        name = widget["properties"].get("title") or widget["properties"].get("markdown", "")
        if widget["x"] + widget["width"] > 24:
            yield f"{name} is wider than the dashboard"
        for x in range(widget["x"], widget["x"] + widget["width"]):
            for y in range(widget["y"], widget["y"] + widget["height"]):
                if taken.setdefault((x, y), name) != name:
                    yield f"{name} covers {taken[x, y]}"
                    return


def lists_every_alarm(stack: Stack) -> Iterator[str]:
    listed = {alarm for each in widgets(stack) for alarm in each["properties"].get("alarms", [])}
    unconditional = {name for name, _ in alarms(stack) if "Condition" not in stack.source["Resources"][name]}
    if listed != {f"<{name}.Arn>" for name in unconditional}:
        yield f"the alarm widget must list {sorted(unconditional)}"


RULES = [shows_what_the_console_shows, charts_metrics_that_exist, fits_the_grid, lists_every_alarm]
