"""A stack's life, in the order in which it is lived: each test takes the stack as the one before left it."""

import re
import subprocess
import sys
import time

import pytest

from schemas import DeliveredSignup, glue
from tests.conftest import ROOT
from tests.e2e.conftest import signup
from tests.lifecycle.stacks import Stack
from tests.template.stack import TEMPLATE, load, samconfig_parameters

RECENT = "dt >= date_format(current_timestamp - INTERVAL '2' HOUR, '%Y-%m-%d-%H')"


class SignupWithReferrer(DeliveredSignup):
    """What a new field looks like in the contract."""

    referrer: str | None = None


def _named(logical_ids):
    """Leave out the digest of the code, by which SAM names the function's version."""
    return sorted(re.sub(r"(MaskFunctionVersion)[0-9a-f]{10}$", r"\1", each) for each in logical_ids)


@pytest.fixture
def stack(account):
    return Stack(account.gateway, "signups")


def test_the_first_deployment_makes_every_resource(account):
    made = account.deploy().resources()
    assert _named(made) == _named(load(TEMPLATE.read_text(), samconfig_parameters("local")).resources)
    assert {status for _, status in made.values()} == {"CREATE_COMPLETE"}


def test_the_second_one_changes_nothing(account, stack):
    before = stack.resources()
    assert account.deploy().resources() == before
    assert "No changes to deploy" in account.log()


def test_a_parameter_is_updated_in_place_and_what_waits_is_delivered(account, stack):
    before, version = stack.resources(), int(stack.describe_stream()["VersionId"])
    after = account.deploy(BufferIntervalSeconds=3)
    assert (after.interval(), int(after.describe_stream()["VersionId"])) == (3, version + 1)
    assert {name: physical for name, (physical, _) in after.resources().items()} == {
        name: physical for name, (physical, _) in before.items()
    }
    after.put(signup())
    assert after.query(f"SELECT count(*) FROM signups WHERE {RECENT}") == [["1"]]


def test_a_new_nullable_column_goes_from_model_to_template_to_table_and_old_objects_stay_queryable(account, variant):
    *known, (name, kind) = ((each["Name"], each["Type"]) for each in glue.columns(SignupWithReferrer))
    assert known == [(each["Name"], each["Type"]) for each in glue.columns(DeliveredSignup)]
    last = "            - {Name: arrived_at, Type: timestamp}\n"
    table = "\n  # Written by people"
    variant.change("template.yaml", f"{last}{table}", f"{last}            - {{Name: {name}, Type: {kind}}}\n{table}")
    stack = account.deploy(folder=variant.folder, BufferIntervalSeconds=1)
    account.gateway.act("clock", advance=6)  # Firehose reads the table anew
    old, new = signup(), signup(referrer="a friend")
    [[before]] = stack.query(f"SELECT count(*) FROM signups WHERE {RECENT}")
    stack.put(old, new)
    rows = stack.query(f"SELECT referrer, count(*) FROM signups WHERE {RECENT} GROUP BY 1 ORDER BY 1")
    assert rows == [["a friend", "1"], [None, str(int(before or 0) + 1)]]
    assert account.gateway.local("crawl", "--name", stack.outputs["CrawlerName"]).stdout.endswith("SUCCEEDED\n")
    assert len(stack.query(f"SELECT referrer FROM signups WHERE {RECENT}")) == int(before or 0) + 2


def test_the_function_is_replaced_under_load_and_nothing_is_lost_doubled_or_unmasked(account, stack, variant):
    function = stack.outputs["TransformFunctionName"]
    lambda_ = account.gateway.client("lambda")
    version = lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    code = variant.folder / "functions/mask_cpf/handler.py"
    code.write_text(code.read_text(encoding="utf-8") + "\nNEWLY_DEPLOYED = True\n", encoding="utf-8")
    errors = stack.keys("errors/")
    producer = subprocess.Popen(
        [sys.executable, "-m", "producer", "--delivery-stream", stack.stream, "--rate", "200", "--producer-id", "load",
         "--journal-directory", str(variant.folder / "journal"), "--log-format", "json"],
        cwd=ROOT, env=account.gateway.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        time.sleep(1)
        account.deploy(folder=variant.folder, BufferIntervalSeconds=1)
        time.sleep(1)
    finally:
        producer.terminate()
        said, _ = producer.communicate(timeout=60)
    assert producer.returncode == 0, said
    account.gateway.act("flush", stream=stack.stream)
    assert lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"] != version
    [[sent, distinct, arrived, unmasked, without_token]] = stack.query(
        "SELECT max(sequence), count(DISTINCT sequence), count(*),"
        r" count_if(NOT regexp_like(cpf, '^\*{3}\.\d{3}\.\d{3}-\*{2}$')), count_if(cpf_token IS NULL)"
        f" FROM signups WHERE producer_id = 'load' AND {RECENT}"
    )
    assert int(sent or 0) > 500
    assert (distinct, arrived, unmasked, without_token) == (sent, sent, "0", "0")
    assert stack.keys("errors/") == errors


def test_a_failing_update_is_rolled_back_and_says_what_failed(account, stack, variant):
    before = stack.interval()
    group = stack.outputs["LogGroupName"]
    taken = "Type: AWS::Logs::LogGroup, DependsOn: DeliveryStream, Properties: {LogGroupName: " + group + "}"
    variant.change("template.yaml", "\nOutputs:\n", f"\n  Taken: {{{taken}}}\n\nOutputs:\n")
    reason = account.refusal(folder=variant.folder, BufferIntervalSeconds=9)
    assert f"Taken: Resource of type 'AWS::Logs::LogGroup' with identifier '{group}'" in reason
    rolled_back = Stack(account.gateway, "signups")
    assert (rolled_back.status, rolled_back.interval()) == ("UPDATE_ROLLBACK_COMPLETE", before)
    document = signup()
    rolled_back.put(document)
    found = f"SELECT cpf FROM signups WHERE signup_id = '{document['signup_id']}' AND {RECENT}"
    assert rolled_back.query(found) == [["***.982.247-**"]]


def test_a_second_stack_lives_beside_the_first(account, stack):
    second = account.deploy(stack="second", StreamName="second", DatabaseName="second")
    ours, theirs = ({physical for physical, _ in each.resources().values()} for each in (stack, second))
    assert not {
        each for each in ours & theirs if each not in {"signups", "signups_daily", "DestinationDelivery", "live"}
    }
    document = signup()
    second.put(document)
    found = f"SELECT signup_id FROM signups WHERE signup_id = '{document['signup_id']}' AND {RECENT}"
    assert (second.query(found), stack.query(found)) == ([[document["signup_id"]]], [])


def test_a_name_that_another_stack_has_is_named(account):
    line = account.refusal(stack="clash", StreamName="signups", DatabaseName="clash")
    assert "'/aws/kinesisfirehose/signups' already exists" in line


def test_deleting_a_stack_keeps_its_signups_and_its_key_and_says_so(account):
    second = Stack(account.gateway, "second")
    delivered = second.keys("signups/")
    cloudformation = account.gateway.client("cloudformation")
    cloudformation.delete_stack(StackName="second")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=second.id, WaiterConfig={"Delay": 1})
    kept = [each["LogicalResourceId"] for each in second.events() if each["ResourceStatus"] == "DELETE_SKIPPED"]
    # SAM keeps every version of a function; without the function there is none.
    assert _named(kept) == ["LakeBucket", "MaskFunctionVersion", "TokenKey"]
    assert second.keys("signups/") == delivered != []
    assert "kept when the stack is deleted" in next(
        each["Description"]
        for each in cloudformation.describe_stacks(StackName="signups")["Stacks"][0]["Outputs"]
        if each["OutputKey"] == "LakeBucketName"
    )


def test_after_a_deletion_the_names_are_free(account):
    again = account.deploy(stack="second", StreamName="second", DatabaseName="second")
    assert again.status == "CREATE_COMPLETE"
    assert again.keys() == []
