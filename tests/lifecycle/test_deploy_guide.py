"""What DEPLOY.md tells people to type works, and prints what it says; on the local AWS, where there are no bills."""

import os
import re
import subprocess
import sys

import pytest

from functions.mask_cpf.metrics import METRICS
from local import cost
from local.prices import PRICES
from producer.assembly import _accounts
from producer.signups import Block, Maker, Source
from tests.conftest import ROOT, started
from tests.lifecycle.stacks import Account
from tests.template.stack import TEMPLATE, load

GUIDE = (ROOT / "DEPLOY.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
MARK = "-- next --"


def steps(block):
    """Return (command, what it prints) of each line that begins with `$`."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [tuple(part.rstrip("\n").partition("\n")[::2]) for part in parts]


def matches(expected, printed):
    """Compare, `…` standing for anything; how columns are aligned does not matter."""
    pattern = ".*".join(re.escape(part) for part in re.sub(r"[ \t]+", " ", expected).split("…"))
    return re.fullmatch(pattern, re.sub(r"[ \t]+", " ", printed), re.DOTALL)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Return what runs commands in one shell each, as after `eval "$(python -m local env)"`, on a fresh stack."""
    with started(tmp_path_factory.mktemp("guide aws")) as gateway:
        Account(gateway).deploy(BufferIntervalSeconds=1)
        journals = tmp_path_factory.mktemp("journals")
        # pip's own script for it cannot be run from a folder with a space in its path
        aws = tmp_path_factory.mktemp("bin") / "aws"
        aws.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awscli "$@"\n')
        aws.chmod(0o755)
        variables = gateway.environment | {
            "PATH": f"{aws.parent}:{ROOT}/.venv/bin:{os.environ['PATH']}",
            "PRODUCER_JOURNAL_DIRECTORY": str(journals),
            "SAM_CLI_TELEMETRY": "0",
            "AWS_PAGER": "",
        }

        def run(commands):
            script = f"\necho '{MARK}'\n".join(commands)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                capture_output=True, text=True, timeout=180, cwd=ROOT, env=variables, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
            gateway.act("flush")
            return [each.strip("\n") for each in done.stdout.split(f"{MARK}\n")]

        yield run


def test_every_block_prints_what_the_guide_says(shell):
    for block in BLOCKS:
        commands, expected = zip(*steps(block), strict=True)
        for command, wanted, printed in zip(commands, expected, shell(commands), strict=True):
            assert matches(wanted, printed), f"$ {command}\n{printed}\n--- but the guide says\n{wanted}"


def test_the_costs_are_reckoned_for_a_sign_up_as_it_is():
    maker = Maker("0190c3e2-aaaa-7000-8000-000000000000", [Source(1, 7, 0, 0, 1)], _accounts)
    documents = maker.documents(Block(1_000_000, 500, 1_795_000_000_123))
    mean = sum(map(len, documents)) / len(documents) - 1  # without the newline
    assert pytest.approx(mean, rel=0.02) == cost.DOCUMENT_BYTES


def test_the_costs_of_alarms_are_reckoned_for_the_alarms_of_the_template():
    alarms = load(TEMPLATE.read_text(), {}).of_type("AWS::CloudWatch::Alarm").values()
    watched = [alarm["Properties"].get("Metrics", [{"MetricStat": {}}]) for alarm in alarms]
    metrics = sum("MetricStat" in each for metrics in watched for each in metrics)
    assert (len(alarms), metrics, len(METRICS)) == (cost.ALARMS, cost.ALARM_METRICS, cost.FIGURES)


def test_a_price_is_replaced_and_its_doubt_goes_with_it(capsys):
    assert cost.main(["--rate", "100", "--price", "conversion=0.036", "--price", "ingestion=0.058"]) == 0
    dearer = capsys.readouterr().out
    assert "| 100 | 1 | 72.68 | 45.11 | 0.23 | 0.22 | 1.88 | 120.12 |" in dearer
    assert "Not confirmed at AWS: metric 0.3, " in dearer
    assert cost.main(["--prices"]) == 0
    listed = capsys.readouterr().out
    assert all(f"| {name} | {each.usd:g} | " in listed and each.page in listed for name, each in PRICES.items())
    assert listed.count("NOT CONFIRMED") == sum(not each.confirmed for each in PRICES.values())


@pytest.mark.parametrize("wrong", ["gold=1", "put=-1", "put", "put=cheap"])
def test_a_price_that_is_none_is_refused_with_the_names_there_are(wrong, capsys):
    with pytest.raises(SystemExit):
        cost.main(["--price", wrong])
    assert f"'{wrong}' is no NAME=USD with a name of: ingestion, conversion, put" in capsys.readouterr().err
