"""The sign-ups that every client is asked about: put through the stream, so that what is read back was delivered."""

import json
import time
import urllib.request

from tests.e2e.conftest import line, signup

PRODUCER = "clients"
PEOPLE = (
    ("Ana Conceição", "SP", "Engenheira"),
    ('Bruno "Beto" D\'Ávila, Jr.', "RJ", "Médico"),
    ("Caio\nde Sá", "SP", "Professor"),
    ("Davi Zoé", "AM", "Professor"),
    ("Eva Lima", "BA", None),
)
"""Name, state, job: quotes, commas, a line's end, a null, letters beyond ASCII."""
CREATED_AT = "2026-02-28T23:59:59.{:03d}Z"


def documents():
    address = signup()["address"]
    for sequence, (name, state, job) in enumerate(PEOPLE, 1):
        yield signup(
            producer_id=PRODUCER, sequence=sequence, name=name, job=job, created_at=CREATED_AT.format(sequence),
            address={**address, "state": state},
        )  # fmt: skip


def put(endpoint, firehose, stream):
    """Put the sign-ups once and have them delivered."""
    records = [{"Data": line(each)} for each in documents()]
    answer = firehose.put_record_batch(DeliveryStreamName=stream, Records=records)
    assert answer["FailedPutCount"] == 0, answer
    flush = urllib.request.Request(  # noqa: S310 - the gateway's own address
        f"{endpoint}/_local/flush", json.dumps({}).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(flush, timeout=120).close()  # noqa: S310 - the same


def wait(athena, execution, seconds=60):
    """Return an execution's final status."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
            return status
        time.sleep(0.05)
    raise AssertionError(f"execution {execution} has not ended within {seconds} s")
