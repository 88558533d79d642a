"""The template deployed with everything switched on, and its roles with one statement taken away at a time."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.conftest import ROOT, Gateway

STACK = "roles"
IMAGE = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/signups/producer@sha256:{64 * '0'}"
PRINCIPALS = {
    "DeliveryRole": "firehose.amazonaws.com",
    "MaskRole": "lambda.amazonaws.com",
    "CrawlerRole": "glue.amazonaws.com",
    "ProducerTaskRole": "ecs-tasks.amazonaws.com",
    "ProducerExecutionRole": "ecs-tasks.amazonaws.com",
}
PATIENCE_SECONDS = 20


def deploy(gateway: Gateway, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m local deploy` with further arguments for sam."""
    command = [sys.executable, "-m", "local", "deploy", "--state", str(gateway.state), "--", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)


def eventually(found: Callable[[], Any]) -> Any:
    """Return the first thing that is found; fails when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := found()):
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {found}"
        time.sleep(0.05)
    return answer


@dataclass
class Deployment:
    """What the tests of roles reach: the stack's parts by logical id, and its people and services by role."""

    gateway: Gateway
    outputs: dict[str, str]
    resources: dict[str, str]
    _sessions: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def bucket(self) -> str:
        return self.resources["LakeBucket"]

    @property
    def stream(self) -> str:
        return self.resources["DeliveryStream"]

    def role_arn(self, role: str) -> str:
        return f"arn:aws:iam::000000000000:role/{self.resources[role]}"

    def act_as(self, role: str, service: str) -> Any:
        """Return a client in a role: services assume theirs, people theirs through STS."""
        if role not in self._sessions:
            self._sessions[role] = self.gateway.assume(self.role_arn(role), PRINCIPALS.get(role))
        return self.gateway.client(service, **self._sessions[role])

    def put(self, *documents: dict[str, Any]) -> None:
        """Put documents as the account's root, and have them delivered as far as they get."""
        records = [{"Data": json.dumps(each).encode() + b"\n"} for each in documents]
        self.gateway.client("firehose").put_record_batch(DeliveryStreamName=self.stream, Records=records)
        self.gateway.act("flush", stream=self.stream)

    def keys(self, prefix: str) -> set[str]:
        found = self.gateway.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return {each["Key"] for each in found}

    def log_lines(self, group: str) -> list[str]:
        logs = self.gateway.client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]

    def delivery_errors(self) -> list[str]:
        """Return the codes of the error events of the stream, oldest first."""
        return [json.loads(line)["errorCode"] for line in self.log_lines(self.resources["DeliveryLogGroup"])]

    def query(self, role: str, sql: str) -> str:
        """Run a statement as a role; return SUCCEEDED, or why not."""
        athena = self.act_as(role, "athena")
        identifier = athena.start_query_execution(
            QueryString=sql,
            WorkGroup=self.resources["QueryWorkGroup"],
            QueryExecutionContext={"Database": self.resources["SignupsDatabase"]},
        )["QueryExecutionId"]

        def ended() -> dict[str, str] | None:
            status: dict[str, str] = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]
            return status if status["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"} else None

        status = eventually(ended)
        return str(status.get("StateChangeReason") or status["State"])

    def crawl(self) -> dict[str, str]:
        """Run the crawler; return LastCrawl."""
        glue, name = self.gateway.client("glue"), self.resources["SignupsCrawler"]
        glue.start_crawler(Name=name)
        eventually(lambda: glue.get_crawler(Name=name)["Crawler"]["State"] == "READY")
        last: dict[str, str] = glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]
        return last

    def renew_function(self) -> None:
        """Publish a version of the function, so that its next environment starts without a key."""
        lambda_, name = self.gateway.client("lambda"), self.resources["MaskFunction"]
        lambda_.update_function_configuration(FunctionName=name, Description=f"at {time.monotonic_ns()}")
        version = lambda_.publish_version(FunctionName=name)["Version"]
        lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion=version)

    @contextlib.contextmanager
    def without(self, role: str, sid: str) -> Iterator[None]:
        """Take one statement away from a role's policies, inline or managed, and give it back."""
        restore: list[Callable[[], Any]] = []
        try:
            for document, write in self._policies(role):
                kept = [each for each in document["Statement"] if each["Sid"] != sid]
                if kept != document["Statement"]:
                    restore.append(partial(write, document))
                    write({**document, "Statement": kept})
            assert restore, f"{role} has no statement {sid}"
            yield
        finally:
            for each in restore:
                each()

    def _policies(self, role: str) -> Iterator[tuple[dict[str, Any], Callable[[dict[str, Any]], Any]]]:
        iam, name = self.gateway.client("iam"), self.resources[role]

        def write_inline(policy: str, changed: dict[str, Any]) -> None:
            if changed["Statement"]:
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(changed))
            else:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)

        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            yield iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"], partial(write_inline, policy)
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            yield from self._managed(iam, attached["PolicyArn"])

    def _managed(self, iam: Any, arn: str) -> Iterator[tuple[dict[str, Any], Callable[[dict[str, Any]], Any]]]:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

        def write(changed: dict[str, Any]) -> None:
            made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(changed), SetAsDefault=True)
            for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
                if each["VersionId"] != made["PolicyVersion"]["VersionId"]:
                    iam.delete_policy_version(PolicyArn=arn, VersionId=each["VersionId"])

        yield document, write
