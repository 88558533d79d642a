"""dbt with the Athena adapter, on the project in `dbt_project/`: a view, a table and an incremental one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from probe import BUCKET, DATABASE, SCRATCH, WORK_GROUP, main, operation  # type: ignore[import-not-found]  # the file beside this script

PROJECT = SCRATCH / "dbt_project"
shutil.copytree(Path(__file__).resolve().parent.parent / "dbt_project", PROJECT, dirs_exist_ok=True)
ENVIRONMENT = {
    **os.environ,
    "DBT_PROFILES_DIR": str(PROJECT),
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_STAGING": f"s3://{BUCKET}/athena-results/",
    "DBT_DATA": f"s3://{BUCKET}/dbt/",
    "DBT_WORK_GROUP": WORK_GROUP,
    "DBT_SOURCE": DATABASE,
}


def dbt(*arguments):
    command = [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, " | ".join(done.stdout.splitlines()[-12:])
    return done.stdout


@operation("dbt debug")
def _():
    assert "All checks passed!" in dbt("debug")


@operation("dbt seed")
def _():
    dbt("seed")


@operation("dbt run: a view, a table, an incremental one")
def _():
    assert "PASS=3" in dbt("run", "--vars", "{round: first}")


@operation("dbt test: nulls, uniqueness, relations, known counts")
def _():
    dbt("test", "--vars", "{rounds: 1}")


@operation("dbt run again: insert_overwrite replaces one partition and keeps the others")
def _():
    assert "PASS=3" in dbt("run", "--vars", "{round: second}")
    dbt("test", "--vars", "{rounds: 2}")


@operation("dbt run --full-refresh")
def _():
    assert "PASS=3" in dbt("run", "--full-refresh", "--vars", "{round: third}")
    dbt("test", "--vars", "{rounds: 1}")


@operation("dbt docs generate")
def _():
    dbt("docs", "generate")
    assert "signups_per_state" in (PROJECT / "target" / "catalog.json").read_text()


main()
