"""Crawls on the real gateway, in roles of their own."""

import io
import json
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
INHERIT = json.dumps({"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}})
LOG = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}


class Pond:
    """A bucket, a database and a role of one test."""

    def __init__(self, gateway, name):
        self.gateway, self.name = gateway, name
        self.s3, self.glue = gateway.client("s3"), gateway.client("glue")
        self.s3.create_bucket(Bucket=name)
        self.glue.create_database(DatabaseInput={"Name": name})
        self.role = self._role(["s3:*", "glue:*", "logs:*"])

    def _role(self, actions, service="glue.amazonaws.com", suffix=""):
        iam = self.gateway.client("iam")
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
        made = iam.create_role(
            RoleName=f"{self.name}{suffix}", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust})
        )
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.put_role_policy(RoleName=f"{self.name}{suffix}", PolicyName="all", PolicyDocument=json.dumps(policy))
        return made["Role"]["Arn"]

    def put(self, key, **columns):
        body = io.BytesIO()
        pq.write_table(pa.table(columns or {"id": [1], "name": ["a"]}), body)
        self.s3.put_object(Bucket=self.name, Key=key, Body=body.getvalue())

    def table(self, **parameters):
        columns = [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}]
        serde = {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"}
        storage = {"Columns": columns, "Location": f"s3://{self.name}/signups/", "SerdeInfo": serde}
        made = {"Name": "signups", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": "dt", "Type": "string"}]}
        self.glue.create_table(
            DatabaseName=self.name, TableInput={**made, "Parameters": parameters, "StorageDescriptor": storage}
        )

    def crawler(self, **more):
        catalog = {"CatalogTargets": [{"DatabaseName": self.name, "Tables": ["signups"]}]}
        defaults = {"Role": self.role, "Targets": catalog, "SchemaChangePolicy": LOG, "Configuration": INHERIT}
        self.glue.create_crawler(Name=self.name, **{**defaults, **more})

    def crawl(self):
        self.glue.start_crawler(Name=self.name)
        return self.ready()

    def ready(self):
        deadline = time.monotonic() + 30
        while (found := self.glue.get_crawler(Name=self.name)["Crawler"])["State"] != "READY":
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        return found["LastCrawl"]

    def partitions(self, table="signups"):
        found = self.glue.get_partitions(DatabaseName=self.name, TableName=table)["Partitions"]
        return sorted(each["Values"][0] for each in found)

    def log(self):
        logs = self.gateway.client("logs")
        events = logs.get_log_events(logGroupName="/aws-glue/crawlers", logStreamName=self.name)["events"]
        return "\n".join(event["message"] for event in events)


@pytest.fixture
def pond(gateway, request):
    return Pond(gateway, f"pond-{abs(hash(request.node.name)) % 10**8}")


def test_the_hours_of_a_declared_table_are_registered_from_their_table(pond):
    pond.table(**{"projection.enabled": "true"})
    for hour in (18, 19):
        pond.put(f"signups/dt=2026-11-23-{hour}/part")
    pond.crawler()
    assert pond.crawl()["Status"] == "SUCCEEDED"
    assert pond.partitions() == ["2026-11-23-18", "2026-11-23-19"]
    (first, _) = pond.glue.get_partitions(DatabaseName=pond.name, TableName="signups")["Partitions"]
    assert first["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == f"{PARQUET}.serde.ParquetHiveSerDe"
    assert first["StorageDescriptor"]["Location"].endswith("/signups/dt=2026-11-23-18/")
    table = pond.glue.get_table(DatabaseName=pond.name, Name="signups")["Table"]
    assert table["Parameters"]["projection.enabled"] == "true"
    assert "Created partitions with values [[2026-11-23-18], [2026-11-23-19]] for table signups" in pond.log()


def test_a_second_crawl_adds_only_what_is_new(pond):
    pond.table()
    pond.put("signups/dt=a/part")
    pond.crawler()
    pond.crawl()
    pond.put("signups/dt=b/part")
    pond.crawl()
    assert pond.partitions() == ["a", "b"]
    newest, oldest = pond.glue.list_crawls(CrawlerName=pond.name)["Crawls"]
    assert [json.loads(each["Summary"])["PARTITION"]["ADD"] for each in (oldest, newest)] == [1, 1]
    assert newest["State"] == "COMPLETED"


def test_drift_is_told_and_under_log_changes_nothing(pond):
    pond.table()
    pond.put("signups/dt=a/part", id=[1], name=["a"], plan=["free"])
    pond.crawler()
    pond.crawl()
    assert "not applied (UpdateBehavior LOG): added: plan string" in pond.log()
    columns = pond.glue.get_table(DatabaseName=pond.name, Name="signups")["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in columns] == ["id", "name"]


def test_update_in_database_takes_the_new_columns_and_drops_foreign_properties(pond):
    pond.table(**{"projection.enabled": "true"})
    pond.put("signups/dt=a/part", id=[1], name=["a"], plan=["free"])
    pond.crawler(SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"})
    pond.crawl()
    table = pond.glue.get_table(DatabaseName=pond.name, Name="signups")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "name", "plan"]
    assert "projection.enabled" not in table["Parameters"]
    assert pond.glue.get_crawler_metrics(CrawlerNameList=[pond.name])["CrawlerMetricsList"][0]["TablesUpdated"] == 1


def test_a_bucket_becomes_tables_and_a_vanished_one_is_deprecated(pond):
    pond.put("lake/orders/dt=a/part", id=[1])
    pond.put("lake/people/part", cpf=["x"], city=["y"])
    targets = {"S3Targets": [{"Path": f"s3://{pond.name}/lake/", "Exclusions": ["tmp/**"]}]}
    change = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    pond.crawler(Targets=targets, DatabaseName=pond.name, TablePrefix="raw_", SchemaChangePolicy=change)
    assert pond.crawl()["Status"] == "SUCCEEDED"
    assert pond.partitions("raw_orders") == ["a"]
    pond.s3.delete_object(Bucket=pond.name, Key="lake/people/part")
    pond.crawl()
    people = pond.glue.get_table(DatabaseName=pond.name, Name="raw_people")["Table"]
    assert people["Parameters"]["DEPRECATED_BY_CRAWLER"].isdigit()


def test_a_role_that_glue_may_not_assume_fails_the_crawl(pond):
    pond.table()
    pond.crawler(Role=pond._role(["s3:*"], service="lambda.amazonaws.com", suffix="-other"))
    last = pond.crawl()
    assert last["Status"] == "FAILED"
    assert "Service is unable to assume provided role" in last["ErrorMessage"]


def test_a_role_that_may_not_list_the_bucket_fails_the_crawl(pond):
    pond.table()
    pond.put("signups/dt=a/part")
    pond.crawler(Role=pond._role(["glue:*", "logs:*"], suffix="-blind"))
    last = pond.crawl()
    assert last["Status"] == "FAILED"
    assert "AccessDenied" in last["ErrorMessage"]
    assert pond.partitions() == []


def test_a_rule_is_told_of_crawls_that_start_succeed_and_fail(pond):
    sqs, rules = pond.gateway.client("sqs"), pond.gateway.client("events")
    queue = sqs.create_queue(QueueName=pond.name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Crawler State Change"],
               "detail": {"crawlerName": [pond.name], "state": ["Succeeded", "Failed"]}}  # fmt: skip
    rules.put_rule(Name=pond.name, EventPattern=json.dumps(pattern))
    rules.put_targets(Rule=pond.name, Targets=[{"Id": "queue", "Arn": arn}])

    def told():
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])["detail"]

    pond.table()
    pond.put("signups/dt=a/part")
    pond.crawler()
    pond.crawl()
    succeeded = told()
    assert (succeeded["state"], succeeded["partitionsCreated"]) == ("Succeeded", "1")
    pond.glue.delete_table(DatabaseName=pond.name, Name="signups")
    reason = pond.crawl()["ErrorMessage"]
    failed = told()
    assert (failed["state"], failed["message"], failed["errorMessage"]) == ("Failed", "Crawler Failed", reason)


def test_what_is_no_crawler_is_refused(pond):
    with pytest.raises(ClientError, match="can only apply to Amazon S3 target"):
        pond.crawler(RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"})
    with pytest.raises(ClientError, match="does not exist"):
        pond.glue.start_crawler(Name="nobody")
    pond.crawler()
    with pytest.raises(ClientError, match="isn't running"):
        pond.glue.stop_crawler(Name=pond.name)


def test_the_schedule_fires_when_the_clock_reaches_it(pond):
    pond.table()
    pond.put("signups/dt=a/part")
    pond.crawler(Schedule="cron(10 * * * ? *)")
    assert pond.glue.get_crawler(Name=pond.name)["Crawler"]["Schedule"]["State"] == "SCHEDULED"
    pond.gateway.act("clock", advance=60)  # the schedules are looked at again
    pond.gateway.act("clock", advance=3600)
    deadline = time.monotonic() + 30
    while not pond.partitions():
        assert time.monotonic() < deadline, "the crawler did not start by itself"
        time.sleep(0.05)
    pond.glue.stop_crawler_schedule(CrawlerName=pond.name)
    assert pond.glue.get_crawler(Name=pond.name)["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
