"""Accounts as files.

JSON, NDJSON and Parquet carry the structured account: `registration_date` (ISO 8601, UTC with `Z`, milliseconds),
`name`, `email`, `phone`, `cpf`, `birth_date` (ISO 8601), `address` (`street`, `number`, `district`, `city`, `state`,
`postal_code`) and `job`. In Parquet the dates are a timestamp and a date. CSV has the same columns, the address in one
line. Text is UTF-8; lines end in a line feed.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from how_fake_accounts.account import Account
from how_fake_accounts.generator import AccountGenerator
from how_fake_accounts.listing import COLUMNS
from how_fake_accounts.optional import need

Writer = Callable[[BinaryIO, AccountGenerator, int], None]

_CHUNK = 100
"""How many records are written at once: few enough for the processor's cache."""
_ROW_GROUP = 100_000


def write_ndjson(file: BinaryIO, generator: AccountGenerator, count: int) -> None:
    file.writelines(("\n".join(records) + "\n").encode() for records in _chunks(generator.records(), count, _CHUNK))


def write_json(file: BinaryIO, generator: AccountGenerator, count: int) -> None:
    """Write one array, an account a line."""
    before = "[\n"
    for records in _chunks(generator.records(), count, _CHUNK):
        file.write((before + ",\n".join(records)).encode())
        before = ",\n"
    file.write(b"\n]\n" if count else b"[]\n")


def write_csv(file: BinaryIO, generator: AccountGenerator, count: int) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_csv_row, islice(generator.accounts(), count)))
    text.detach()


def write_parquet(file: BinaryIO, generator: AccountGenerator, count: int) -> None:
    """Write row groups of 100,000. Raises ImportError without pyarrow."""
    parquet = need("pyarrow.parquet", "how-fake-accounts[parquet]")
    arrow = need("pyarrow", "how-fake-accounts[parquet]")
    json = need("pyarrow.json", "how-fake-accounts[parquet]")
    schema = _schema(arrow.timestamp("ms", tz="UTC"), arrow.date32())
    # Arrow parses the lines ten times faster than it takes objects, but dates only as text, to be cast.
    as_text = json.ParseOptions(explicit_schema=_schema(arrow.string(), arrow.string()))
    with parquet.ParquetWriter(file, schema) as writer:
        for records in _chunks(generator.records(), count, _ROW_GROUP):
            table = json.read_json(io.BytesIO("\n".join(records).encode()), parse_options=as_text)
            writer.write_table(table.cast(schema))


WRITERS: dict[str, Writer] = {
    ".json": write_json,
    ".ndjson": write_ndjson,
    ".jsonl": write_ndjson,
    ".csv": write_csv,
    ".parquet": write_parquet,
}


def writer_for(path: Path) -> Writer:
    """Return the writer that the file's extension asks for; raises ValueError for one that there is none for."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"{str(path)!r} does not say its format: end it in {', '.join(WRITERS)}")
    return writer


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `path` once it is complete; until then the old one stays."""
    if path.exists() and not path.is_file():  # a device or a pipe
        with path.open("wb") as file:
            yield file
        return
    path = path.resolve()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _chunks(records: Iterator[str], count: int, length: int) -> Iterator[list[str]]:
    wanted = islice(records, count)
    while chunk := list(islice(wanted, length)):
        yield chunk


def _csv_row(account: Account) -> tuple[str, ...]:
    registered = account.registration_date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return (
        registered,
        account.name,
        account.email,
        account.phone,
        account.cpf,
        account.birth_date.isoformat(),
        account.address.one_line(),
        account.job,
    )


def _schema(instant: Any, day: Any) -> Any:
    arrow = need("pyarrow", "how-fake-accounts[parquet]")
    types = dict.fromkeys(COLUMNS, arrow.string())
    parts = ("street", "number", "district", "city", "state", "postal_code")
    types["address"] = arrow.struct([(part, arrow.string()) for part in parts])
    types["registration_date"] = instant
    types["birth_date"] = day
    return arrow.schema(list(types.items()))
