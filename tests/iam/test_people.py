"""What people may not do, whatever else they are allowed."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.iam.probes import COUNT, refused

ERROR = "errors/processing-failed/dt=2026-11-23-19/raw"
RAW = b'{"rawData": ""}'
READ_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}],
}


@pytest.fixture
def error_object(deployed):
    deployed.gateway.client("s3").put_object(Bucket=deployed.bucket, Key=ERROR, Body=RAW)
    yield ERROR
    deployed.gateway.client("s3").delete_object(Bucket=deployed.bucket, Key=ERROR)


@pytest.fixture
def administrator(deployed):
    """Return the S3 client of a user who may read everything, as far as the user's own policies go."""
    iam = deployed.gateway.client("iam")
    iam.create_user(UserName="administrator")
    iam.put_user_policy(UserName="administrator", PolicyName="read", PolicyDocument=json.dumps(READ_EVERYTHING))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return deployed.gateway.client(
        "s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )


def test_the_operator_reads_error_objects(deployed, error_object):
    read = deployed.act_as("OperatorRole", "s3").get_object(Bucket=deployed.bucket, Key=error_object)
    assert read["Body"].read() == RAW


def test_an_administrator_reads_signups_but_no_error_object(deployed, administrator, error_object):
    [delivered, *_] = deployed.keys("signups/")
    assert administrator.get_object(Bucket=deployed.bucket, Key=delivered)["ContentLength"]
    assert "AccessDenied" in refused(administrator.get_object, Bucket=deployed.bucket, Key=error_object)


def test_root_is_held_by_the_bucket_policy_too_and_may_always_change_it(deployed, error_object):
    s3 = deployed.gateway.client("s3")
    assert "explicit deny in a resource-based policy" in refused(
        s3.get_object, Bucket=deployed.bucket, Key=error_object
    )
    own = s3.create_bucket(Bucket="locked-out")["Location"].strip("/")
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{own}"}
    s3.put_bucket_policy(Bucket=own, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
    assert "AccessDenied" in refused(s3.list_objects_v2, Bucket=own)
    assert json.loads(s3.get_bucket_policy(Bucket=own)["Policy"])["Statement"] == [everything]
    s3.delete_bucket_policy(Bucket=own)
    assert s3.list_objects_v2(Bucket=own)["KeyCount"] == 0


def test_an_analyst_reads_no_error_object_even_if_another_policy_would_allow_it(deployed, error_object):
    iam, role = deployed.gateway.client("iam"), deployed.resources["AnalystRole"]
    iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=json.dumps(READ_EVERYTHING))
    try:
        s3 = deployed.act_as("AnalystRole", "s3")
        assert "AccessDenied" in refused(s3.get_object, Bucket=deployed.bucket, Key=error_object)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="more")


@pytest.mark.parametrize("role", ["AnalystRole", "OperatorRole"])
def test_nobody_writes_into_what_firehose_delivered(deployed, role):
    before = deployed.keys("signups/")
    insert = "INSERT INTO signups SELECT * FROM signups LIMIT 1"
    assert "Insufficient permissions" in deployed.query(role, insert)
    assert deployed.keys("signups/") == before


@pytest.mark.parametrize("sql", ["DROP TABLE signups", "ALTER TABLE signups ADD COLUMNS (more string)"])
def test_nobody_changes_the_table_that_firehose_converts_by(deployed, sql):
    assert "Insufficient permissions" in deployed.query("OperatorRole", sql)
    assert deployed.query("OperatorRole", COUNT) == "SUCCEEDED"


def test_an_analyst_keeps_results_nowhere_else(deployed):
    athena = deployed.act_as("AnalystRole", "athena")
    started = athena.start_query_execution(
        QueryString="SELECT 1",
        WorkGroup=deployed.resources["QueryWorkGroup"],
        ResultConfiguration={"OutputLocation": f"s3://{deployed.bucket}/signups/"},
    )
    execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{deployed.bucket}/athena-results/")


def test_an_analyst_asks_in_no_other_workgroup(deployed):
    athena = deployed.act_as("AnalystRole", "athena")
    with pytest.raises(ClientError, match="AccessDenied"):
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup="primary")


def test_a_named_query_is_read_by_those_who_may_ask_in_its_workgroup(deployed):
    analyst, producer = deployed.act_as("AnalystRole", "athena"), deployed.act_as("ProducerTaskRole", "athena")
    named = deployed.resources["AuditVerdict"]
    assert analyst.get_named_query(NamedQueryId=named)["NamedQuery"]["Name"] == "Audit: verdict"
    assert "AccessDenied" in refused(producer.get_named_query, NamedQueryId=named)


def test_services_let_in_by_one_role_are_not_let_in_by_another(deployed):
    for role in ("DeliveryRole", "MaskRole", "CrawlerRole", "ProducerTaskRole", "OperatorRole"):
        with pytest.raises(AssertionError, match="not authorized to perform: sts:AssumeRole"):
            deployed.gateway.act("session", role=deployed.role_arn(role), principal="states.amazonaws.com")


def test_redrive_acts_in_the_operator_role(deployed):
    redrive = ("redrive", "--stream", deployed.stream, "--dry-run")
    with deployed.without("OperatorRole", "ListErrors"):
        refusal = deployed.gateway.local(*redrive)
    assert (refusal.returncode, refusal.stdout) == (2, "")
    assert refusal.stderr.startswith("error: redrive: ")
    assert "Traceback" not in refusal.stderr
    assert deployed.gateway.local(*redrive).returncode == 0
