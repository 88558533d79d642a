"""For every statement of every role: the one thing that needs it, and how its refusal shows.

A probe does that thing. It returns an empty text when it worked, and else what a person would see.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.e2e.conftest import signup
from tests.iam.deployment import Deployment, eventually

Probe = Callable[[Deployment], str]


def refused(call: Callable[..., Any], **members: Any) -> str:
    """Make one call; return the refusal, or an empty text."""
    try:
        call(**members)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if "AccessDenied" in code or code == "403":
            return f"{code}: {message}"
    return ""


# ---- Firehose


def firehose_looks_at_the_bucket(on: Deployment) -> str:
    """Firehose documents that it needs these three (Developer Guide, controlling-access); this one puts and no more."""
    s3 = on.act_as("DeliveryRole", "s3")
    return (
        refused(s3.get_bucket_location, Bucket=on.bucket)
        or refused(s3.list_objects_v2, Bucket=on.bucket)
        or refused(s3.list_multipart_uploads, Bucket=on.bucket)
    )


def _delivers(on: Deployment) -> str:
    """Put a sign-up; return the code of the error event it causes, or nothing once its object is there."""
    events, objects = len(on.delivery_errors()), on.keys("signups/")
    on.put(signup())
    return str(
        eventually(lambda: (on.delivery_errors()[events:] or [" " * (on.keys("signups/") != objects)])[0])
    ).strip()


def firehose_writes_a_log(on: Deployment) -> str:
    """Have the function out of reach, which is logged."""
    before, errors = on.delivery_errors(), on.keys("errors/")
    with on.without("DeliveryRole", "Transform"):
        on.put(signup())
        eventually(lambda: on.keys("errors/") != errors)
    return "" if on.delivery_errors() != before else "no event in the log group"


# ---- the function


def function_writes_a_log(on: Deployment) -> str:
    group, own_log = on.resources["MaskLogGroup"], on.gateway.state / "gateway.log"
    lines, warned = len(on.log_lines(group)), own_log.stat().st_size
    on.put(signup())

    def outcome() -> str:
        if len(on.log_lines(group)) > lines:
            return "logged"
        return own_log.read_text()[warned:] if "log lines of" in own_log.read_text()[warned:] else ""

    found = eventually(outcome)
    return "" if found == "logged" else found


def function_reads_the_key(on: Deployment) -> str:
    """Deliver a sign-up through a fresh environment; without the key it arrives masked, and without a token."""
    on.renew_function()
    document = signup()
    on.put(document)
    athena = on.gateway.client("athena")
    sql = f"SELECT cpf, cpf_token FROM signups WHERE signup_id = '{document['signup_id']}'"

    def row() -> list[Any] | None:
        identifier = athena.start_query_execution(
            QueryString=sql, WorkGroup=on.resources["QueryWorkGroup"],
            QueryExecutionContext={"Database": on.resources["SignupsDatabase"]},
        )["QueryExecutionId"]  # fmt: skip
        state = lambda: athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]["State"]  # noqa: E731 - read twice
        eventually(lambda: state() in {"SUCCEEDED", "FAILED"})
        rows = athena.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"][1:]
        return [cell.get("VarCharValue") for cell in rows[0]["Data"]] if rows else None

    cpf, token = eventually(row)
    assert cpf == "***.982.247-**"
    return "" if token else "AccessDenied: cpf_token is null"


# ---- the crawler


def crawler_finds_the_bucket(on: Deployment) -> str:
    """Ask for its region, as Glue documents to need (Developer Guide, create-an-iam-role)."""
    return refused(on.act_as("CrawlerRole", "s3").get_bucket_location, Bucket=on.bucket)


def crawler_crawls(on: Deployment) -> str:
    last = on.crawl()
    return last.get("ErrorMessage", "FAILED") if last["Status"] != "SUCCEEDED" else ""


def crawler_writes_a_log(on: Deployment) -> str:
    before = len(_crawler_lines(on))
    on.crawl()
    return "" if len(_crawler_lines(on)) > before else "no lines in /aws-glue/crawlers"


def _crawler_lines(on: Deployment) -> list[str]:
    try:
        return on.log_lines("/aws-glue/crawlers")
    except ClientError:
        return []


# ---- analysts


def _asks(role: str, sql: str) -> Probe:
    def ask(on: Deployment) -> str:
        try:
            answer = on.query(role, sql)
        except ClientError as error:
            return str(error)
        return "" if answer == "SUCCEEDED" else answer

    return ask


LAST_HOURS = "dt >= date_format(current_timestamp - INTERVAL '2' HOUR, '%Y-%m-%d-%H')"
COUNT = f"SELECT count(*) FROM signups WHERE {LAST_HOURS}"
VIEW = f"CREATE OR REPLACE VIEW signups_unique AS SELECT * FROM signups WHERE {LAST_HOURS}"
COLUMNS = (
    "signup_id, created_at, name, email, phone, birth_date, job, address, cpf, producer_id, sequence, cpf_token,"
    " arrived_at"
)
DAILY = f"INSERT INTO signups_daily SELECT {COLUMNS}, substr(dt, 1, 10) FROM signups WHERE {LAST_HOURS} LIMIT 1"


def analyst_browses(on: Deployment) -> str:
    athena = on.act_as("AnalystRole", "athena")
    return refused(athena.list_databases, CatalogName="AwsDataCatalog") or refused(
        athena.list_table_metadata, CatalogName="AwsDataCatalog", DatabaseName=on.resources["SignupsDatabase"]
    )


def analyst_finds_the_bucket(on: Deployment) -> str:
    """Athena and its drivers ask where the results' bucket is (User Guide, s3-permissions)."""
    return refused(on.act_as("AnalystRole", "s3").get_bucket_location, Bucket=on.bucket)


# ---- operators


def operator_lists_errors(on: Deployment) -> str:
    return refused(on.act_as("OperatorRole", "s3").list_objects_v2, Bucket=on.bucket, Prefix="errors/")


def operator_reads_and_removes_errors(on: Deployment) -> str:
    key = "errors/processing-failed/dt=2026-11-23-19/probe"
    on.gateway.client("s3").put_object(Bucket=on.bucket, Key=key, Body=b"{}")
    s3 = on.act_as("OperatorRole", "s3")
    return refused(s3.get_object, Bucket=on.bucket, Key=key) or refused(s3.delete_object, Bucket=on.bucket, Key=key)


def operator_sends_again(on: Deployment) -> str:
    firehose = on.act_as("OperatorRole", "firehose")
    records = [{"Data": json.dumps(signup()).encode()}]
    return refused(firehose.describe_delivery_stream, DeliveryStreamName=on.stream) or refused(
        firehose.put_record_batch, DeliveryStreamName=on.stream, Records=records
    )


# ---- the producer


def producer_puts(on: Deployment) -> str:
    firehose = on.act_as("ProducerTaskRole", "firehose")
    records = [{"Data": json.dumps(signup()).encode()}]
    return refused(firehose.put_record_batch, DeliveryStreamName=on.stream, Records=records)


def task_logs_in(on: Deployment) -> str:
    return refused(on.act_as("ProducerExecutionRole", "ecr").get_authorization_token)


def task_pulls(on: Deployment) -> str:
    ecr = on.act_as("ProducerExecutionRole", "ecr")
    return refused(ecr.batch_get_image, repositoryName="signups/producer", imageIds=[{"imageDigest": "sha256:0"}])


def task_logs(on: Deployment) -> str:
    logs, group = on.act_as("ProducerExecutionRole", "logs"), on.resources["ProducerLogGroup"]
    stream = {"logGroupName": group, "logStreamName": "producer/producer/1"}
    event = {"timestamp": 1_795_000_000_000, "message": "started"}
    return refused(logs.create_log_stream, **stream) or refused(logs.put_log_events, **stream, logEvents=[event])


NO_RIGHT = "Insufficient permissions to execute the query.*"

PROBES: dict[tuple[str, str], tuple[Probe, str]] = {
    ("DeliveryRole", "FindBucket"): (firehose_looks_at_the_bucket, "AccessDenied"),
    ("DeliveryRole", "WriteObjects"): (_delivers, "S3.AccessDenied"),
    ("DeliveryRole", "Transform"): (_delivers, "Lambda.InvokeAccessDenied"),
    ("DeliveryRole", "ReadSchema"): (_delivers, "DataFormatConversion.AccessDenied"),
    ("DeliveryRole", "LogErrors"): (firehose_writes_a_log, "no event"),
    ("DeliveryRole", "EncryptObjects"): (_delivers, "S3.AccessDenied"),
    ("MaskRole", "Log"): (function_writes_a_log, "AccessDenied"),
    ("MaskRole", "ReadTokenKey"): (function_reads_the_key, "cpf_token is null"),
    ("MaskRole", "DecryptTokenKey"): (function_reads_the_key, "cpf_token is null"),
    ("CrawlerRole", "FindBucket"): (crawler_finds_the_bucket, "AccessDenied"),
    ("CrawlerRole", "ListSignups"): (crawler_crawls, "AccessDenied"),
    ("CrawlerRole", "ReadSignups"): (crawler_crawls, "AccessDenied"),
    ("CrawlerRole", "RegisterPartitions"): (crawler_crawls, "AccessDenied"),
    ("CrawlerRole", "Log"): (crawler_writes_a_log, "no lines"),
    ("CrawlerRole", "DecryptSignups"): (crawler_crawls, "AccessDenied"),
    ("AnalystRole", "Query"): (_asks("AnalystRole", COUNT), "athena:StartQueryExecution"),
    ("AnalystRole", "BrowseCatalog"): (analyst_browses, "AccessDenied"),
    ("AnalystRole", "ReadCatalog"): (_asks("AnalystRole", COUNT), f"{NO_RIGHT} glue:Get"),
    ("AnalystRole", "DefineView"): (_asks("AnalystRole", VIEW), f"{NO_RIGHT} glue:CreateTable"),
    ("AnalystRole", "FindBucket"): (analyst_finds_the_bucket, "AccessDenied"),
    ("AnalystRole", "ListSignupsAndResults"): (
        _asks("AnalystRole", COUNT),
        f"{NO_RIGHT} s3:ListBucket",
    ),
    ("AnalystRole", "ReadSignups"): (_asks("AnalystRole", COUNT), f"{NO_RIGHT} s3:GetObject"),
    ("AnalystRole", "KeepResults"): (_asks("AnalystRole", COUNT), f"{NO_RIGHT} s3:PutObject"),
    ("AnalystRole", "UseKeyThroughS3"): (_asks("AnalystRole", COUNT), NO_RIGHT),
    ("OperatorRole", "ListErrors"): (operator_lists_errors, "AccessDenied"),
    ("OperatorRole", "ReadAndRemoveErrors"): (operator_reads_and_removes_errors, "AccessDenied"),
    ("OperatorRole", "SendAgain"): (operator_sends_again, "AccessDenied"),
    ("OperatorRole", "WriteDaily"): (_asks("OperatorRole", DAILY), f"{NO_RIGHT} s3:PutObject"),
    ("OperatorRole", "RegisterDays"): (
        _asks("OperatorRole", DAILY),
        f"{NO_RIGHT} glue:BatchCreatePartition",
    ),
    ("ProducerTaskRole", "PutSignups"): (producer_puts, "AccessDenied"),
    ("ProducerExecutionRole", "LogInToRegistry"): (task_logs_in, "AccessDenied"),
    ("ProducerExecutionRole", "PullImage"): (task_pulls, "AccessDenied"),
    ("ProducerExecutionRole", "Log"): (task_logs, "AccessDenied"),
}
"""(role, Sid) → the probe, and what its refusal says."""
