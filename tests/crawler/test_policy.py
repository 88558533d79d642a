"""Definitions that Glue refuses at once, which no linter of templates notices."""

import json

import pytest

from local.crawler.policy import check, check_supported, inherits
from local.errors import AwsError

CATALOG = {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}
S3 = {"S3Targets": [{"Path": "s3://lake/"}]}
LOG = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
INHERIT = json.dumps({"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}})


def test_the_recommended_crawler_is_accepted():
    crawler = {
        "Targets": CATALOG,
        "SchemaChangePolicy": LOG,
        "Configuration": INHERIT,
        "Schedule": "cron(10 * * * ? *)",
    }
    check(crawler)
    assert inherits(crawler)


@pytest.mark.parametrize(
    ("crawler", "why"),
    [
        ({"Targets": {}}, "must not be empty"),
        ({"Targets": {**CATALOG, **S3}, "SchemaChangePolicy": LOG}, "cannot be mixed"),
        ({"Targets": CATALOG}, "only LOG DeleteBehavior"),
        (
            {
                "Targets": CATALOG,
                "SchemaChangePolicy": LOG,
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
            },
            'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target',
        ),
        (
            {"Targets": S3, "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
            "only LOG DeleteBehavior value and LOG UpdateBehavior",
        ),
        ({"Targets": S3, "Configuration": "{oops"}, "not valid JSON"),
        (
            {"Targets": S3, "Configuration": '{"Version": 1.0, "Grouping": {"Policy": 1}}'},
            "unsupported keys: Grouping.Policy",
        ),
        ({"Targets": S3, "Configuration": "{}"}, "Version 1.0"),
        ({"Targets": S3, "Schedule": "cron(10 * * * ?)"}, "six fields"),
    ],
)
def test_what_is_refused(crawler, why):
    with pytest.raises(AwsError, match=why) as refusal:
        check(crawler)
    assert refusal.value.code == "InvalidInputException"


@pytest.mark.parametrize(
    "policy", [{"SchemaChangePolicy": {"UpdateBehavior": "UPDATE"}}, {"RecrawlPolicy": {"RecrawlBehavior": "ALL"}}]
)
def test_a_word_that_glue_does_not_know_is_refused_with_those_it_does(policy):
    with pytest.raises(
        AwsError, match=r"failed to satisfy constraint: Member must satisfy enum value set: \["
    ) as refusal:
        check({"Targets": S3, **policy})
    assert refusal.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("crawler", "why"),
    [
        ({"Targets": {"JdbcTargets": [{"ConnectionName": "x"}]}}, "JdbcTargets are not crawled"),
        (
            {"Targets": S3, "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}},
            "CRAWL_EVENT_MODE is not supported",
        ),
    ],
)
def test_what_glue_accepts_and_is_not_crawled_here_is_deployed_and_refused_when_it_is_started(crawler, why):
    check(crawler)
    with pytest.raises(AwsError, match=why):
        check_supported(crawler)
