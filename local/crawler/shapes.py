"""Crawlers and crawls as the API takes and shows them. Pure."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from local.crawler.crawl import Summary

DEFAULTS: dict[str, Any] = {
    "State": "READY",
    "CrawlElapsedTime": 0,
    "Version": 1,
    "LastCrawl": None,
    "Classifiers": [],
}
_MEMBERS = (
    "Role", "DatabaseName", "Description", "Targets", "Classifiers", "TablePrefix", "SchemaChangePolicy",
    "RecrawlPolicy", "LineageConfiguration", "LakeFormationConfiguration", "Configuration",
    "CrawlerSecurityConfiguration",
)  # fmt: skip


def defined(asked: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: asked[key] for key in _MEMBERS if key in asked}
    if "Schedule" in asked:
        found["Schedule"] = schedule_of(asked["Schedule"])
    return found


def schedule_of(expression: str | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(expression, str):
        return dict(expression)
    return {"ScheduleExpression": expression, "State": "SCHEDULED"} if expression else {}


def page(found: list[Any], asked: Mapping[str, Any]) -> tuple[list[Any], dict[str, str]]:
    most = int(asked.get("MaxResults") or 100)
    start = int(asked["NextToken"]) if str(asked.get("NextToken") or "").isdigit() else 0
    following = start + most
    return found[start:following], {"NextToken": str(following)} if following < len(found) else {}


def crawl_shown(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "tables"}


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}


def matches(crawl: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    field = {"CRAWL_ID": "CrawlId", "STATE": "State", "START_TIME": "StartTime", "END_TIME": "EndTime"}.get(
        wanted.get("FieldName", "")
    )
    if field is None or field not in crawl:
        return False
    value, given = crawl[field], wanted.get("FieldValue", "")
    if isinstance(value, float):
        given = float(given)
    return _COMPARED[wanted.get("FilterOperator", "EQ")](value, given)


def summary_text(summary: Summary) -> str:
    """Return what ListCrawls shows: a JSON document of what was added, updated and deleted."""
    document = {
        "TABLE": {"ADD": summary.created, "UPDATE": summary.updated, "DELETE": summary.deleted},
        "PARTITION": {"ADD": summary.partitions_added, "UPDATE": summary.partitions_updated},
        "SCHEMA_DRIFT": summary.drifted,
    }
    return orjson.dumps(document).decode()
