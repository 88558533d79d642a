"""A lake on the real gateway: 30 hours of sign-ups, projected; a table with registered partitions; a workgroup."""

import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
COLUMNS = [
    {"Name": "id", "Type": "bigint"},
    {"Name": "name", "Type": "string"},
    {"Name": "created_at", "Type": "timestamp"},
    {"Name": "address", "Type": "struct<city:string,state:string>"},
    {"Name": "later", "Type": "string"},
]
NEWEST = datetime(2026, 11, 23, 19, tzinfo=UTC)
HOURS = 30
ROWS_AN_HOUR = 10


def stored(location, **more):
    formats = {
        "InputFormat": f"{PARQUET}.MapredParquetInputFormat",
        "OutputFormat": f"{PARQUET}.MapredParquetOutputFormat",
    }
    serde = {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"}
    return {"Columns": COLUMNS, "Location": location, "SerdeInfo": serde, **formats, **more}


@dataclass
class Lake:
    """The gateway's Athena, asked in one call."""

    gateway: Any

    def __post_init__(self):
        self.athena = self.gateway.client("athena")
        self.s3 = self.gateway.client("s3")
        self.glue = self.gateway.client("glue")

    def start(self, sql, **options):
        options.setdefault("QueryExecutionContext", {"Database": "lake"})
        return self.athena.start_query_execution(
            QueryString=sql, WorkGroup=options.pop("WorkGroup", "tests"), **options
        )["QueryExecutionId"]

    def finish(self, identifier):
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
            if execution["Status"]["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
                return execution
            time.sleep(0.01)

    def run(self, sql, **options):
        return self.finish(self.start(sql, **options))

    def rows(self, sql, **options):
        """Return the rows of a statement that must succeed, the header of a query left out."""
        execution = self.run(sql, **options)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution["QueryExecutionId"])
        found = [
            [datum.get("VarCharValue") for datum in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]
        return found[1:] if execution["StatementType"] == "DML" else found

    def refusal(self, sql, **options):
        execution = self.run(sql, **options)
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return execution["Status"]["StateChangeReason"]


@pytest.fixture(scope="session")
def lake(gateway) -> Lake:
    made = Lake(gateway)
    for bucket in ("lake", "results"):
        made.s3.create_bucket(Bucket=bucket)
    made.athena.create_work_group(
        Name="tests",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://results/athena/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    made.glue.create_database(DatabaseInput={"Name": "lake"})
    projection = {
        "EXTERNAL": "TRUE", "classification": "parquet", "projection.enabled": "true", "projection.dt.type": "date",
        "projection.dt.format": "yyyy-MM-dd-HH", "projection.dt.range": "2026-11-01-00,2026-11-23-19",
        "projection.dt.interval": "1", "projection.dt.interval.unit": "HOURS",
        "storage.location.template": "s3://lake/signups/at/${dt}/",
    }  # fmt: skip
    keys = [{"Name": "dt", "Type": "string"}]
    for name, parameters, location in (
        ("signups", projection, "s3://lake/signups/"),
        ("registered", {"EXTERNAL": "TRUE", "classification": "parquet"}, "s3://lake/registered/"),
    ):
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": keys,
            "Parameters": parameters,
            "StorageDescriptor": stored(location),
        }
        made.glue.create_table(DatabaseName="lake", TableInput=table)
    for hour in range(HOURS):
        moment = NEWEST - timedelta(hours=hour)
        made.s3.put_object(Bucket="lake", Key=f"signups/at/{moment:%Y-%m-%d-%H}/part", Body=parquet(hour, moment))
    made.s3.put_object(Bucket="lake", Key="signups/at/2026-11-23-19/_hidden", Body=b"not data")
    made.s3.put_object(Bucket="lake", Key="registered/dt=2026-11-23-18/part", Body=parquet(1, NEWEST))
    return made


def parquet(hour, moment) -> bytes:
    """Return ten rows; every other file as Firehose writes them (INT96), with the last column missing in all."""
    rows = [
        {"id": hour * ROWS_AN_HOUR + index, "name": f"n{index}",
         "created_at": moment.replace(tzinfo=None) + timedelta(minutes=index),
         "address": {"city": "São Paulo", "state": "SP" if index % 2 else "RJ"}}
        for index in range(ROWS_AN_HOUR)
    ]  # fmt: skip
    body = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist(rows),
        body,
        use_deprecated_int96_timestamps=bool(hour % 2),
        coerce_timestamps=None if hour % 2 else "ms",
    )
    return body.getvalue()
