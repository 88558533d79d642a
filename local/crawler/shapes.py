"""Crawlers and crawls as the API takes and shows them. Pure."""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
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


STATE_CHANGE = "Glue Crawler State Change"
"""What EventBridge is told of a crawl: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html"""


def started_event(crawler: str, account: str, moment: datetime) -> dict[str, str]:
    """Return the detail of the event that a crawl has begun."""
    return {
        "accountId": account, "crawlerName": crawler, "startTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "state": "Started", "message": "Crawler Started",
    }  # fmt: skip


def failed_event(crawler: str, account: str, reason: str) -> dict[str, str]:
    """Return the detail of the event that a crawl has failed."""
    return {
        "accountId": account, "crawlerName": crawler, "errorMessage": reason,
        "state": "Failed", "message": "Crawler Failed",
    }  # fmt: skip


def succeeded_event(crawler: str, account: str, moment: datetime, seconds: float, summary: Summary) -> dict[str, str]:
    """Return the detail of the event that a crawl has ended well; its numbers are texts, as Glue's are."""
    return {
        "accountId": account, "crawlerName": crawler, "completionDate": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "runningTime (sec)": str(round(seconds)), "warningMessage": "; ".join(summary.drifted) or "N/A",
        "tablesCreated": str(len(summary.created)), "tablesUpdated": str(len(summary.updated)),
        "tablesDeleted": str(len(summary.deleted)), "partitionsCreated": str(summary.partitions_added),
        "partitionsUpdated": str(summary.partitions_updated), "partitionsDeleted": "0",
        "state": "Succeeded", "message": "Crawler Succeeded",
    }  # fmt: skip


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
