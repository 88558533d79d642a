"""Deploys by the real sam, and a look at what they made."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from tests.conftest import ROOT, Gateway

PATIENCE_SECONDS = 20


class Variant:
    """The template in a folder of its own."""

    ORIGINAL: ClassVar[Path] = ROOT

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the only place that has the old text."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} places with {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


class Stack:
    """One deployed stack."""

    def __init__(self, gateway: Gateway, name: str) -> None:
        self._gateway = gateway
        self.name = name
        described = gateway.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self.id: str = described["StackId"]
        self.status: str = described["StackStatus"]
        self.outputs: dict[str, str] = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}

    @property
    def stream(self) -> str:
        return self.outputs["DeliveryStreamName"]

    @property
    def bucket(self) -> str:
        return self.outputs["LakeBucketName"]

    def resources(self) -> dict[str, tuple[str, str]]:
        """Return (physical id, status) by logical id."""
        pages = self._gateway.client("cloudformation").get_paginator("list_stack_resources")
        return {
            each["LogicalResourceId"]: (each.get("PhysicalResourceId", ""), each["ResourceStatus"])
            for page in pages.paginate(StackName=self.name)
            for each in page["StackResourceSummaries"]
        }

    def describe_stream(self) -> dict[str, Any]:
        answer = self._gateway.client("firehose").describe_delivery_stream(DeliveryStreamName=self.stream)
        return answer["DeliveryStreamDescription"]  # type: ignore[no-any-return]  # boto3 is untyped

    def interval(self) -> int:
        destination = self.describe_stream()["Destinations"][0]["ExtendedS3DestinationDescription"]
        return int(destination["BufferingHints"]["IntervalInSeconds"])

    def put(self, *documents: dict[str, Any]) -> None:
        records = [{"Data": json.dumps(each).encode() + b"\n"} for each in documents]
        self._gateway.client("firehose").put_record_batch(DeliveryStreamName=self.stream, Records=records)
        self._gateway.act("flush", stream=self.stream)

    def keys(self, prefix: str = "") -> list[str]:
        pages = self._gateway.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def query(self, sql: str) -> list[list[str | None]]:
        """Return the rows of a SELECT."""
        athena = self._gateway.client("athena")
        identifier = athena.start_query_execution(
            QueryString=sql, WorkGroup=self.outputs["WorkGroupName"],
            QueryExecutionContext={"Database": self.outputs["DatabaseName"]},
        )["QueryExecutionId"]  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"} or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        assert status["State"] == "SUCCEEDED", status
        rows = athena.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"][1:]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]

    def events(self) -> list[dict[str, Any]]:
        pages = (
            self._gateway.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=self.id)
        )
        return [event for page in pages for event in page["StackEvents"]]


class Account:
    """The local account, as `python -m local deploy` reaches it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def run(
        self, *arguments: str, stack: str = "signups", folder: Path = ROOT, **parameters: object
    ) -> "subprocess.CompletedProcess[str]":
        """Deploy; arguments and parameters go to sam on top of samconfig's environment `local`."""
        command = [sys.executable, "-m", "local", "deploy", "--state", str(self.gateway.state)]
        command += ["--template", str(folder / "template.yaml"), "--", "--stack-name", stack]
        command += ["--config-file", str(folder / "samconfig.toml"), *arguments]
        if parameters:
            values = {"BufferIntervalSeconds": 1, "TransformBufferIntervalSeconds": 0} | parameters
            command += ["--parameter-overrides", *(f"{name}={value}" for name, value in values.items())]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)

    def deploy(self, *arguments: str, stack: str = "signups", folder: Path = ROOT, **parameters: object) -> Stack:
        done = self.run(*arguments, stack=stack, folder=folder, **parameters)
        assert done.returncode == 0, done.stderr
        return Stack(self.gateway, stack)

    def refusal(self, *arguments: str, stack: str = "signups", folder: Path = ROOT, **parameters: object) -> str:
        """Deploy what must not work; return the one line that says why."""
        done = self.run(*arguments, stack=stack, folder=folder, **parameters)
        assert (done.returncode, done.stdout) == (2, "")
        [line] = done.stderr.splitlines()
        return line

    def log(self) -> str:
        """Return what sam said last."""
        return (self.gateway.state / "deploy.log").read_text(encoding="utf-8")
