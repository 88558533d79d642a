"""A crawler that Glue refuses is refused as it is defined, by template and by API, not when it is started."""

import json

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.local.stacks import refusal_of

GLUE_TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
WRONG_CRAWLERS = [
    (
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
        'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.',
    ),
    (
        {"SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}},
        'The SchemaChangePolicy for "Catalog Target" crawlers can have only LOG DeleteBehavior value',
    ),
    ({"Configuration": '{"Version": 1.0'}, "Crawler configuration is not valid JSON"),
    (
        {"Configuration": '{"Version": 1.0, "Groupings": {}}'},
        "Crawler configuration contains unsupported keys: Groupings",
    ),
    ({"Schedule": {"ScheduleExpression": "cron(10 * * * *)"}}, "six fields"),
]
CRAWLER = {
    "Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]},
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
}


@pytest.mark.parametrize(("wrong", "reason"), WRONG_CRAWLERS)
def test_a_crawler_that_glue_refuses_stops_the_stack_with_its_words(gateway, wrong, reason):
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": GLUE_TRUST}}
    crawler = {
        "Type": "AWS::Glue::Crawler",
        "Properties": {**CRAWLER, **wrong, "Name": "refused", "Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    said = refusal_of(gateway, {"Role": role, "Crawler": crawler})
    assert reason in said
    assert said.endswith("(Service: Glue, Status Code: 400, InvalidInputException)")


def test_a_stack_with_a_wrong_crawler_goes_back_to_the_right_one(gateway):
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": GLUE_TRUST}}
    properties = {**CRAWLER, "Name": "kept", "Role": {"Fn::GetAtt": ["Role", "Arn"]}}
    template = {"Resources": {"Role": role, "Crawler": {"Type": "AWS::Glue::Crawler", "Properties": properties}}}
    cloudformation, glue = gateway.client("cloudformation"), gateway.client("glue")
    asked = {"StackName": "crawling", "Capabilities": ["CAPABILITY_IAM"]}
    cloudformation.create_stack(**asked, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="crawling", WaiterConfig={"Delay": 1})
    properties["RecrawlPolicy"] = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    cloudformation.update_stack(**asked, TemplateBody=json.dumps(template))
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_update_complete").wait(StackName="crawling", WaiterConfig={"Delay": 1})
    [stack] = cloudformation.describe_stacks(StackName="crawling")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert glue.get_crawler(Name="kept")["Crawler"].get("RecrawlPolicy") is None


@pytest.mark.parametrize(("wrong", "reason"), WRONG_CRAWLERS)
def test_a_crawler_that_glue_refuses_is_neither_created_nor_updated_by_api(gateway, wrong, reason):
    glue = gateway.client("glue")
    schedule = wrong.get("Schedule", {}).get("ScheduleExpression")
    wrong = {**wrong, **({"Schedule": schedule} if schedule else {})}
    role = "arn:aws:iam::000000000000:role/any"
    with pytest.raises(ClientError, match=reason):
        glue.create_crawler(Name="by-api", Role=role, **{**CRAWLER, **wrong})
    glue.create_crawler(Name="by-api", Role=role, **CRAWLER)
    try:
        with pytest.raises(ClientError, match=reason):
            glue.update_crawler(Name="by-api", **wrong)
        assert glue.get_crawler(Name="by-api")["Crawler"]["SchemaChangePolicy"] == CRAWLER["SchemaChangePolicy"]
    finally:
        glue.delete_crawler(Name="by-api")
