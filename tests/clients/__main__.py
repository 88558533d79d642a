"""`python -m tests.clients`: try real clients, unmodified, against a gateway started for it; print what works.

Each heavy client has an environment of its own, made once under `.state/clients` (the first time needs a network and
some minutes). The light ones are tried by pytest, as in `make test`. Exits 1 if something that should work does not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients import known
from tests.clients.environments import HERE, HOME, NotInstalled, python_of
from tests.clients.matrix import Row, show
from tests.conftest import Gateway, started

HEAVY = {"awswrangler": "awswrangler", "sqlalchemy": "SQLAlchemy", "dbt": "dbt", "pyspark": "PySpark"}
"""Environment and program, and the client's name."""
LIGHT = {"boto3": "boto3", "aws_cli": "AWS CLI", "pyathena": "pyathena", "pandas": "pandas", "duckdb": "DuckDB",
         "pyarrow": "pyarrow"}  # fmt: skip
"""How the names of test_light.py's tests begin, and the client's name."""
LONGEST_SECONDS = 900


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__.splitlines()[0])
    choices = ["light", *HEAVY]
    parser.add_argument("names", nargs="*", help=f"only these, of: {', '.join(choices)}")
    names = parser.parse_args().names or choices
    if unknown := set(names) - set(choices):
        parser.error(f"there is no client {', '.join(sorted(unknown))}; there are: {', '.join(choices)}")
    rows = _light() if "light" in names else []
    heavy = [name for name in names if name in HEAVY]
    if heavy:
        pythons = {name: _python(name) for name in heavy}
        with tempfile.TemporaryDirectory(prefix="local aws ") as folder, _lake(Path(folder)) as environment:
            for name in heavy:
                rows += _tried(name, pythons[name], environment, Path(folder))
    print()
    return 1 if show(rows) else 0


def _python(name: str) -> Path | str:
    try:
        return python_of(name)
    except NotInstalled as reason:
        return str(reason)


@contextmanager
def _lake(folder: Path) -> Iterator[dict[str, str]]:
    """Start a gateway with the stack and the known sign-ups; yield the programs' environment."""
    with started(folder / "state") as gateway:
        print("deploying the template", flush=True)
        done = gateway.local("deploy")
        if done.returncode != 0:
            sys.exit(done.stderr)
        stack = gateway.client("cloudformation").describe_stacks(StackName="signups")["Stacks"][0]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        known.put(gateway.endpoint, gateway.client("firehose"), outputs["DeliveryStreamName"])
        yield _environment(gateway, outputs, _copied(gateway, outputs["LakeBucketName"], folder / "signups"))


def _copied(gateway: Gateway, bucket: str, folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "awscli",
        "s3",
        "sync",
        "--only-show-errors",
        f"s3://{bucket}/signups",
        str(folder),
    ]
    subprocess.run(command, env=gateway.environment, check=True)
    return folder


def _environment(gateway: Gateway, outputs: dict[str, str], folder: Path) -> dict[str, str]:
    ours = ("PYTHONPATH", "VIRTUAL_ENV", "AWS_PROFILE", "AWS_SESSION_TOKEN")
    return {
        **{name: value for name, value in gateway.environment.items() if name not in ours},
        "LAKE_BUCKET": outputs["LakeBucketName"],
        "LAKE_DATABASE": outputs["DatabaseName"],
        "LAKE_WORK_GROUP": outputs["WorkGroupName"],
        "LAKE_FOLDER": str(folder),
        "PEOPLE": json.dumps(known.PEOPLE),
        "PRODUCER": known.PRODUCER,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _tried(name: str, python: Path | str, environment: dict[str, str], folder: Path) -> list[Row]:
    """Run one client's program and return its rows; one that ends early has a row for that."""
    client = HEAVY[name]
    if isinstance(python, str):
        return [Row(client, "install", python)]
    print(f"trying {client}", flush=True)
    report, log = folder / f"{name}.report", HOME / f"{name}.log"
    program = [str(python), str(HERE / "programs" / f"with_{name}.py")]
    with log.open("wb") as output:
        done = subprocess.run(
            program, env={**environment, "REPORT": str(report), "SCRATCH_FOLDER": str(folder)},
            stdout=output, stderr=subprocess.STDOUT, timeout=LONGEST_SECONDS, check=False, cwd=folder,
        )  # fmt: skip
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    rows = [Row(client, **json.loads(line)) for line in lines]
    if done.returncode != 0:
        rows.append(Row(client, "run its program", f"exit status {done.returncode}: see {os.path.relpath(log)}"))
    return rows


def _light() -> list[Row]:
    print("trying the light clients", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", str(HERE / "test_light.py"), f"--junitxml={report}"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd=HERE.parent.parent)
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - pytest wrote it just now
        return [_light_row(case) for case in cases]


def _light_row(case: ET.Element) -> Row:
    name = case.get("name", "").removeprefix("test_")
    start = next((each for each in LIGHT if name.startswith(each)), "")
    problem = case.find("failure") if case.find("failure") is not None else case.find("error")
    reason = "" if problem is None else problem.get("message", "failed").splitlines()[0]
    return Row(LIGHT.get(start, "others"), name.removeprefix(f"{start}_").replace("_", " "), reason)


if __name__ == "__main__":
    sys.exit(main())
