"""Which rights a call is asked for, where the borrowed evaluator would ask for the wrong ones."""

import pytest

from local.permissions import asks, questions

REGION, ACCOUNT = "us-east-1", "000000000000"


def asked(prefix, operation, **members):
    """Return {action: [what it is asked on, without partition, region and account]}."""
    found = questions(prefix, operation, members, REGION, ACCOUNT)
    assert {context == {} for _, _, context in found} == {True}
    [action] = {action for action, _, _ in found}
    return action, [resource.split(f":{REGION}:{ACCOUNT}:")[1] for _, resource, _ in found]


@pytest.mark.parametrize(
    "operation", ["GetTable", "UpdateTable", "GetPartitions", "BatchCreatePartition", "DeleteTable"]
)
def test_a_table_is_authorised_on_its_three_levels(operation):
    member = "Name" if operation in ("GetTable", "DeleteTable") else "TableName"
    action, resources = asked("AWSGlue", operation, DatabaseName="lake", **{member: "rows"})
    assert (action, resources) == (f"glue:{operation}", ["catalog", "database/lake", "table/lake/rows"])


@pytest.mark.parametrize("operation", ["CreateTable", "UpdateTable"])
def test_a_table_that_is_described_is_named_in_its_description(operation):
    _, resources = asked("AWSGlue", operation, DatabaseName="lake", TableInput={"Name": "view"})
    assert resources[-1] == "table/lake/view"


def test_all_tables_are_authorised_as_all_of_them():
    assert asked("AWSGlue", "GetTables", DatabaseName="lake")[1] == ["catalog", "database/lake", "table/lake/*"]


def test_log_events_are_authorised_on_their_stream():
    action, resources = asked("Logs_20140328", "PutLogEvents", logGroupName="/a/b", logStreamName="s")
    assert (action, resources) == ("logs:PutLogEvents", ["log-group:/a/b:log-stream:s"])


@pytest.mark.parametrize(("members", "name"), [({"CatalogName": "other"}, "other"), ({}, "AwsDataCatalog")])
def test_athenas_catalog_is_authorised_as_a_data_catalog(members, name):
    assert asked("AmazonAthena", "ListDatabases", **members) == ("athena:ListDatabases", [f"datacatalog/{name}"])


def test_what_is_judged_rightly_is_left_alone():
    assert not asks("AWSGlue", "StartCrawler")
    assert not asks("DynamoDB_20120810", "PutItem")
