"""The local AWS knows no sign-ups: a template that shares nothing with theirs is deployed and runs, unchanged."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "clicks"
CLICKS = [
    {"customer": {"name": "ACME"}, "page": "/", "seconds": 3},
    {"customer": {"name": "acme"}, "page": "/prices", "seconds": 4},
    {"customer": {"name": "Hooli"}, "page": "/", "seconds": 5},
]


@pytest.fixture(scope="module")
def clicks(gateway):
    """Deploy the template, put the clicks and one thing that is none, deliver; return outputs by name."""
    for _ in range(2):  # the second one changes nothing
        done = gateway.local("deploy", "--template", str(HERE / "template.yaml"))
        assert done.returncode == 0, done.stderr
    assert "No changes to deploy" in (gateway.state / "deploy.log").read_text()
    stack = gateway.client("cloudformation").describe_stacks(StackName="clicks")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    records = [{"Data": json.dumps(each).encode()} for each in CLICKS] + [{"Data": b"no click"}]
    answer = gateway.client("firehose").put_record_batch(DeliveryStreamName=outputs["Feed"], Records=records)
    assert answer["FailedPutCount"] == 0
    gateway.act("flush", stream=outputs["Feed"])
    return outputs


def objects(gateway, clicks, prefix):
    s3 = gateway.client("s3")
    found = s3.list_objects_v2(Bucket=clicks["Bucket"], Prefix=prefix).get("Contents", [])
    return {each["Key"]: s3.get_object(Bucket=clicks["Bucket"], Key=each["Key"])["Body"].read() for each in found}


def test_each_customer_has_a_prefix_with_its_clicks_compressed_and_a_line_each(gateway, clicks):
    for customer, expected in (("acme", CLICKS[:2]), ("hooli", CLICKS[2:])):
        [(key, body)] = objects(gateway, clicks, f"clicks/customer={customer}/").items()
        assert key.endswith(".json.gz")
        assert [json.loads(line) for line in gzip.decompress(body).splitlines()] == expected
    assert len(objects(gateway, clicks, "clicks/")) == 2


def test_what_has_no_customer_is_where_errors_go(gateway, clicks):
    [(key, body)] = objects(gateway, clicks, "failed/").items()
    assert key.startswith("failed/processing-failed/")
    [line] = gzip.decompress(body).splitlines() if body[:2] == b"\x1f\x8b" else body.splitlines()
    assert json.loads(line)["errorCode"].startswith("DynamicPartitioning.")


def test_its_crawler_makes_the_table_and_its_question_is_answered(gateway, clicks):
    crawled = gateway.local("crawl", "--name", clicks["CrawlerName"])
    assert crawled.stdout.endswith("SUCCEEDED\n"), crawled.stdout + crawled.stderr
    table = gateway.client("glue").get_table(DatabaseName="clicks", Name="clicks")["Table"]
    assert [each["Name"] for each in table["PartitionKeys"]] == ["customer", "day"]
    question = gateway.client("athena").get_named_query(NamedQueryId=clicks["Question"])["NamedQuery"]["QueryString"]
    done = gateway.local("query", "-", "--stack", "clicks", "--format", "csv", input=question)
    assert done.returncode == 0, done.stderr
    assert list(csv.reader(io.StringIO(done.stdout))) == [
        ["customer", "clicks", "seconds"],
        ["acme", "2", "7"],
        ["hooli", "1", "5"],
    ]


def test_it_may_be_deleted_once_its_bucket_is_empty(gateway, clicks):
    s3, cloudformation = gateway.client("s3"), gateway.client("cloudformation")
    found = s3.list_objects_v2(Bucket=clicks["Bucket"])["Contents"]
    s3.delete_objects(Bucket=clicks["Bucket"], Delete={"Objects": [{"Key": each["Key"]} for each in found]})
    cloudformation.delete_stack(StackName="clicks")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="clicks", WaiterConfig={"Delay": 1})
