"""The crawler: it may register partitions, and must not touch the schema that Firehose reads."""

import json
import re
from collections.abc import Iterator

from tests.template.stack import Stack

EARLIEST_MINUTE = 8
"""300 s of S3 buffer at its most, 60 s before the function, and some to deliver."""
CONFIGURATION = {
    "Version": 1.0,
    "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
    "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
}


def crawls_the_table_in_the_catalog(stack: Stack) -> Iterator[str]:
    targets = stack.properties("SignupsCrawler").get("Targets", {})
    if targets != {"CatalogTargets": [{"DatabaseName": "<SignupsDatabase>", "Tables": ["<SignupsTable>"]}]}:
        yield "its only target must be the table: an S3 target would create a table of its own"


def leaves_the_schema_alone(stack: Stack) -> Iterator[str]:
    policy = stack.properties("SignupsCrawler").get("SchemaChangePolicy", {})
    if policy.get("UpdateBehavior") != "LOG":
        yield "UpdateBehavior must be LOG: an update drops the projection and rewrites Firehose's schema"
    if policy.get("DeleteBehavior") != "LOG":
        yield "DeleteBehavior must be LOG: catalog targets know no other"


def crawls_every_folder(stack: Stack) -> Iterator[str]:
    behavior = stack.properties("SignupsCrawler").get("RecrawlPolicy", {}).get("RecrawlBehavior", "CRAWL_EVERYTHING")
    if behavior != "CRAWL_EVERYTHING":
        yield f"RecrawlBehavior {behavior} is refused for catalog targets, or needs a queue that is not there"


def configuration_is_json_that_glue_knows(stack: Stack) -> Iterator[str]:
    try:
        configuration = json.loads(stack.properties("SignupsCrawler").get("Configuration", ""))
    except ValueError as reason:
        yield f"Configuration is no JSON: {reason}"
        return
    if configuration != CONFIGURATION:
        yield f"Configuration must be {json.dumps(CONFIGURATION)}: Glue refuses unknown keys, Tables overrides LOG"


def schedule_comes_after_the_hours_last_object(stack: Stack) -> Iterator[str]:
    schedule = stack.properties("SignupsCrawler").get("Schedule", {}).get("ScheduleExpression", "")
    fields = re.fullmatch(r"cron\((\d+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", schedule)
    if not fields:
        yield f"the schedule {schedule!r} must be a cron expression of six fields that begins with a minute"
    elif int(fields[1]) < EARLIEST_MINUTE:
        yield f"minute {fields[1]} is before the last object of the hour has landed"
    elif (fields[3] == "?") == (fields[5] == "?"):
        yield "exactly one of day-of-month and day-of-week must be ?"


RULES = [
    crawls_the_table_in_the_catalog,
    leaves_the_schema_alone,
    crawls_every_folder,
    configuration_is_json_that_glue_knows,
    schedule_comes_after_the_hours_last_object,
]
