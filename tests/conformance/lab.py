"""Where the cases are tried: a gateway, or an AWS account; what is made here is removed at the end."""

import base64
import contextlib
import io
import itertools
import json
import secrets
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance import functions
from tests.conftest import started

_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
_SETTLE_SECONDS = 420
_QUIET_SECONDS = 75
T = TypeVar("T")


@dataclass(frozen=True)
class Landed:
    """An object in the bucket."""

    key: str
    body: bytes
    headers: dict[str, Any]


@dataclass
class Lab:
    """`endpoint` None means AWS, with the credentials and region of the usual chain."""

    endpoint: str | None
    flushes: bool = True
    """Whether the endpoint can be told to deliver at once; those that cannot deliver with the put, or never."""
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _clean: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _clients: dict[Any, Any] = field(default_factory=dict)
    _streams: list[str] = field(default_factory=list)
    remembered: dict[Any, Any] = field(default_factory=dict)
    """What several cases share: one delivery for all conversions of a SerDe."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.delete_streams()
        self._clean.close()

    def client(self, service: str, *, checked: bool = True) -> Any:
        """Return a boto3 client; one that is not `checked` sends requests that the service model forbids."""
        if (service, checked) not in self._clients:
            config = Config(
                retries={"total_max_attempts": 3}, s3={"addressing_style": "path"}, parameter_validation=checked
            )
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
            session = boto3.Session(**(keys if self.endpoint else {}))  # type: ignore[arg-type]
            made = session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]
            self._clients[service, checked] = made
        return self._clients[service, checked]

    @cached_property
    def apart(self) -> "Lab":
        """Return a lab whose clock may be moved and whose quotas are those of a small region.

        It is a gateway of its own, started for the purpose. AWS, and what is not a gateway, is as it is.
        """
        if not self.endpoint or not self.flushes:
            return self
        folder = self._clean.enter_context(tempfile.TemporaryDirectory())
        gateway = self._clean.enter_context(started(Path(folder), "--quotas", "sa-east-1"))
        return self._clean.enter_context(Lab(gateway.endpoint))

    def advance(self, seconds: float) -> None:
        """Let so much time go by: at once, where the clock can be moved."""
        if self.endpoint:
            httpx.post(f"{self.endpoint}/_local/clock", json={"advance": seconds}, trust_env=False).raise_for_status()
        else:
            time.sleep(seconds)

    @cached_property
    def account(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def region(self) -> str:
        return str(self.client("firehose").meta.region_name)

    @cached_property
    def bucket(self) -> str:
        return self.new_bucket(f"conformance-{self.run}")

    def new_bucket(self, name: str) -> str:
        options = {}
        if self.endpoint is None and self.region != "us-east-1":
            options = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.client("s3").create_bucket(Bucket=name, **options)
        self._clean.callback(self._empty_and_delete, name)
        return name

    @cached_property
    def role(self) -> str:
        actions = ["s3:*", "glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions", "lambda:InvokeFunction",
                   "lambda:GetFunctionConfiguration", "logs:PutLogEvents"]  # fmt: skip
        return self.new_role("delivery", actions)

    @cached_property
    def other_role(self) -> str:
        """Return a role for Firehose that may write logs and nothing else."""
        return self.new_role("logs-only", ["logs:PutLogEvents"])

    @cached_property
    def bucket_role(self) -> str:
        """Return a role for Firehose that may write to buckets and nothing else."""
        return self.new_role("bucket-only", ["s3:*"])

    @cached_property
    def function(self) -> str:
        return self._function("transform", functions.TRANSFORM)

    @cached_property
    def echo_function(self) -> str:
        return self._function("echo", functions.ECHO)

    @cached_property
    def _function_role(self) -> str:
        actions = ["logs:CreateLogGroup", "logs:PutLogEvents", "logs:CreateLogStream", "s3:PutObject"]
        return self.new_role("function", actions, principal="lambda.amazonaws.com")

    @cached_property
    def noting_function(self) -> str:
        return self._function("noting", functions.NOTING, BUCKET=self.bucket, RAISES="")

    @cached_property
    def raising_function(self) -> str:
        return self._function("raising", functions.NOTING, BUCKET=self.bucket, RAISES="yes")

    @cached_property
    def sleeping_function(self) -> str:
        return self._function("sleeping", functions.SLEEPING, timeout=1)

    def _function(self, purpose: str, source: str, timeout: int = 30, **variables: str) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("transform.py", source)
        made = self.client("lambda").create_function(
            FunctionName=f"conformance-{self.run}-{purpose}", Runtime="python3.13", Role=self._function_role,
            Handler="transform.handler", Timeout=timeout, Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": variables},
        )  # fmt: skip
        self._clean.callback(self.client("lambda").delete_function, FunctionName=made["FunctionName"])
        if self.endpoint is None:
            self.client("lambda").get_waiter("function_active_v2").wait(FunctionName=made["FunctionName"])
        return str(made["FunctionArn"])

    @cached_property
    def database(self) -> str:
        name = f"conformance_{self.run}"
        self.client("glue").create_database(DatabaseInput={"Name": name})
        self._clean.callback(self.client("glue").delete_database, Name=name)
        return name

    def table(self, name: str, columns: dict[str, str]) -> str:
        listed = [{"Name": column, "Type": kind} for column, kind in columns.items()]
        self.client("glue").create_table(
            DatabaseName=self.database, TableInput={"Name": name, "StorageDescriptor": {"Columns": listed}}
        )
        self._clean.callback(self._delete_table, name)
        return name

    def _delete_table(self, name: str) -> None:
        with contextlib.suppress(ClientError):  # a case may have deleted it
            self.client("glue").delete_table(DatabaseName=self.database, Name=name)

    def name(self) -> str:
        return f"conformance-{self.run}-{next(self._numbers)}"

    def destination(self, **config: Any) -> dict[str, Any]:
        """Return an ExtendedS3DestinationConfiguration that AWS takes, changed by `config`; None removes a member."""
        whole = {
            "RoleARN": self.role,
            "BucketARN": f"arn:aws:s3:::{self.bucket}",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
            **config,
        }
        return {member: value for member, value in whole.items() if value is not None}

    def create(self, name: str = "", **config: Any) -> str:
        """Make a delivery stream and wait until it takes puts."""
        name = name or self.name()
        firehose = self.client("firehose")
        firehose.create_delivery_stream(
            DeliveryStreamName=name, ExtendedS3DestinationConfiguration=self.destination(**config)
        )
        self._streams.append(name)
        self.until_active(name)
        return name

    def made(self, name: str) -> None:
        """Take note of a stream that is to be removed at the end."""
        self._streams.append(name)

    def streams(self) -> list[str]:
        """Return the names of all streams there are, this lab's or not."""
        names: list[str] = []
        while True:
            after = {"ExclusiveStartDeliveryStreamName": names[-1]} if names else {}
            page = self.client("firehose").list_delivery_streams(Limit=100, **after)
            names += page["DeliveryStreamNames"]
            if not page["HasMoreDeliveryStreams"]:
                return names

    def until_active(self, name: str) -> None:
        while self.describe(name)["DeliveryStreamStatus"] == "CREATING":
            time.sleep(0.01 if self.endpoint else 2)

    def describe(self, name: str) -> dict[str, Any]:
        answer = self.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
        return dict(answer["DeliveryStreamDescription"])

    def put(self, name: str, *data: bytes) -> dict[str, Any]:
        records = [{"Data": each} for each in data]
        return dict(self.client("firehose").put_record_batch(DeliveryStreamName=name, Records=records))

    def delivered(self, name: str, *data: bytes) -> list[Landed]:
        """Put records and return the stream's objects once they have landed."""
        if data:
            self.put(name, *data)
        if self.endpoint and not self.flushes:
            return self.landed(name)
        if self.endpoint:
            answer = httpx.post(f"{self.endpoint}/_local/flush", json={"stream": name}, timeout=120, trust_env=False)
            assert answer.is_success, answer.text
            return self.landed(name)
        return self._quiet(name)

    def landed(self, name: str, bucket: str = "") -> list[Landed]:
        """Return the objects that the stream has written."""
        return self.objects(f"{name}-", bucket)

    def objects(self, word: str, bucket: str = "") -> list[Landed]:
        """Return the objects whose keys contain a word."""
        s3, bucket = self.client("s3"), bucket or self.bucket
        found = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for listed in page.get("Contents", []):
                if word in listed["Key"]:
                    got = s3.get_object(Bucket=bucket, Key=listed["Key"])
                    found.append(Landed(listed["Key"], got["Body"].read(), got))
        return found

    def eventually(self, found: Callable[[], T]) -> T:
        """Return what `found` returns once it is something."""
        deadline = time.monotonic() + (20 if self.endpoint else _SETTLE_SECONDS)
        while not (result := found()) and time.monotonic() < deadline:
            time.sleep(0.1 if self.endpoint else 5)
        assert result
        return result

    def refusal(self, call: Callable[[], Any]) -> tuple[str, str]:
        """Return the code and message with which a call is refused."""
        try:
            call()
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise AssertionError("the call was accepted")

    def _quiet(self, name: str) -> list[Landed]:
        """Wait until objects have come and no more come."""
        deadline, since, before = time.monotonic() + _SETTLE_SECONDS, time.monotonic(), 0
        while time.monotonic() < deadline:
            time.sleep(5)
            found = self.landed(name)
            if len(found) != before:
                before, since = len(found), time.monotonic()
            if found and time.monotonic() - since > _QUIET_SECONDS:
                return found
        return self.landed(name)

    def new_role(
        self, purpose: str, actions: list[str], *, principal: str = "firehose.amazonaws.com", **statement: Any
    ) -> str:
        """Make a role that may do these things, everywhere unless the statement says where or when."""
        iam, name = self.client("iam"), f"conformance-{self.run}-{purpose}"
        trust = {"Version": "2012-10-17", "Statement": [{**_TRUST, "Principal": {"Service": principal}}]}
        allowed = {"Effect": "Allow", "Action": actions, "Resource": "*", **statement}
        policy = {"Version": "2012-10-17", "Statement": [allowed]}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        self._clean.callback(iam.delete_role, RoleName=name)
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
        self._clean.callback(iam.delete_role_policy, RoleName=name, PolicyName="all")
        if self.endpoint is None:
            time.sleep(20)  # until the role is known everywhere
        return str(made["Arn"])

    def delete_streams(self, *, shared: bool = True) -> None:
        """Delete those that `create` made; those that cases share only if `shared`."""
        kept = [] if shared else [name for name in self._streams if name in self.remembered.values()]
        gone, self._streams = set(self._streams) - set(kept), kept
        self.delete(gone)

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(ClientError):
                self.client("firehose").delete_delivery_stream(DeliveryStreamName=name)

    def now(self) -> datetime:
        """Return the time that it is there."""
        if not self.endpoint:
            return datetime.now(UTC)
        moved = httpx.post(f"{self.endpoint}/_local/clock", json={"advance": 0}, trust_env=False).raise_for_status()
        return datetime.fromtimestamp(moved.json()["now"], UTC)

    def _empty_and_delete(self, name: str) -> None:
        s3 = self.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for listed in page.get("Contents", []):
                s3.delete_object(Bucket=name, Key=listed["Key"])
        s3.delete_bucket(Bucket=name)


def documents(objects: list[Landed]) -> list[dict[str, Any]]:
    """Read error documents, whether on lines of their own or glued."""
    decoder, found = json.JSONDecoder(), []
    for landed in objects:
        text, at = landed.body.decode(), 0
        while text[at:].strip():
            document, end = decoder.raw_decode(text[at:].lstrip())
            at = len(text) - len(text[at:].lstrip()) + end
            found.append(document)
    return found


def raw(document: dict[str, Any]) -> bytes:
    return base64.b64decode(document["rawData"])
