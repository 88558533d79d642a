"""What Glue refuses in a crawler's definition. Pure.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html; wording as seen in
hashicorp/terraform-provider-aws#22868 and LBHackney-IT/Data-Platform#2418, #979.
"""

import json
from collections.abc import Mapping
from typing import Any

from local.crawler.schedule import BadSchedule, schedule
from local.errors import AwsError

_TARGETS = ("S3Targets", "JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "CatalogTargets", "DeltaTargets",
            "IcebergTargets", "HudiTargets")  # fmt: skip
SUPPORTED = ("S3Targets", "CatalogTargets")
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "SchemaChangePolicy": {
        "UpdateBehavior": ("LOG", "UPDATE_IN_DATABASE"),
        "DeleteBehavior": ("LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"),
    },
    "RecrawlPolicy": {"RecrawlBehavior": ("CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE")},
}
_CONFIGURATION = {
    "Version": {},
    "CrawlerOutput": {
        "Partitions": {"AddOrUpdateBehavior": {}},
        "Tables": {"AddOrUpdateBehavior": {}, "TableThreshold": {}},
    },
    "Grouping": {"TableGroupingPolicy": {}, "TableLevelConfiguration": {}},
    "CreatePartitionIndex": {},
}


def check(crawler: Mapping[str, Any]) -> None:
    """Raise AwsError, InvalidInputException as a rule, for a definition that Glue does not accept."""
    given = _targets(crawler)
    if not given:
        raise _invalid("Crawler targets must not be empty: name at least one target")
    if "CatalogTargets" in given and len(given) > 1:
        raise _invalid("CatalogTargets cannot be mixed with other targets in one crawler")
    _check_words(crawler)
    _check_changes(crawler, given)
    _check_configuration(crawler.get("Configuration") or "")
    _check_schedule(crawler.get("Schedule") or "")


def _check_words(crawler: Mapping[str, Any]) -> None:
    for policy, words in _WORDS.items():
        for behavior, known in words.items():
            given = (crawler.get(policy) or {}).get(behavior)
            if given is not None and given not in known:
                place = f"{policy[0].lower()}{policy[1:]}.{behavior[0].lower()}{behavior[1:]}"
                raise AwsError(
                    "ValidationException",
                    f"1 validation error detected: Value '{given}' at '{place}' failed to satisfy constraint:"
                    f" Member must satisfy enum value set: [{', '.join(known)}]",
                )


def check_supported(crawler: Mapping[str, Any]) -> None:
    """Raise AwsError InvalidInputException for a definition that Glue accepts and that is not crawled here."""
    if unsupported := [name for name in _targets(crawler) if name not in SUPPORTED]:
        raise _invalid(f"{unsupported[0]} are not crawled by this runtime: use {' or '.join(SUPPORTED)}")
    if _recrawl(crawler) == "CRAWL_EVENT_MODE":
        raise _invalid("CRAWL_EVENT_MODE is not supported by this runtime: use CRAWL_EVERYTHING")


def _targets(crawler: Mapping[str, Any]) -> list[str]:
    targets = crawler.get("Targets") or {}
    return [name for name in _TARGETS if targets.get(name)]


def _recrawl(crawler: Mapping[str, Any]) -> str:
    return str((crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior", "CRAWL_EVERYTHING"))


def _check_changes(crawler: Mapping[str, Any], given: list[str]) -> None:
    change = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    change |= crawler.get("SchemaChangePolicy") or {}
    if "CatalogTargets" in given and change["DeleteBehavior"] != "LOG":
        raise _invalid('The SchemaChangePolicy for "Catalog Target" crawlers can have only LOG DeleteBehavior value')
    if _recrawl(crawler) == "CRAWL_NEW_FOLDERS_ONLY":
        if given != ["S3Targets"]:
            raise _invalid('RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.')
        if set(change.values()) != {"LOG"}:
            raise _invalid(
                'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior'
                " value and LOG UpdateBehavior value."
            )


def _check_configuration(text: str) -> None:
    if not text:
        return
    try:
        configuration = json.loads(text)
    except ValueError as error:
        raise _invalid(f"Crawler configuration is not valid JSON: {error}") from None
    if not isinstance(configuration, dict) or configuration.get("Version") != 1.0:
        raise _invalid("Crawler configuration must have Version 1.0")
    unknown = _unknown(configuration, _CONFIGURATION, "")
    if unknown:
        raise _invalid(f"Crawler configuration contains unsupported keys: {', '.join(unknown)}")


def _unknown(given: Mapping[str, Any], known: Mapping[str, Any], path: str) -> list[str]:
    found = []
    for key, value in given.items():
        if key not in known:
            found.append(f"{path}{key}")
        elif isinstance(value, dict):
            found += _unknown(value, known[key], f"{path}{key}.")
    return found


def _check_schedule(given: str | Mapping[str, Any]) -> None:
    expression = given if isinstance(given, str) else str(given.get("ScheduleExpression") or "")
    if not expression:
        return
    try:
        schedule(expression)
    except BadSchedule as error:
        raise _invalid(str(error)) from None


def inherits(crawler: Mapping[str, Any]) -> bool:
    """Tell whether partitions take format and columns from their table."""
    return _output(crawler, "Partitions") == "InheritFromTable"


def merges(crawler: Mapping[str, Any]) -> bool:
    """Tell whether new columns are added whatever the SchemaChangePolicy says."""
    return _output(crawler, "Tables") == "MergeNewColumns"


def _output(crawler: Mapping[str, Any], what: str) -> str:
    configuration = json.loads(crawler.get("Configuration") or "{}")
    return str(configuration.get("CrawlerOutput", {}).get(what, {}).get("AddOrUpdateBehavior", ""))


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidInputException", message)
