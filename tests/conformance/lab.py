"""Where the cases are tried: a gateway, or an AWS account; what is made here is removed at the end."""

import base64
import contextlib
import io
import itertools
import json
import secrets
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ClientError

FUNCTION = """
import base64

def answer(text, record):
    if text == "DUPLICATE":
        return [dict(record, result="Ok", data="b2s=")] * 2
    if text == "MISSING":
        return []
    if text == "STRAY":
        return [{"recordId": "stray", "result": "Ok", "data": "b2s="}]
    if text == "NO DATA":
        return [dict(record, result="Ok", data=None)]
    if text == "NOT BASE64":
        return [dict(record, result="Ok", data="***")]
    if text == "HUGE":
        return [dict(record, result="Ok", data="b2s=" * 1600000)]
    if text.startswith("KEY "):
        keys = {"partitionKeys": {"k": text[4:]}}
        return [dict(record, result="Ok", data=base64.b64encode(text.encode()).decode(), metadata=keys)]
    if text in ("Dropped", "ProcessingFailed", "ok", "Unknown"):
        return [dict(record, result=text, data="b2s=")]
    return [dict(record, result="Ok", data=base64.b64encode(text.upper().encode()).decode())]

def handler(event, context):
    texts = [(base64.b64decode(r["data"]).decode(), {"recordId": r["recordId"]}) for r in event["records"]]
    if any(text == "RAISE" for text, _ in texts):
        raise ValueError("as asked")
    if any(text == "NO RECORDS" for text, _ in texts):
        return {}
    if any(text == "NOT AN OBJECT" for text, _ in texts):
        return []
    if any(text == "EVENT" for text, _ in texts):
        import json
        data = base64.b64encode(json.dumps(event).encode()).decode()
        return {"records": [dict(record, result="Ok", data=data) for _, record in texts]}
    return {"records": [each for text, record in reversed(texts) for each in answer(text, record)]}
"""
ECHO = """
import base64, json

def handler(event, context):
    texts = [base64.b64decode(r["data"]).decode() for r in event["records"]]
    data = base64.b64encode(json.dumps(texts).encode()).decode()
    first, *others = [r["recordId"] for r in event["records"]]
    dropped = [{"recordId": each, "result": "Dropped", "data": ""} for each in others]
    return {"records": [{"recordId": first, "result": "Ok", "data": data}, *dropped]}
"""
"""Answers with the texts of all records in the first one's place."""
_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
_SETTLE_SECONDS = 420
_QUIET_SECONDS = 75


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
    _clients: dict[str, Any] = field(default_factory=dict)
    _streams: list[str] = field(default_factory=list)
    remembered: dict[Any, Any] = field(default_factory=dict)
    """What several cases share: one delivery for all conversions of a SerDe."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.delete_streams()
        self._clean.close()

    def client(self, service: str) -> Any:
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 3}, s3={"addressing_style": "path"})
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
            session = boto3.Session(**(keys if self.endpoint else {}))  # type: ignore[arg-type]
            self._clients[service] = session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]
        return self._clients[service]

    @cached_property
    def account(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def region(self) -> str:
        return str(self.client("firehose").meta.region_name)

    @cached_property
    def bucket(self) -> str:
        name = f"conformance-{self.run}"
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
        return self._role("delivery", "firehose.amazonaws.com", actions)

    @cached_property
    def other_role(self) -> str:
        """Return a role for Firehose that may write logs and nothing else."""
        return self._role("logs-only", "firehose.amazonaws.com", ["logs:PutLogEvents"])

    @cached_property
    def bucket_role(self) -> str:
        """Return a role for Firehose that may write to buckets and nothing else."""
        return self._role("bucket-only", "firehose.amazonaws.com", ["s3:*"])

    @cached_property
    def function(self) -> str:
        return self._function("transform", FUNCTION)

    @cached_property
    def echo_function(self) -> str:
        return self._function("echo", ECHO)

    @cached_property
    def _function_role(self) -> str:
        return self._role("function", "lambda.amazonaws.com", ["logs:PutLogEvents", "logs:CreateLogStream"])

    def _function(self, purpose: str, source: str) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("transform.py", source)
        made = self.client("lambda").create_function(
            FunctionName=f"conformance-{self.run}-{purpose}", Runtime="python3.13", Role=self._function_role,
            Handler="transform.handler", Timeout=30, Code={"ZipFile": archive.getvalue()},
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
        self._clean.callback(self.client("glue").delete_table, DatabaseName=self.database, Name=name)
        return name

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

    def landed(self, name: str) -> list[Landed]:
        s3 = self.client("s3")
        found = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for listed in page.get("Contents", []):
                if f"{name}-" in listed["Key"]:
                    got = s3.get_object(Bucket=self.bucket, Key=listed["Key"])
                    found.append(Landed(listed["Key"], got["Body"].read(), got))
        return found

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

    def _role(self, purpose: str, principal: str, actions: list[str]) -> str:
        iam, name = self.client("iam"), f"conformance-{self.run}-{purpose}"
        trust = {"Version": "2012-10-17", "Statement": [{**_TRUST, "Principal": {"Service": principal}}]}
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
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
        for name in gone:
            with contextlib.suppress(ClientError):
                self.client("firehose").delete_delivery_stream(DeliveryStreamName=name)

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
