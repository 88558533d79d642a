"""The tables of the template over the known sign-ups, asked through Athena's API by a service whose clock stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from schemas import DeliveredSignup
from schemas.glue import columns as glue_columns
from tests.athena.standalone import Standalone, standalone
from tests.conftest import Gateway
from tests.sql.lake import StoppedClock, objects

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
    with standalone(gateway, tmp_path_factory.mktemp("athena"), StoppedClock()) as athena:
        yield lambda sql: _answer(athena, sql)


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


def _answer(athena: Standalone, sql: str) -> Answer:
    execution = athena.run(sql, "known", "s3://known-results/")
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    found = athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    columns = [f"{column['Name']} {column['Type']}" for column in found["ResultSetMetadata"]["ColumnInfo"]]
    return Answer(columns, [[datum.get("VarCharValue") for datum in row["Data"]] for row in found["Rows"]][1:])
