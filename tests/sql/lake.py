"""Thirteen sign-ups of which every answer in `sql/` can be worked out by hand, at one known moment.

The hour is 2026-11-23 19:04:05.678 UTC. `p1` lost its third sign-up and sent its second twice, `p2` sent its second
twice, `p3` was at work already when the audit's seven days began. `s4` and `s6` hold a CPF where none may be.
"""

import io
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from local.clock import Clock

MOMENT = datetime(2026, 11, 23, 19, 4, 5, 678_000, tzinfo=UTC)
NOT_MASKED = "529.982.247-25"  # the example of a valid CPF in every textbook


class StoppedClock(Clock):
    """It is always `MOMENT`."""

    def now(self) -> float:
        return MOMENT.timestamp()


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def signup(
    identifier: str, producer: str | None, sequence: int | None, created: str | None, arrived: str, *, job: str,
    city: str, state: str, born: str | None, token: str | None, **different: Any,
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """Return the partition and the row; `arrived` decides on the partition."""
    address = {"street": "Rua A", "number": "1", "district": "Centro", "city": city, "state": state,
               "postal_code": "50000-000"}  # fmt: skip
    row = {
        "signup_id": identifier, "created_at": moment(created), "name": "Ana", "email": f"{identifier}@example.com",
        "phone": "(81) 98888-7777", "birth_date": born, "job": job, "address": address, "cpf": "***.456.789-**",
        "producer_id": producer, "sequence": sequence, "cpf_token": token, "arrived_at": moment(arrived),
    }  # fmt: skip
    address |= different.pop("address", {})
    return arrived[:13].replace(" ", "-"), row | different


COOK = {"job": "Cook", "city": "Recife", "state": "PE"}
COOK_IN_SP = {**COOK, "city": "Sao Paulo", "state": "SP"}
WELDER = {"job": "Welder", "city": "Natal", "state": "RN", "born": "2000-02-29"}
LATE = {**COOK_IN_SP, "born": "1962-05-05", "token": "t1"}
NURSE = {"job": "Nurse", "city": "Olinda", "state": "PE", "born": "2008-11-24", "token": "t2"}
NURSE_IN_SP = {**NURSE, "city": "Sao Paulo", "state": "SP", "born": "1950-01-01", "token": "t3"}
BROKEN: dict[str, Any] = {"address": {"postal_code": "5000"}, "email": "x", "phone": None, "cpf": "***.***.***-**"}
SIGNUPS = [
    signup("s1", "p1", 1, "2026-11-23 19:00:10", "2026-11-23 19:00:12", **COOK, born="1990-11-23", token="t1"),
    signup("s2", "p1", 2, "2026-11-23 19:00:50", "2026-11-23 19:00:52", **COOK, born="1990-11-24", token="t1"),
    signup("s2", "p1", 2, "2026-11-23 19:00:50", "2026-11-23 19:01:30", **COOK, born="1990-11-24", token="t1"),
    signup("s3", "p1", 4, "2026-11-23 18:58:00", "2026-11-23 18:58:01", **NURSE),
    signup("s4", "p2", 1, "2026-11-23 01:30:00", "2026-11-23 01:30:02", **NURSE_IN_SP, cpf=NOT_MASKED),
    signup("s5", "p2", 2, "2026-11-22 12:00:00", "2026-11-22 13:30:00", **LATE),
    signup("s5", "p2", 2, "2026-11-22 12:00:00", "2026-11-22 14:00:00", **LATE),
    signup("s6", "p2", 3, "2026-11-22 23:00:00", "2026-11-22 23:00:01", **WELDER, token=None,
           name=f"Ana {NOT_MASKED}", phone="0800"),
    signup("s7", None, None, None, "2026-11-23 02:00:00", **{**COOK, "state": "pe"}, born=None, token=None, **BROKEN),
    signup("s8", "p3", 50, "2026-11-16 19:20:00", "2026-11-16 19:20:01", **WELDER, token="t8"),
    signup("s9", "p3", 52, "2026-11-16 19:25:00", "2026-11-16 19:25:01", **WELDER, token="t9"),
    # Before every window.
    signup("s10", "p0", 1, "2026-11-10 00:00:00", "2026-11-10 00:00:01", **COOK, born="1990-01-01", token="t1"),
    signup("s11", "p3", 40, "2026-11-16 18:00:00", "2026-11-16 18:00:01", **WELDER, token="t1"),
]  # fmt: skip


def objects() -> dict[str, bytes]:
    """Return the key and the body of one Parquet object a partition, its timestamps as Firehose writes them."""
    bodies = {}
    for partition in {partition for partition, _ in SIGNUPS}:
        body = io.BytesIO()
        rows = pa.Table.from_pylist([row for where, row in SIGNUPS if where == partition], schema=_SCHEMA)
        pq.write_table(rows, body, use_deprecated_int96_timestamps=True)
        bodies[f"signups/dt={partition}/part"] = body.getvalue()
    return bodies


_TEXTS = ("street", "number", "district", "city", "state", "postal_code")
_SCHEMA = pa.schema([
    ("signup_id", pa.string()), ("created_at", pa.timestamp("ms")), ("name", pa.string()), ("email", pa.string()),
    ("phone", pa.string()), ("birth_date", pa.string()), ("job", pa.string()),
    ("address", pa.struct([(name, pa.string()) for name in _TEXTS])), ("cpf", pa.string()),
    ("producer_id", pa.string()), ("sequence", pa.int64()), ("cpf_token", pa.string()),
    ("arrived_at", pa.timestamp("ms")),
])  # fmt: skip
