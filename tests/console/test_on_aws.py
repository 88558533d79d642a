"""`python -m local console --aws` on an AWS that has its public APIs and nothing else, for people with few rights."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import ROOT
from tests.console.conftest import Console, Window, answering, free_port
from tests.console.public import PublicApis
from tests.console.test_browser import SOON, ask, put, signup

WATCH = [
    "cloudformation:DescribeStacks", "cloudformation:ListStackResources", "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData", "firehose:DescribeDeliveryStream", "glue:GetCrawler", "logs:GetLogEvents",
]  # fmt: skip
"""What the page asks for beside the rights of the stack's analyst policy."""


@dataclass
class Person:
    """Somebody with an access key: an analyst who may watch and, maybe, assume the operator role."""

    name: str
    operator: bool


@contextlib.contextmanager
def hired(console: Console, person: Person) -> Iterator[dict[str, str]]:
    """Create the person; yield what their shell has in its environment."""
    gateway = console.gateway
    iam, stack = gateway.client("iam"), gateway.client("cloudformation")
    analyst = stack.describe_stack_resource(StackName="signups", LogicalResourceId="AnalystPolicy")
    policy = analyst["StackResourceDetail"]["PhysicalResourceId"]
    allowed = [{"Effect": "Allow", "Action": WATCH, "Resource": "*"}]
    if person.operator:
        allowed.append(
            {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": console.outputs["OperatorRoleArn"]}
        )
    iam.create_user(UserName=person.name)
    iam.attach_user_policy(UserName=person.name, PolicyArn=policy)
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_user_policy(UserName=person.name, PolicyName="watch", PolicyDocument=document)
    key = iam.create_access_key(UserName=person.name)["AccessKey"]
    yield {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


@contextlib.contextmanager
def opened(console: Console, person: Person, state: str) -> Iterator[Console]:
    """Serve the page to this person."""
    with hired(console, person) as environment, PublicApis(console.gateway.endpoint) as aws:
        port = free_port()
        command = [sys.executable, "-m", "local", "console", "--aws", "--stack", "signups", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--state", state], env={**environment, "AWS_ENDPOINT_URL": aws.endpoint}, cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            yield Console(answering(process, f"http://127.0.0.1:{port}/_console/"), console.gateway, console.outputs)
            assert aws.refused == []
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture(scope="module", params=[True, False], ids=["operator", "analyst"])
def seen(request, console, tmp_path_factory):
    """Yield the page of an operator, then that of an analyst, and who it is."""
    put(console, signup(signup_id="on-aws"), b"not JSON 123.456.789-09")
    console.gateway.act("clock", advance=60)
    person = Person("operator" if request.param else "analyst", operator=request.param)
    with opened(console, person, str(tmp_path_factory.mktemp("elsewhere"))) as page:
        yield page, person


@pytest.fixture
def window(browser, seen):
    with Window.on(browser, seen[0]) as window:
        yield window


def test_the_flow_is_that_of_the_last_minute(seen, window):
    page = window.open(seen[0], "flow")
    page.get_by_text("in the last minute").first.wait_for(timeout=SOON)
    page.get_by_text("AWS publishes no count of them").wait_for()
    page.locator(".objects .mono").first.wait_for(timeout=SOON)
    page.get_by_text("AWS · read-only").wait_for()
    assert page.locator(".problem").count() == 0


def test_monitoring_has_alarms_and_charts(seen, window):
    page = window.open(seen[0], "monitoring")
    page.get_by_text("FreshnessAlarm").wait_for(timeout=SOON)
    page.get_by_text(re.compile("^latest ")).first.wait_for(timeout=SOON)
    assert page.locator(".problem").count() == 0


def test_error_documents_are_read_in_the_operator_role_or_it_is_said_who_may(seen, window):
    page = window.open(seen[0], "objects")
    if seen[1].operator:
        page.get_by_text("The record is not JSON").first.wait_for(timeout=SOON)
        assert "123.456.789-09" not in page.content()
    else:
        said = page.get_by_role("alert").get_by_text("for operators only").first
        said.wait_for(timeout=SOON)
        assert seen[0].outputs["OperatorRoleArn"] in said.inner_text()
    assert page.get_by_role("button", name=re.compile("Redrive|Remove")).count() == 0


def test_an_object_is_looked_into(seen, window):
    page = window.open(seen[0], "objects")
    page.locator(".q-tree").get_by_text("dt=").first.click()
    page.locator(".level tbody button").first.click()
    page.get_by_text("the table's schema", exact=True).wait_for(timeout=SOON)


def test_questions_are_answered_and_changes_refused(seen, window):
    page = window.open(seen[0], "query")
    ask(page, "SELECT signup_id, cpf FROM signups WHERE signup_id = 'on-aws'").get_by_text("on-aws").first.wait_for()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("CREATE VIEW mine AS SELECT 1 AS one")
    page.keyboard.press("Control+Enter")
    page.get_by_text("changes nothing on AWS").wait_for(timeout=SOON)


def test_the_help_names_every_right_that_these_people_had(console):
    told = console.gateway.local("console", "--help").stdout

    assert [each for each in [*WATCH, "sts:AssumeRole", "AnalystPolicy"] if each not in told] == []


def test_there_is_nothing_to_switch(seen, window):
    page = window.open(seen[0], "controls")
    page.get_by_text("changes nothing there").wait_for()
    assert page.get_by_role("switch").count() == 0
    assert page.get_by_role("main").get_by_role("button").count() == 0
