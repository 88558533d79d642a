"""What a sign-up looks like on its way in, and how to ask for it at the other end."""

import json
import time
import uuid

import pytest

GOOD_CPF = "529.982.247-25"
"""Valid check digits; the example of countless public tutorials, nobody's."""


def signup(**changes):
    """Return a document that a producer may send; each has an id of its own."""
    document = {
        "signup_id": "0190c3e2-" + str(uuid.uuid4())[9:14] + "7" + str(uuid.uuid4())[15:],
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "name": "Ana Conceição",
        "email": "ana.conceicao.1@example.com",
        "phone": "(11) 91234-5678",
        "birth_date": "1990-02-28",
        "job": "Engenheira",
        "address": {
            "street": "Rua das Flores", "number": "12", "district": "Centro",
            "city": "São Paulo", "state": "SP", "postal_code": "01001-000",
        },
        "cpf": GOOD_CPF,
        "producer_id": "e2e",
        "sequence": 1,
    }  # fmt: skip
    return {**document, **changes}


def line(document):
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()


class Pipeline:
    """The deployed stack, as its users reach it."""

    def __init__(self, stack):
        self.gateway = stack.gateway
        self.outputs = stack.outputs
        self.stream = stack.outputs["DeliveryStreamName"]
        self.bucket = stack.outputs["LakeBucketName"]
        self.operator = self.gateway.assume(stack.outputs["OperatorRoleArn"])

    def put(self, *records):
        answer = self.gateway.client("firehose").put_record_batch(
            DeliveryStreamName=self.stream, Records=[{"Data": each} for each in records]
        )
        assert answer["FailedPutCount"] == 0
        self.gateway.act("flush")

    def query(self, sql):
        """Return the rows of a statement, without the header, as Athena gives them."""
        athena = self.gateway.client("athena")
        execution = athena.start_query_execution(
            QueryString=sql,
            WorkGroup=self.outputs["WorkGroupName"],
            QueryExecutionContext={"Database": self.outputs["DatabaseName"]},
        )["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            if status["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
                break
            time.sleep(0.05)
        assert status["State"] == "SUCCEEDED", status
        rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
        cells = [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]
        return cells[1:] if sql.lstrip().upper().startswith(("SELECT", "WITH")) else cells

    def objects(self, prefix=""):
        """Return {key: body} of the bucket; what is in errors/ nobody may read but the operator."""
        s3, operator = self.gateway.client("s3"), self.gateway.client("s3", **self.operator)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        readers = {key: operator if key.startswith("errors/") else s3 for key in keys}
        return {key: reader.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key, reader in readers.items()}


@pytest.fixture(scope="session")
def pipeline(stack):
    return Pipeline(stack)
