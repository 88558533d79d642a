"""SIGKILL at any moment, under load: every acknowledged record is delivered after the restart."""

import json
import os
import random
import signal
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.conftest import Gateway, started

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
MAY_PUT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lake/*"}],
}


class Load(threading.Thread):
    """Puts numbered records until the gateway is gone; knows which were acknowledged."""

    def __init__(self, gateway: Gateway, first: int) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self._client = gateway.client("firehose")
        self._next = first

    def run(self) -> None:
        while True:
            numbers = range(self._next, self._next + 100)
            self._next += 100
            try:
                answer = self._client.put_record_batch(
                    DeliveryStreamName="s", Records=[{"Data": f"{number}\n".encode()} for number in numbers]
                )
            except (ClientError, BotoCoreError):
                return
            taken = [n for n, each in zip(numbers, answer["RequestResponses"], strict=True) if "RecordId" in each]
            self.acknowledged += taken


def prepare(gateway: Gateway) -> None:
    iam = gateway.client("iam")
    role = iam.create_role(RoleName="delivery", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="delivery", PolicyName="put", PolicyDocument=json.dumps(MAY_PUT))
    gateway.client("s3").create_bucket(Bucket="lake")
    gateway.client("firehose").create_delivery_stream(
        DeliveryStreamName="s",
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::lake",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 1},
        },
    )
    time.sleep(1.5)  # the control plane is saved within half a second of a change


def delivered(gateway: Gateway) -> list[int]:
    s3, found = gateway.client("s3"), []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="lake"):
        for listed in page.get("Contents", []):
            found += s3.get_object(Bucket="lake", Key=listed["Key"])["Body"].read().split()
    return [int(number) for number in found]


@pytest.mark.e2e
def test_no_acknowledged_record_is_lost_to_sigkill(tmp_path):
    chance = random.Random(7)
    acknowledged: set[int] = set()
    for cycle in range(3):
        with started(tmp_path) as gateway:
            if cycle == 0:
                prepare(gateway)
            load = Load(gateway, first=cycle * 10_000_000)
            load.start()
            time.sleep(chance.uniform(0.3, 1.5))
            os.kill(gateway.pid, signal.SIGKILL)
            load.join()
            acknowledged.update(load.acknowledged)
    with started(tmp_path) as gateway:
        gateway.act("flush", stream="s")
        landed = delivered(gateway)
    assert len(acknowledged) > 1000
    assert acknowledged - set(landed) == set()
    assert list((tmp_path / "journals").rglob("*.wal")) == []
