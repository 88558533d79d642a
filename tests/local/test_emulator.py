"""What `local/emulator/` relies on in MiniStack beyond its public APIs: an upgrade must hold these."""

import json
import re
from importlib.metadata import version

import pytest
from botocore.exceptions import ClientError

from tests.local.stacks import outputs_of, refusal_of

TEMPLATE = {
    "Resources": {
        "Work": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "emulated"}},
        "Query": {
            "Type": "AWS::Athena::NamedQuery",
            "DependsOn": "Work",
            "Properties": {"Database": "d", "Name": "n", "QueryString": "SELECT 1", "WorkGroup": "emulated"},
        },
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"GenerateSecretString": {"PasswordLength": 32}},
        },
        "Bucket": {"Type": "AWS::S3::Bucket"},
    },
    "Outputs": {"Secret": {"Value": {"Ref": "Secret"}}, "Bucket": {"Value": {"Ref": "Bucket"}}},
}


@pytest.fixture(scope="module")
def emulated(gateway):
    return outputs_of(gateway, TEMPLATE, "emulated")


def test_the_version_is_the_one_that_was_read():
    assert version("ministack") == "1.5.33"


@pytest.mark.usefixtures("emulated")
def test_cloudformation_makes_named_queries(gateway):
    athena = gateway.client("athena")
    found = athena.list_named_queries(WorkGroup="emulated")["NamedQueryIds"]
    assert [athena.get_named_query(NamedQueryId=each)["NamedQuery"]["QueryString"] for each in found] == ["SELECT 1"]


def test_a_secrets_ref_is_its_arn(gateway, emulated):
    described = gateway.client("secretsmanager").describe_secret(SecretId=emulated["Secret"])
    assert described["ARN"] == emulated["Secret"]


def test_secrets_are_generated_with_every_option_of_the_template(gateway):
    letters = {"ExcludePunctuation": "true", "PasswordLength": "64"}
    few = {"ExcludeUppercase": True, "ExcludeNumbers": True, "ExcludePunctuation": True}
    asked = {
        "Plain": ({}, r"[!-~]{32}"),
        "Letters": (letters, r"[0-9A-Za-z]{64}"),
        "Few": ({**few, "ExcludeCharacters": "aeiou", "IncludeSpace": True}, r"[b-df-hj-np-tv-z ]{32}"),
        "Within": (
            {**letters, "SecretStringTemplate": '{"user": "u"}', "GenerateStringKey": "key"},
            r'\{"user": "u", "key": "[0-9A-Za-z]{64}"\}',
        ),
    }
    resources = {
        name: {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": options}}
        for name, (options, _) in asked.items()
    }
    made = outputs_of(gateway, {"Resources": resources, "Outputs": {name: {"Value": {"Ref": name}} for name in asked}})
    for name, (_, form) in asked.items():
        secret = gateway.client("secretsmanager").get_secret_value(SecretId=made[name])["SecretString"]
        assert re.fullmatch(form, secret), name


def test_a_secret_that_cannot_be_generated_is_refused(gateway):
    properties = {"GenerateSecretString": {"PasswordLength": 5000}}
    reason = refusal_of(gateway, {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}})
    assert "PasswordLength must be between 1 and 4096." in reason


def test_changing_a_named_query_replaces_it_and_the_secret_keeps_its_arn(gateway, emulated):
    changed = json.loads(json.dumps(TEMPLATE))
    changed["Resources"]["Query"]["Properties"]["QueryString"] = "SELECT 2"
    changed["Resources"]["Secret"]["Properties"]["Description"] = "described"
    cloudformation = gateway.client("cloudformation")
    cloudformation.update_stack(StackName="emulated", TemplateBody=json.dumps(changed))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="emulated", WaiterConfig={"Delay": 1})
    athena = gateway.client("athena")
    found = athena.list_named_queries(WorkGroup="emulated")["NamedQueryIds"]
    assert [athena.get_named_query(NamedQueryId=each)["NamedQuery"]["QueryString"] for each in found] == ["SELECT 2"]
    assert gateway.client("secretsmanager").describe_secret(SecretId=emulated["Secret"])["Description"] == "described"


@pytest.mark.parametrize("size", [1, 3, 50])
def test_named_queries_are_listed_page_by_page_and_by_workgroup(gateway, size):
    athena = gateway.client("athena")
    made = {
        athena.create_named_query(Name=f"q{number}", Database="d", QueryString="SELECT 1")["NamedQueryId"]
        for number in range(4)
    }
    pages = athena.get_paginator("list_named_queries").paginate(PaginationConfig={"PageSize": size})
    found = [page["NamedQueryIds"] for page in pages]
    listed = [each for page in found for each in page]
    assert all(len(page) <= size for page in found)
    assert len(listed) == len(set(listed))
    assert made <= set(listed)
    assert not made & set(athena.list_named_queries(WorkGroup="emulated")["NamedQueryIds"])
    for each in made:
        athena.delete_named_query(NamedQueryId=each)
    with pytest.raises(ClientError, match="Invalid NextToken"):
        athena.list_named_queries(NextToken="next")


def test_a_bucket_that_is_not_empty_is_not_deleted_with_its_stack(gateway, emulated):
    s3, cloudformation = gateway.client("s3"), gateway.client("cloudformation")
    s3.put_object(Bucket=emulated["Bucket"], Key="kept", Body=b"kept")
    cloudformation.delete_stack(StackName="emulated")
    with pytest.raises(Exception, match="DELETE_FAILED"):
        cloudformation.get_waiter("stack_delete_complete").wait(StackName="emulated", WaiterConfig={"Delay": 1})
    assert s3.get_object(Bucket=emulated["Bucket"], Key="kept")["Body"].read() == b"kept"
    s3.delete_object(Bucket=emulated["Bucket"], Key="kept")
    cloudformation.delete_stack(StackName="emulated")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="emulated", WaiterConfig={"Delay": 1})


@pytest.mark.parametrize(
    ("principal", "account", "trusted"),
    [
        ("firehose.amazonaws.com", "000000000000", True),
        ("lambda.amazonaws.com", "000000000000", False),
        ("firehose.amazonaws.com", "111111111111", False),
    ],
)
def test_a_role_is_opened_only_to_the_service_and_account_it_trusts(gateway, principal, account, trusted):
    name = f"trusting-{principal.partition('.')[0]}-{account}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": account}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = gateway.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if trusted:
        assert gateway.act("session", role=role, principal=principal)["token"]
    else:
        with pytest.raises(AssertionError, match="not authorized to perform: sts:AssumeRole"):
            gateway.act("session", role=role, principal=principal)


def test_a_key_that_nobody_issued_is_refused(gateway):
    unknown = gateway.client("firehose", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x")
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        unknown.list_delivery_streams()


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("AWS::Glue::Crawler", {"Targets": {}}, "Service is unable to assume provided role."),
        (
            "AWS::Lambda::Function",
            {"Code": {"ZipFile": "x"}, "Handler": "x.x", "Runtime": "python3.14"},
            "The role defined for the function cannot be assumed by Lambda",
        ),
    ],
)
def test_a_role_that_its_service_cannot_assume_stops_the_stack(gateway, kind, properties, reason):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    user = {"Type": kind, "Properties": {**properties, "Role": {"Fn::GetAtt": ["Role", "Arn"]}}}
    assert reason in refusal_of(gateway, {"Role": role, "User": user})


def test_a_log_group_that_exists_stops_the_stack_and_stays(gateway):
    logs = gateway.client("logs")
    logs.create_log_group(logGroupName="taken")
    logs.create_log_stream(logGroupName="taken", logStreamName="kept")
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "taken"}}
    assert "'taken' already exists" in refusal_of(gateway, {"Group": group})
    assert logs.describe_log_streams(logGroupName="taken")["logStreams"][0]["logStreamName"] == "kept"


def test_a_session_is_its_role_to_a_bucket_policy(gateway):
    iam, s3 = gateway.client("iam"), gateway.client("s3")
    everyone = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    arns = {}
    for name in ("named", "other"):
        arns[name] = iam.create_role(
            RoleName=name, Path="/people/", AssumeRolePolicyDocument=json.dumps({"Statement": [everyone]})
        )["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps({"Statement": [reads]}))
    s3.create_bucket(Bucket="for-one-role")
    s3.put_object(Bucket="for-one-role", Key="key", Body=b"read")
    condition = {"ArnNotEquals": {"aws:PrincipalArn": arns["named"]}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::for-one-role/*"}
    s3.put_bucket_policy(Bucket="for-one-role", Policy=json.dumps({"Statement": [{**denied, "Condition": condition}]}))
    assert in_role(gateway, arns["named"]).get_object(Bucket="for-one-role", Key="key")["Body"].read() == b"read"
    with pytest.raises(ClientError, match="AccessDenied"):
        in_role(gateway, arns["other"]).get_object(Bucket="for-one-role", Key="key")


def in_role(gateway, role):
    return gateway.client("s3", **gateway.assume(role))


def test_a_service_with_its_desired_count_in_a_parameter_is_made(gateway):
    task = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "c", "Image": "i"}]}}
    service = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "Cluster": {"Ref": "Cluster"},
            "TaskDefinition": {"Ref": "Task"},
            "DesiredCount": {"Ref": "Count"},
        },
    }
    template = {
        "Parameters": {"Count": {"Type": "Number", "Default": 1}},
        "Resources": {"Cluster": {"Type": "AWS::ECS::Cluster"}, "Task": task, "Service": service},
    }
    cloudformation = gateway.client("cloudformation")
    cloudformation.create_stack(StackName="tasks", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="tasks", WaiterConfig={"Delay": 1})
