"""What cannot be deployed is refused in one line that says why."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.template.stack import TEMPLATE, parse
from tests.template.values import BAD, GOOD

UNASSUMABLE = "Principal: {Service: states.amazonaws.com}"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("BufferIntervalSeconds", 301, "must be 0 to 300 seconds (more would land after the crawl at minute 10)."),
        ("ProducerDesiredCount", 1, "ProducerDesiredCount must be 0 when ProducerImageUri is empty."),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_its_own_words(account, name, value, reason):
    line = account.refusal(**{name: value})
    assert name in line
    assert reason in line


PARAMETERS = parse(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]


def make(account, name, value):
    """Make a stack of the template's parameters and nothing else to speak of."""
    template = {"Parameters": PARAMETERS, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    account.gateway.client("cloudformation").create_stack(
        StackName="values", TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value}],
    )  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_no_bad_value_of_a_parameter_gets_further_than_its_validation(account, name, value):
    with pytest.raises(ClientError) as refusal:
        make(account, name, value)
    said = refusal.value.response["Error"]["Message"]
    assert name in said
    allowed = PARAMETERS[name].get("AllowedValues")
    assert (f"not in AllowedValues: {allowed}" if allowed else PARAMETERS[name]["ConstraintDescription"]) in said


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_every_good_value_is_taken(account, name, value):
    make(account, name, value)
    cloudformation = account.gateway.client("cloudformation")
    cloudformation.delete_stack(StackName="values")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="values", WaiterConfig={"Delay": 1})


def test_a_deployment_without_capabilities_names_the_one_it_needs(account, variant):
    configuration = variant.folder / "samconfig.toml"
    lines = configuration.read_text().splitlines(keepends=True)
    configuration.write_text("".join(line for line in lines if not line.startswith("capabilities")))
    assert "Requires capabilities : [CAPABILITY_IAM]" in account.refusal(folder=variant.folder)


def test_a_role_that_firehose_cannot_assume_is_named(account, variant):
    variant.change("template.yaml", "Principal: {Service: firehose.amazonaws.com}", UNASSUMABLE)
    line = account.refusal(stack="refused", folder=variant.folder, StreamName="refused", DatabaseName="refused")
    assert "DeliveryStream: Firehose is unable to assume role arn:aws:iam::000000000000:role/refused-" in line


def test_a_template_that_is_no_yaml_is_refused(account, variant):
    (variant.folder / "template.yaml").write_text("Resources: [")
    assert "Failed to parse template" in account.refusal(folder=variant.folder)


def test_an_image_that_is_not_in_its_repository_fails_the_deployment_in_a_line(account):
    digest = f"sha256:{64 * '0'}"
    image = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/signups/producer@{digest}"
    account.gateway.client("ecr").create_repository(repositoryName="signups/producer")
    line = account.refusal(
        stack="imageless", StreamName="imageless", DatabaseName="imageless", ProducerImageUri=image,
        ProducerDesiredCount=1,
    )  # fmt: skip
    assert "ProducerService: Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'" in line
    assert (
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}"
        in line
    )
    stack = account.gateway.client("cloudformation").describe_stacks(StackName="imageless")["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_crawler_that_glue_refuses_fails_the_deployment_in_a_line(account, variant):
    variant.change("template.yaml", "CRAWL_EVERYTHING}", "CRAWL_NEW_FOLDERS_ONLY}")
    line = account.refusal(stack="crawling", folder=variant.folder, StreamName="crawling", DatabaseName="crawling")
    assert 'SignupsCrawler: RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.' in line
