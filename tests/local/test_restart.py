"""A gateway that was killed is, once started again, what it was: for those who use it all the while, too."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from botocore.exceptions import ClientError

from tests.conftest import ROOT, started

TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"},
    ]
}
LISTS = {"Statement": [{"Effect": "Allow", "Action": "firehose:ListDeliveryStreams", "Resource": "*"}]}
SAVED_SECONDS = 1.5


def make_role(gateway):
    iam = gateway.client("iam")
    role = iam.create_role(RoleName="producer", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="producer", PolicyName="list", PolicyDocument=json.dumps(LISTS))
    return role


def up(state, *options):
    command = [sys.executable, "-m", "local", "up", "--port", "0", "--state", str(state), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)


def test_sessions_policies_and_values_outlive_a_kill(tmp_path):
    with started(tmp_path) as gateway:
        role = make_role(gateway)
        task, person = gateway.assume(role, "ecs-tasks.amazonaws.com"), gateway.assume(role)
        secrets = gateway.client("secretsmanager")
        secrets.create_secret(Name="key", SecretString="first")
        time.sleep(SAVED_SECONDS)
        secrets.put_secret_value(SecretId="key", SecretString="second")
        time.sleep(SAVED_SECONDS)
        os.kill(gateway.pid, signal.SIGKILL)
    with started(tmp_path) as again:
        for each in (task, person):
            assert again.client("firehose", **each).list_delivery_streams()["DeliveryStreamNames"] == []
            with pytest.raises(ClientError, match="not authorized to perform"):
                again.client("firehose", **each).describe_delivery_stream(DeliveryStreamName="x")
        assert again.client("sts", **person).get_caller_identity()["Arn"].endswith("assumed-role/producer/tests")
        assert again.client("secretsmanager").get_secret_value(SecretId="key")["SecretString"] == "second"
        done = up(tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "another gateway has its state in" in done.stderr
    done = up(tmp_path, "--region", "sa-east-1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: the state in {tmp_path} is of the region us-east-1: start with --region us-east-1,"
        " or choose another folder with --state\n"
    )


def test_what_happens_last_before_an_orderly_end_is_kept(tmp_path):
    with started(tmp_path) as gateway:
        gateway.client("glue").create_database(DatabaseInput={"Name": "last"})
    with started(tmp_path) as gateway:
        assert gateway.client("glue").get_database(Name="last")["Database"]["Name"] == "last"
