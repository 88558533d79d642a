"""Many values, one delivery: every conversion case of a SerDe is a record of the same stream."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from tests.conformance.lab import Lab, documents, raw


@dataclass(frozen=True)
class Trial:
    """One record: the type of its column and what is in it, or the whole of its bytes."""

    serde: str
    """A key of SERDES."""
    kind: str
    json_text: str
    """The column's value as JSON; `""` leaves the key out."""
    whole: bytes | None = None
    """Instead of a document: these bytes."""


SERDES: dict[str, dict[str, Any]] = {
    "openx": {"OpenXJsonSerDe": {}},
    "openx, case kept": {"OpenXJsonSerDe": {"CaseInsensitive": False}},
    "openx, mapped": {
        "OpenXJsonSerDe": {
            "ColumnToJsonKeyMappings": {"c0": "renamed", "c1": "other"},
            "ConvertDotsInJsonKeysToUnderscores": True,
        }
    },
    "hive": {"HiveJsonSerDe": {}},
}
_TRIALS: list[Trial] = []

Outcome = tuple[list[Any], dict[str, Any] | None]
"""The values of the rows that a record became, and its error document."""


def trial(serde: str, kind: str, json_text: str, whole: bytes | None = None) -> Callable[[Lab], Outcome]:
    """Register a record; what is returned gives its outcome."""
    number = sum(each.serde == serde for each in _TRIALS)
    _TRIALS.append(Trial(serde, kind, json_text, whole))

    def outcome(lab: Lab) -> Outcome:
        key = ("conversions", serde)
        if key not in lab.remembered:
            lab.remembered[key] = _deliver(lab, serde, [each for each in _TRIALS if each.serde == serde])
        return lab.remembered[key][number]  # type: ignore[no-any-return]

    return outcome


def create(lab: Lab, table: str, deserializer: dict[str, Any], **config: Any) -> str:
    conversion = {
        "SchemaConfiguration": {"RoleARN": lab.role, "DatabaseName": lab.database, "TableName": table},
        "InputFormatConfiguration": {"Deserializer": deserializer},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
    }
    errors = "errors/!{firehose:error-output-type}/"
    return lab.create(
        **{"Prefix": "rows/", "ErrorOutputPrefix": errors, "DataFormatConversionConfiguration": conversion, **config}
    )


def _deliver(lab: Lab, serde: str, trials: Sequence[Trial]) -> list[Outcome]:
    columns = {f"c{number}": each.kind for number, each in enumerate(trials)}
    table = lab.table(f"trials_{list(SERDES).index(serde)}", {"n": "int", **columns})
    name = create(lab, table, SERDES[serde])
    records = [_record(number, each) for number, each in enumerate(trials)]
    landed = lab.delivered(name, *records)
    outcomes: list[Outcome] = [([], None) for _ in trials]
    for each in landed:
        if each.key.startswith("rows"):
            for row in pq.read_table(io.BytesIO(each.body)).to_pylist():
                outcomes[row["n"]][0].append(row[f"c{row['n']}"])
    for document in documents([each for each in landed if not each.key.startswith("rows")]):
        number = records.index(raw(document))
        outcomes[number] = ([], document)
    return outcomes


def _record(number: int, tried: Trial) -> bytes:
    if tried.whole is not None:
        return tried.whole.replace(b"$N", str(number).encode())
    value = f', "c{number}": {tried.json_text}' if tried.json_text else ""
    text = f'{{"n": {number}{value}}}'
    json.loads(text)
    return text.encode()
