"""The function as Firehose calls it: events in, answers out, one line of metrics, and nothing that tells a CPF."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.mask_cpf import records, response
from functions.mask_cpf.handler import build
from functions.mask_cpf.metrics import METRICS
from functions.mask_cpf.tokens import Tokens
from tests.conftest import ROOT
from tests.functions.support import CPF, DIGITS, MASK, TOKEN, data, event, shows

EVENTS = sorted((Path(__file__).parent / "events").glob("*.json"))
KEY = json.dumps({"key_id": "k1", "key": "a key of the tests, long enough"})
NOW = 1_795_460_800.5


class Function:
    """The handler with a secret, a clock and a log of the test's own."""

    def __init__(self, secret: str | Exception = KEY) -> None:
        self.secret = secret
        self.log: list[str] = []
        environment = {"TOKEN_KEY_SECRET": "signups/token-key", "METRICS_NAMESPACE": "Signups/test"}
        self._handler = build(environment, fetch=self._fetch, now=lambda: NOW, write=self.log.append)

    def __call__(self, sent: dict[str, Any]) -> list[dict[str, str]]:
        answers: list[dict[str, str]] = self._handler(sent, None)["records"]
        return answers

    def metrics(self) -> dict[str, int]:
        """Return the counts that are not zero of the last invocation."""
        reported = json.loads(self.log[-1])
        return {name: reported[name] for name in METRICS if reported[name]}

    def _fetch(self, name: str) -> str:
        assert name == "signups/token-key"
        if isinstance(self.secret, Exception):
            raise self.secret
        return self.secret


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_every_record_is_answered_ok_in_order_and_without_a_raw_cpf(path):
    sent = json.loads(path.read_text())
    function = Function()
    answers = function(sent)
    assert [each["recordId"] for each in answers] == [each["recordId"] for each in sent["records"]]
    assert {each["result"] for each in answers} == {"Ok"}
    assert not any(shows(data(each), DIGITS) for each in answers)
    assert not shows("\n".join(function.log).encode(), DIGITS)


def test_good_records_are_masked_and_counted():
    function = Function()
    single, _, packed = function(json.loads((EVENTS[0].parent / "direct_put.json").read_text()))
    document = json.loads(data(single))
    assert (document["cpf"], document["cpf_token"], document["arrived_at"]) == (MASK, TOKEN, "2026-11-23T19:05:12.123Z")
    assert [json.loads(line)["sequence"] for line in data(packed).splitlines()] == [1, 2, 3]
    assert function.metrics() == {"Records": 3, "Documents": 5, "Masked": 5}


def test_malformed_records_are_told_apart_in_the_metrics():
    function = Function()
    answers = function(json.loads((EVENTS[0].parent / "malformed.json").read_text()))
    redacted = [b"redacted: " in data(each) for each in answers]
    assert redacted == [True, False, False, True, False, True, True, True, True, True]
    assert data(answers[4]) == b""
    assert function.metrics() == {
        "Records": 10,
        "Documents": 11,
        "Masked": 3,
        "Redacted": 7,
        "DocumentsWithoutCpf": 1,
        "MaskedElsewhere": 1,
    }


def test_the_metrics_are_one_line_of_the_embedded_metric_format():
    function = Function()
    function(event(f'{{"cpf":"{CPF}"}}'.encode()))
    (line,) = function.log
    metrics = json.loads(line)
    directive = metrics["_aws"]["CloudWatchMetrics"][0]
    assert metrics["_aws"]["Timestamp"] == 1_795_460_800_500
    assert (directive["Namespace"], directive["Dimensions"]) == ("Signups/test", [["DeliveryStreamName"]])
    assert metrics["DeliveryStreamName"] == "signups"
    for metric in directive["Metrics"]:
        assert isinstance(metrics[metric["Name"]], int)
        assert metric["Unit"] == "Count"
    assert {"Documents", "Masked", "Redacted", "MaskedElsewhere", "DocumentsWithoutCpf", "TokenKeyUnavailable"} <= {
        metric["Name"] for metric in directive["Metrics"]
    }


def test_without_the_key_records_are_still_masked_and_the_metric_says_so():
    function = Function(PermissionError(f"the key is {KEY}"))
    (answer,) = function(event(f'{{"cpf":"{CPF}"}}{{"cpf":"{CPF}"}}{{}}'.encode()))
    first = json.loads(data(answer).splitlines()[0])
    assert (first["cpf"], first["cpf_token"]) == (MASK, None)
    assert function.metrics()["TokenKeyUnavailable"] == 2
    warning = json.loads(function.log[0])
    assert warning == {"level": "WARN", "message": "the token key could not be had", "error": "PermissionError"}


def test_a_key_that_is_none_is_explained_but_not_repeated():
    function = Function(secret="short")
    function(event(b"{}"))
    assert json.loads(function.log[0])["reason"] == "the token key has 5 bytes: give it at least 16"


@pytest.mark.parametrize("broken", [{"data": "not base64!"}, {"data": 5}, {"data": "é"}])
def test_a_record_that_the_transform_fails_on_is_redacted_alone(broken):
    function = Function()
    sent = event(f'{{"cpf":"{CPF}"}}'.encode(), b"x")
    sent["records"][1] |= broken
    good, bad = function(sent)
    assert json.loads(data(good))["cpf"] == MASK
    assert bad["result"] == "Ok"
    assert data(bad).startswith(b"redacted: ")
    assert function.metrics()["InternalErrors"] == 1
    assert sent["records"][1]["recordId"] in json.loads(function.log[0])["message"]


def test_an_error_in_the_masking_itself_redacts_the_record_and_names_only_the_error(monkeypatch):
    def fail(record: bytes, *_: Any) -> bytes:
        raise RuntimeError(record.decode())

    monkeypatch.setattr(records, "mask_surgically", fail)
    function = Function()
    (answer,) = function(event(f'{{"cpf":"{CPF}"}}'.encode()))
    assert data(answer) == b'redacted: {"cpf":"***.***.***-**"}\n'
    assert json.loads(function.log[0])["error"] == "RuntimeError"
    assert not shows("\n".join(function.log).encode(), DIGITS)
    assert function.metrics() == {"Records": 1, "Documents": 1, "Redacted": 1, "InternalErrors": 1}


@pytest.mark.parametrize("sent", [{}, {"records": []}, {"records": None}])
def test_an_event_without_records_is_answered_with_none(sent):
    assert Function()(sent) == []


def test_a_record_without_data_is_empty():
    sent = event(b"")
    sent["records"][0]["data"] = None
    assert data(Function()(sent)[0]) == b""


def size(answers: list[dict[str, str]]) -> int:
    return len(json.dumps({"records": answers}))


def test_a_response_that_would_be_too_large_goes_without_additions_first():
    function = Function()
    small, packed = f'{{"cpf":"{CPF}"}}'.encode(), f'{{"cpf":"{CPF}"}}'.encode() * 80_000
    answers = function(event(small, packed))
    assert size(answers) <= response.LIMIT
    assert json.loads(data(answers[0]))["cpf_token"] == TOKEN
    assert data(answers[1]) == f'{{"cpf":"{MASK}"}}\n'.encode() * 80_000
    assert function.metrics() == {"Records": 2, "Documents": 80_001, "Masked": 80_001}


def test_if_even_that_is_too_large_the_largest_records_are_left_out_and_counted():
    function = Function()
    grows = b'{"cpf":1}' * 300_000
    answers = function(event(f'{{"cpf":"{CPF}"}}'.encode(), grows))
    assert size(answers) <= response.LIMIT
    assert json.loads(data(answers[0]))["cpf"] == MASK
    assert data(answers[1]).startswith(b"redacted: left out")
    assert answers[1]["result"] == "Ok"
    assert function.metrics()["Oversized"] == 1


ALONE = """
import json, sys
sys.path.insert(0, "functions")
from mask_cpf.handler import build, handler
heavy = {"boto3", "botocore", "pydantic", "typing", "dataclasses"} & set(sys.modules)
assert not heavy, heavy
build({"TOKEN_KEY_SECRET": "x"}, fetch=lambda _: "a key of the tests, long enough", now=lambda: 0.0, write=print)
for event in sys.argv[1:]:
    with open(event) as file:
        print(json.dumps(handler(json.load(file), None)))
"""


def test_the_function_needs_nothing_but_the_standard_library_and_prints_no_cpf():
    command = [sys.executable, "-I", "-S", "-B", "-c", ALONE, *map(str, EVENTS)]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    warning, *lines = done.stdout.splitlines()
    assert "TOKEN_KEY_SECRET is not set" in warning
    assert len(lines) == 2 * len(EVENTS)
    assert not shows(done.stdout.encode(), DIGITS)
    for encoded in re.findall(r'"data": "([^"]*)"', done.stdout):
        assert not shows(base64.b64decode(encoded), DIGITS)


def test_token_of_the_handler_is_that_of_the_secret():
    secret = json.loads(KEY)
    assert Tokens(secret["key"].encode(), secret["key_id"]).of(DIGITS.encode()).decode() == TOKEN
