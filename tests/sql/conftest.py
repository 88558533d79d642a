"""The tables of the template over the known sign-ups, asked through Athena's API by a service whose clock stands."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.athena.service import AthenaService
from local.clients import Clients
from local.wire import NOBODY, Call
from schemas import DeliveredSignup
from schemas.glue import columns as glue_columns
from tests.conftest import Gateway
from tests.sql.lake import StoppedClock, objects

ACCOUNT = "000000000000"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
TABLES = (("signups", "dt", "yyyy-MM-dd-HH", "HOURS"), ("signups_daily", "day", "yyyy-MM-dd", "DAYS"))


@dataclass(frozen=True)
class Answer:
    """What Athena answered: `name type` of each column, and the rows as text."""

    columns: list[str]
    rows: list[list[str | None]]


Ask = Callable[[str], Answer]


@pytest.fixture(scope="session")
def ask(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Return a function that runs a statement, which must succeed."""
    _lay_out(gateway)
    folder = gateway.state / "objects" / ACCOUNT
    clients = Clients(gateway.endpoint, "us-east-1", ACCOUNT, roles=None)  # type: ignore[arg-type]  # none is assumed
    with asyncio.Runner() as runner:
        service = AthenaService(
            clients=clients, clock=StoppedClock(), state=tmp_path_factory.mktemp("athena"),
            object_path=lambda bucket, key: folder / bucket / key,
        )  # fmt: skip
        runner.run(service.start())
        yield lambda sql: runner.run(_answer(service, sql))
        runner.run(service.stop())


def _lay_out(gateway: Gateway) -> None:
    s3, glue = gateway.client("s3"), gateway.client("glue")
    for bucket in ("known-lake", "known-results"):
        s3.create_bucket(Bucket=bucket)
    glue.create_database(DatabaseInput={"Name": "known"})
    for name, key, format_, unit in TABLES:
        serde = {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"}
        storage = {"Columns": glue_columns(DeliveredSignup), "Location": f"s3://known-lake/{name}/", "SerdeInfo": serde,
                   "InputFormat": f"{PARQUET}.MapredParquetInputFormat",
                   "OutputFormat": f"{PARQUET}.MapredParquetOutputFormat"}  # fmt: skip
        projection = {
            "EXTERNAL": "TRUE", "projection.enabled": "true", f"projection.{key}.type": "date",
            f"projection.{key}.format": format_, f"projection.{key}.interval": "1",
            f"projection.{key}.interval.unit": unit, f"projection.{key}.range": "NOW-90DAYS,NOW",
            "storage.location.template": f"s3://known-lake/{name}/{key}=${{{key}}}/",
        }  # fmt: skip
        keys = [{"Name": key, "Type": "string"}]
        table = {"Name": name, "Parameters": projection, "PartitionKeys": keys, "StorageDescriptor": storage}
        glue.create_table(DatabaseName="known", TableInput=table)
    for key, body in objects().items():
        s3.put_object(Bucket="known-lake", Key=key, Body=body)


async def _answer(service: AthenaService, sql: str) -> Answer:
    async def call(operation: str, **members: Any) -> Any:
        return await service.call(Call("athena", operation, members, "us-east-1", NOBODY))

    identifier = (await call(
        "StartQueryExecution", QueryString=sql, QueryExecutionContext={"Database": "known"},
        ResultConfiguration={"OutputLocation": "s3://known-results/"},
    ))["QueryExecutionId"]  # fmt: skip
    while True:
        status = (await call("GetQueryExecution", QueryExecutionId=identifier))["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        await asyncio.sleep(0.005)
    assert status["State"] == "SUCCEEDED", status
    found = (await call("GetQueryResults", QueryExecutionId=identifier))["ResultSet"]
    columns = [f"{column['Name']} {column['Type']}" for column in found["ResultSetMetadata"]["ColumnInfo"]]
    return Answer(columns, [[datum.get("VarCharValue") for datum in row["Data"]] for row in found["Rows"]][1:])
