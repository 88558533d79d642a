"""What the page sent again the command line does not, and the other way round, whoever is started anew between."""

import base64
import json
import uuid

import pytest

from local.console.access import Access
from local.console.backlog import Backlog
from local.errors import UsageError
from local.redrive.ledger import Ledger, path_of
from local.target import Target
from tests.console.conftest import Console, deployed


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    """Return a console whose error objects are this file's alone."""
    with deployed(tmp_path_factory.mktemp("backlog")) as (gateway, outputs):
        yield Console(f"{gateway.endpoint}/_console/", gateway, outputs)


def page(console, *, read_only=False):
    """Return what a page that was just started has of the error objects."""
    return Backlog(Access(Target(console.gateway.endpoint, "us-east-1"), None, console.gateway.state, read_only))


def redrive(console, *options):
    """Run the command; return its last line."""
    done = console.gateway.local("redrive", "--stream", "signups", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def accepted(console):
    return console.gateway.act("streams").get("signups", {"accepted": {"records": 0}})["accepted"]["records"]


@pytest.fixture
def error_object(console):
    """Leave three failed records behind, as Firehose does; return their key."""
    records = [json.dumps({"signup_id": str(uuid.uuid4()), "cpf": "123.456.789-09"}).encode() for _ in range(3)]
    documents = [
        {"rawData": base64.b64encode(each).decode(), "errorCode": "Lambda.FunctionError", "attemptsMade": 4}
        for each in records
    ]
    key = f"errors/processing-failed/dt=2026-11-24-01/signups-1-2026-11-24-01-00-00-{uuid.uuid4()}"
    s3, bucket = console.gateway.client("s3"), console.outputs["LakeBucketName"]
    s3.put_object(Bucket=bucket, Key=key, Body="\n".join(map(json.dumps, documents)).encode())
    yield key
    s3.delete_object(Bucket=bucket, Key=key)


def test_what_the_page_sent_the_command_does_not_send(console, error_object):
    before = accepted(console)
    first, *rest = page(console).open([error_object]).failures
    assert page(console).send([first.document]).sent == 1

    assert ": 2 sent, 1 sent by an earlier run" in redrive(console)
    assert ": 0 sent, 3 sent by an earlier run" in redrive(console)
    assert page(console).send([each.document for each in rest]).sent == 0
    assert accepted(console) == before + 3


def test_what_the_command_sent_the_page_does_not_send(console, error_object):
    shown_before = page(console).open([error_object]).failures
    assert error_object in [each.key for each in page(console).waiting().objects]
    redrive(console)
    sent = accepted(console)

    assert [each.sent for each in page(console).open([error_object]).failures] == [True] * 3
    assert page(console).send([each.document for each in shown_before]).sent == 0
    assert page(console).send_all().sent == 0
    assert error_object not in [each.key for each in page(console).waiting().objects]
    assert page(console).waiting().healed >= 1
    assert accepted(console) == sent


def test_removing_takes_what_was_sent_and_leaves_what_was_not(console, error_object):
    first, second, third = page(console).open([error_object]).failures
    page(console).send([first.document, second.document])
    assert error_object in [each.key for each in page(console).waiting().objects]
    page(console).remove_sent()
    assert len(page(console).open([error_object]).failures) == 3

    page(console).send([third.document])
    assert page(console).remove_sent() >= 1
    assert page(console).open([error_object]).failures == []


def test_while_the_command_sends_the_page_waits_its_turn(console, error_object):
    (first, *_) = page(console).open([error_object]).failures
    with (
        Ledger(path_of(console.gateway.state, "signups"), read_only=False),
        pytest.raises(UsageError, match="another redrive is using the ledger"),
    ):
        page(console).send([first.document])


def test_a_page_that_is_read_only_sends_and_removes_nothing(console, error_object):
    (first, *_) = page(console, read_only=True).open([error_object]).failures
    for change in (lambda each: each.send([first.document]), Backlog.send_all, Backlog.remove_sent):
        with pytest.raises(UsageError, match="changes nothing on AWS"):
            change(page(console, read_only=True))
