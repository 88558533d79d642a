"""From a put to an answer, through everything that sam deployed, with stock clients."""

import base64
import io
import json
import re
import subprocess
import sys
import time

import duckdb
import pandas as pd
import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError

from schemas import DeliveredSignup
from schemas.glue import columns
from tests.e2e.conftest import GOOD_CPF, line, signup

pytestmark = pytest.mark.e2e

DIGITS = GOOD_CPF.replace(".", "").replace("-", "")


def aws(pipeline, *arguments):
    """Run the stock AWS CLI with the printed environment; return its JSON."""
    command = [sys.executable, "-m", "awscli", *arguments, "--output", "json"]
    done = subprocess.run(
        command, env=pipeline.gateway.environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else {}


def test_a_signup_put_by_the_aws_cli_is_queryable_within_seconds(pipeline):
    document = signup()
    record = json.dumps({"Data": line(document).decode()})
    aws(pipeline, "firehose", "put-record", "--delivery-stream-name", pipeline.stream, "--record", record)
    sql = f"SELECT cpf, cpf_token, address.state FROM signups WHERE signup_id = '{document['signup_id']}'"
    deadline = time.monotonic() + 60
    rows: list[list[str]] = []
    while not rows and time.monotonic() < deadline:
        rows = pipeline.query(sql)
    masked, token, state = rows[0]
    assert masked == "***.982.247-**"
    assert len(token) >= 20
    assert state == "SP"


def test_what_landed_is_what_the_contract_says(pipeline):
    document = signup()
    pipeline.put(line(document))
    names = ", ".join(each["Name"] for each in columns(DeliveredSignup) if each["Name"] != "address")
    row = pipeline.query(
        f"SELECT {names}, CAST(address AS JSON) FROM signups WHERE signup_id = '{document['signup_id']}'"
    )[0]
    assert row[names.split(", ").index("name")] == "Ana Conceição"
    assert row[names.split(", ").index("created_at")].startswith(document["created_at"][:10])


def test_parquet_objects_have_exactly_the_tables_columns_and_every_reader_reads_them(pipeline, tmp_path):
    pipeline.put(line(signup()))
    key, body = list(pipeline.objects("signups/").items())[-1]
    assert re.fullmatch(r"signups/dt=\d{4}-\d\d-\d\d-\d\d/signups-\d+-[\d-]{19}-[0-9a-f-]{36}\.parquet", key)
    table = pyarrow.parquet.read_table(io.BytesIO(body))
    assert table.column_names == [each["Name"] for each in columns(DeliveredSignup)]
    assert str(table.schema.field("address").type) == (
        "struct<street: string, number: string, district: string, city: string, state: string, postal_code: string>"
    )
    assert str(table.schema.field("sequence").type) == "int64"
    assert str(table.schema.field("created_at").type).startswith("timestamp")
    path = tmp_path / "one.parquet"
    path.write_bytes(body)
    assert pd.read_parquet(path)["name"].iloc[-1] == "Ana Conceição"
    (name, created_at), *_ = duckdb.execute("SELECT name, created_at FROM read_parquet($1)", [str(path)]).fetchall()
    assert name == "Ana Conceição"
    assert created_at.year >= 2026


MALFORMED = {
    "not JSON": b'cpf 529.982.247-25 "',
    "cut short": line(signup())[:-30],
    "an array": f'[{{"cpf": "{GOOD_CPF}"}}]'.encode(),
    "empty": b"",
    "invalid UTF-8": b"\xff\xfe529.982.247-25",
    "a number": DIGITS.encode(),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_not_a_document_ends_in_the_error_prefix_redacted(pipeline, kind):
    before = set(pipeline.objects("errors/"))
    pipeline.put(MALFORMED[kind])
    new = {key: body for key, body in pipeline.objects("errors/").items() if key not in before}
    assert [key.split("/")[1] for key in new] == ["format-conversion-failed"]
    error = json.loads(next(iter(new.values())).splitlines()[0])
    assert error["lastErrorCode"].startswith("DataFormatConversion.")
    assert DIGITS.encode() not in base64.b64decode(error["rawData"])


def test_a_document_without_cpf_lands_with_a_null(pipeline):
    document = signup()
    del document["cpf"]
    pipeline.put(line(document))
    assert pipeline.query(f"SELECT cpf FROM signups WHERE signup_id = '{document['signup_id']}'") == [[None]]


def test_a_cpf_in_the_name_is_masked_too(pipeline):
    document = signup(name=f"Ana {GOOD_CPF} Conceição")
    pipeline.put(line(document))
    (name,), *_ = pipeline.query(f"SELECT name FROM signups WHERE signup_id = '{document['signup_id']}'")
    assert name == "Ana ***.982.247-** Conceição"


def test_a_packed_record_lands_as_as_many_rows(pipeline):
    documents = [signup(producer_id="packed", sequence=number) for number in (1, 2, 3)]
    pipeline.put(b"".join(line(each) for each in documents))
    assert pipeline.query("SELECT count(*) FROM signups WHERE producer_id = 'packed'") == [["3"]]


def test_no_byte_of_a_raw_cpf_is_in_any_object(pipeline):
    pipeline.put(line(signup()), *MALFORMED.values(), line(signup(name=DIGITS)))
    for key, body in pipeline.objects().items():
        readable = body
        if key.endswith(".parquet"):
            readable = str(pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()).encode()
        elif key.startswith("errors/"):
            readable = b"".join(base64.b64decode(json.loads(each)["rawData"]) for each in body.splitlines())
        for secret in (DIGITS.encode(), GOOD_CPF.encode()):
            assert secret not in readable, key
            assert secret not in body, key


def test_the_crawler_registers_the_hours(pipeline):
    pipeline.put(line(signup()))
    glue, name = pipeline.gateway.client("glue"), pipeline.outputs["CrawlerName"]
    aws(pipeline, "glue", "start-crawler", "--name", name)
    deadline = time.monotonic() + 30
    while glue.get_crawler(Name=name)["Crawler"]["State"] != "READY" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]["Status"] == "SUCCEEDED"
    hours = {key.split("/")[1] for key in pipeline.objects("signups/")}
    assert {row[0] for row in pipeline.query("SHOW PARTITIONS signups")} == hours


def test_a_second_deploy_changes_nothing(pipeline):
    done = pipeline.gateway.local("deploy")
    assert done.returncode == 0, done.stderr
    assert "No changes to deploy" in (pipeline.gateway.state / "deploy.log").read_text()


def test_every_resource_is_described(pipeline):
    found = aws(pipeline, "cloudformation", "describe-stack-resources", "--stack-name", "signups")["StackResources"]
    states = {each["ResourceStatus"] for each in found}
    assert states <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    kinds = {each["ResourceType"] for each in found}
    assert {
        "AWS::KinesisFirehose::DeliveryStream", "AWS::Lambda::Function", "AWS::Glue::Table", "AWS::Glue::Crawler",
        "AWS::Athena::WorkGroup", "AWS::Athena::NamedQuery", "AWS::S3::Bucket", "AWS::SecretsManager::Secret",
    } <= kinds  # fmt: skip


def test_the_producers_role_may_put_to_the_stream_and_nothing_else(pipeline):
    keys = pipeline.gateway.assume(pipeline.outputs["ProducerTaskRoleArn"], "ecs-tasks.amazonaws.com")
    records = [{"Data": line(signup())}]
    pipeline.gateway.client("firehose", **keys).put_record_batch(DeliveryStreamName=pipeline.stream, Records=records)
    for service, action in (
        ("firehose", lambda client: client.delete_delivery_stream(DeliveryStreamName=pipeline.stream)),
        ("s3", lambda client: client.list_objects_v2(Bucket=pipeline.bucket)),
        ("athena", lambda client: client.start_query_execution(QueryString="SELECT 1", WorkGroup="signups")),
    ):
        with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
            action(pipeline.gateway.client(service, **keys))
