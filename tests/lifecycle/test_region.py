"""The region is the gateway's, whatever samconfig.toml says: roles let their services in there, and there only."""

import boto3
import pytest

from tests.conftest import started

REGION = "sa-east-1"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    with started(tmp_path_factory.mktemp("other region"), "--region", REGION) as gateway:
        done = gateway.local("deploy")
        assert done.returncode == 0, done.stderr
        yield gateway, dict(line.split() for line in done.stdout.splitlines())


def test_a_producers_role_puts_and_firehose_delivers(elsewhere):
    gateway, outputs = elsewhere
    assert outputs["DeliveryStreamArn"] == f"arn:aws:firehose:{REGION}:000000000000:deliverystream/signups"
    keys = gateway.assume(outputs["ProducerTaskRoleArn"], "ecs-tasks.amazonaws.com")
    firehose = boto3.client("firehose", region_name=REGION, endpoint_url=gateway.endpoint, **keys)
    answer = firehose.put_record_batch(DeliveryStreamName="signups", Records=[{"Data": b'{"cpf": "529.982.247-25"}\n'}])
    assert answer["FailedPutCount"] == 0
    assert gateway.act("flush") == {"signups": 1}


def test_its_crawler_and_its_queries_run(elsewhere):
    gateway, _ = elsewhere
    assert gateway.local("crawl").stdout.endswith("SUCCEEDED\n")
    answered = gateway.local("query", "-", "--format", "csv", input="SELECT cpf FROM signups")
    assert answered.stdout.splitlines() == ["cpf", "***.982.247-**"], answered.stderr
