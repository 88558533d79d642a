"""Athena on one machine against DuckDB asked directly: `python -m benchmarks.athena [--rows 10000000]`.

Both read the same pruned Parquet files in one run, in turn; the hand-written SQL is what someone who knows DuckDB
would type. DuckDB is asked in two ways: `anew`, with a database opened for the question and the answer left in a CSV
file, which is what Athena does, and `kept`, in a connection that has answered the question before, into memory.
`engine` is what Athena's engine took, result file included; `whole` is from the call that starts a query to the one
that sees it ended. Aims: the engine at most 1.5 times DuckDB; the first row of a small query in under 300 ms; other
requests' p99 at most doubled.
"""

import argparse
import io
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from tests.conftest import Gateway, started

HOURS = 240
ROUNDS = 8
"""Of which the first warms."""
POLL_SECONDS = 0.02
"""Between two looks at a query: asking more often would take the processor that it needs."""
REQUESTS = 2000
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
TYPES = {
    "signup_id": "string", "created_at": "timestamp", "job": "string", "birth_date": "string",
    "address": "struct<city:string,state:string>", "cpf_token": "string", "arrived_at": "timestamp",
}  # fmt: skip
HEAVY = "SELECT count(*) FROM signups a JOIN signups b ON a.job = b.job WHERE a.signup_id < b.cpf_token"


T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    title: str
    athena: str
    duckdb: str
    """Over {files}."""
    hours: int = HOURS


QUESTIONS = (
    Question(
        title="per minute of the last hour",
        athena="""SELECT date_trunc('minute', created_at) AS minute, count(DISTINCT signup_id) AS signups
            FROM signups WHERE dt >= '{last}' GROUP BY 1 ORDER BY 1""",
        duckdb="""SELECT date_trunc('minute', created_at), count(DISTINCT signup_id)
            FROM {files} GROUP BY 1 ORDER BY 1""",
        hours=1,
    ),
    Question(
        title="per state and local day",
        athena="""SELECT date_format(created_at AT TIME ZONE 'America/Sao_Paulo', '%Y-%m-%d') AS day,
              address.state AS state, count(*) AS signups
            FROM signups GROUP BY 1, 2 ORDER BY 1 DESC, 3 DESC, 2""",
        duckdb="""SELECT strftime(timezone('America/Sao_Paulo', timezone('UTC', created_at)), '%Y-%m-%d'),
              address.state, count(*)
            FROM {files} GROUP BY 1, 2 ORDER BY 1 DESC, 3 DESC, 2""",
    ),
    Question(
        title="top cities",
        athena="""SELECT address.city AS city, count(*) AS signups FROM signups
            GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20""",
        duckdb="SELECT address.city, count(*) FROM {files} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20",
    ),
    Question(
        title="age pyramid by job",
        athena="""SELECT job, count_if(date_diff('year', CAST(birth_date AS date), DATE '2026-11-23') < 30) AS young,
              count(*) AS signups
            FROM signups GROUP BY job ORDER BY signups DESC LIMIT 20""",
        duckdb="""SELECT job, count_if(date_sub('year', CAST(birth_date AS date), DATE '2026-11-23') < 30),
              count(*) AS n
            FROM {files} GROUP BY job ORDER BY n DESC LIMIT 20""",
    ),
    Question(
        title="repeated people",
        athena="""SELECT cpf_token, count(DISTINCT signup_id) AS signups FROM signups
            GROUP BY 1 HAVING count(*) > 3 ORDER BY 2 DESC, 1 LIMIT 100""",
        duckdb="""SELECT cpf_token, count(DISTINCT signup_id) AS n FROM {files}
            GROUP BY 1 HAVING count(*) > 3 ORDER BY n DESC, 1 LIMIT 100""",
    ),
)


def timed(action: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    result = action()
    return time.perf_counter() - begun, result


class Bench:
    """A gateway with a lake of `rows` sign-ups in 240 hourly partitions."""

    def __init__(self, gateway: Gateway, rows: int, folder: Path) -> None:
        self.gateway = gateway
        self.folder = folder
        self.athena, self.s3, self.glue = (gateway.client(name) for name in ("athena", "s3", "glue"))
        self.newest = datetime(2026, 11, 23, 19, tzinfo=UTC)
        self.hours = [f"{self.newest - timedelta(hours=hour):%Y-%m-%d-%H}" for hour in range(HOURS)]
        self._fill(rows)

    def _fill(self, rows: int) -> None:
        for bucket in ("lake", "results"):
            self.s3.create_bucket(Bucket=bucket)
        self.glue.create_database(DatabaseInput={"Name": "lake"})
        projection = {
            "projection.enabled": "true", "projection.dt.type": "date", "projection.dt.format": "yyyy-MM-dd-HH",
            "projection.dt.range": f"{self.hours[-1]},{self.hours[0]}", "projection.dt.interval": "1",
            "projection.dt.interval.unit": "HOURS", "storage.location.template": "s3://lake/signups/dt=${dt}/",
        }  # fmt: skip
        columns = [{"Name": name, "Type": kind} for name, kind in TYPES.items()]
        serde = {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"}
        storage = {"Columns": columns, "Location": "s3://lake/signups/", "SerdeInfo": serde}
        keys = [{"Name": "dt", "Type": "string"}]
        table = {"Name": "signups", "Parameters": projection, "PartitionKeys": keys, "StorageDescriptor": storage}
        self.glue.create_table(DatabaseName="lake", TableInput=table)
        for hour, name in enumerate(self.hours):
            self.s3.put_object(Bucket="lake", Key=f"signups/dt={name}/part", Body=self._hour(hour, rows // HOURS))

    def _hour(self, hour: int, rows: int) -> bytes:
        begin = f"{self.newest - timedelta(hours=hour):%Y-%m-%d %H:%M:%S}"
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            duckdb.execute(
                f"""COPY (SELECT md5(({hour} * 1000000 + i)::VARCHAR) AS signup_id,
                  TIMESTAMP '{begin}' + to_milliseconds((i * 3600000 / {rows})::BIGINT) AS created_at,
                  'job ' || (i * 7919 % 640) AS job,
                  (DATE '1950-01-01' + (i * 104729 % 20000)::INTEGER)::VARCHAR AS birth_date,
                  {{'city': 'city ' || (i * 31 % 5570), 'state': 'S' || (i % 27)}} AS address,
                  md5((i * 13 % 1000003)::VARCHAR) AS cpf_token,
                  TIMESTAMP '{begin}' + to_milliseconds((i * 3600000 / {rows})::BIGINT + 900) AS arrived_at
                FROM range({rows}) AS t(i)) TO '{file.name}' (FORMAT parquet, COMPRESSION snappy)"""  # noqa: S608 - numbers
            )
            return Path(file.name).read_bytes()

    def files(self, hours: int) -> str:
        root = next((self.gateway.state / "objects").rglob("signups"))
        return "read_parquet([" + ", ".join(f"'{root}/dt={name}/part'" for name in self.hours[:hours]) + "])"

    def start(self, sql: str) -> str:
        return str(
            self.athena.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": "lake"},
                ResultConfiguration={"OutputLocation": "s3://results/"},
            )["QueryExecutionId"]
        )

    def ask(self, sql: str) -> tuple[float, dict[str, Any]]:
        """Run a query and return the seconds after which it was taken, and its execution once it has ended."""
        taken_in, identifier = timed(lambda: self.start(sql))
        while True:
            time.sleep(POLL_SECONDS)
            execution: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
            if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
                return taken_in, execution


def compare(bench: Bench) -> None:
    ratios = f" {'anew':>6} {'kept':>6}"
    print(f"{'':29}{'athena, ms':>16} {'duckdb, ms':>14} {'engine to':>13} {'whole to':>13}")
    print(f"{'query':29}{'whole':>8}{'engine':>8} {'anew':>7}{'kept':>7}{ratios}{ratios}  scanned")
    shares = [asked_in_turn(bench, question) for question in QUESTIONS]
    print(f"{QUESTIONS[0].title}: " + ", ".join(f"{share * 1000:.0f} ms {what}" for what, share in shares[0].items()))


def asked_in_turn(bench: Bench, question: Question) -> dict[str, float]:
    """Print a question's line, and return the seconds that its steps took on Athena."""
    athena_sql = question.athena.replace("{last}", bench.hours[0])
    duckdb_sql = question.duckdb.replace("{files}", bench.files(question.hours))
    seconds: dict[str, list[float]] = defaultdict(list)
    with duckdb.connect(config={"threads": 2}) as kept:
        for _ in range(ROUNDS):  # in turn, so that all meet the same weather
            took, (started_in, execution) = timed(lambda: bench.ask(athena_sql))
            cost = {name: value / 1000 for name, value in execution["Statistics"].items() if name.endswith("Millis")}
            planning, publishing = cost["QueryPlanningTimeInMillis"], cost["ServiceProcessingTimeInMillis"]
            seconds["whole"].append(took)
            seconds["to take the query"].append(started_in)
            seconds["to plan it (catalog, permissions, files, database)"].append(planning)
            seconds["in the engine"].append(cost["EngineExecutionTimeInMillis"] - planning)
            seconds["to put the result into S3"].append(publishing)
            seconds["until it is seen to have ended"].append(took - started_in - cost["TotalExecutionTimeInMillis"])
            seconds["anew"].append(timed(lambda: asked_anew(duckdb_sql, bench.folder))[0])
            seconds["kept"].append(timed(lambda: kept.execute(duckdb_sql).fetchall())[0])
    found = {name: statistics.median(each[1:]) for name, each in seconds.items()}
    whole, engine, anew, kept_open = (found.pop(name) for name in ("whole", "in the engine", "anew", "kept"))
    print(
        f"{question.title:29}{whole * 1000:8.0f}{engine * 1000:8.0f} {anew * 1000:7.0f}{kept_open * 1000:7.0f}"
        f" {engine / anew:6.2f} {engine / kept_open:6.2f} {whole / anew:6.2f} {whole / kept_open:6.2f}"
        f"  {execution['Statistics']['DataScannedInBytes'] / 1e6:.1f} MB"
    )
    return {**found, "in the engine": engine}


def asked_anew(sql: str, folder: Path) -> None:
    with duckdb.connect(config={"threads": 2}) as database:
        database.execute(f"COPY ({sql}) TO '{folder / 'answer.csv'}' (FORMAT csv, HEADER true)")


def first_row(bench: Bench) -> None:
    def once() -> None:
        _, execution = bench.ask(f"SELECT signup_id FROM signups WHERE dt = '{bench.hours[0]}' LIMIT 1")  # noqa: S608 - ours
        bench.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])

    measured = [timed(once)[0] for _ in range(ROUNDS)]
    print(f"start to first row: {statistics.median(measured[1:]) * 1000:.0f} ms")


def others_while_busy(bench: Bench) -> None:
    """Measure PutObject of 1 KB, idle and beside a query that never ends."""

    def p99() -> float:
        measured = []
        for _ in range(REQUESTS):
            begun = time.perf_counter()
            bench.s3.put_object(Bucket="results", Key="probe", Body=io.BytesIO(b"x" * 1024))
            measured.append(time.perf_counter() - begun)
        return sorted(measured)[int(len(measured) * 0.99)] * 1000

    idle = p99()
    heavy = bench.start(HEAVY)
    threading.Event().wait(1)
    busy = p99()
    bench.athena.stop_query_execution(QueryExecutionId=heavy)
    print(f"p99 of other requests: idle {idle:.1f} ms, beside a heavy query {busy:.1f} ms, ratio {busy / idle:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as gateway:
        begun = time.perf_counter()
        bench = Bench(gateway, rows, Path(folder))
        print(f"{rows:,} sign-ups in {HOURS} partitions, written in {time.perf_counter() - begun:.0f} s")
        compare(bench)
        first_row(bench)
        others_while_busy(bench)


if __name__ == "__main__":
    main()
