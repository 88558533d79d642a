"""Result files as Athena leaves them, and how they are read back, a page at a time.

Shapes as Athena was seen to answer (aoyagikouhei/athena-local, 2026-09-14 to 2026-09-23); the metadata file's fields
as burtcorp/athena-jdbc reads them.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from local.athena.types import ZONED, Type
from local.errors import AwsError

Row = list[str | None]
_PRECISION = {
    "boolean": 0, "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "real": 17, "double": 17,
    "timestamp": 3, "timestamp with time zone": 3, "time": 3, "varbinary": 1073741824,
}  # fmt: skip
_UNBOUNDED = 2147483647


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """Return one ColumnInfo."""
    label = "timestamp with time zone" if kind == ZONED else kind.name
    precision = _PRECISION.get(label, 0)
    scale = 0
    if kind.name == "decimal":
        precision, scale = kind.sizes
    elif kind.name in ("varchar", "char"):
        precision = kind.sizes[0] if kind.sizes else _UNBOUNDED
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name,
        "Type": "float" if label == "real" else label, "Precision": precision, "Scale": scale,
        "Nullable": "UNKNOWN", "CaseSensitive": kind.name in ("varchar", "char"),
    }  # fmt: skip


def text_column(name: str) -> dict[str, Any]:
    """Return the ColumnInfo of what SHOW and DESCRIBE answer."""
    return {**column_info(name, Type("string")), "Precision": 0}


# --- reading


def rows(path: Path, *, quoted: bool, offset: int, most: int) -> tuple[list[Row], int | None]:
    """Return up to `most` rows from a byte offset, and the offset after them (None at the end)."""
    found: list[Row] = []
    with path.open("rb") as file:
        file.seek(offset)
        records = _csv_records(file) if quoted else _lines(file)
        for record, size in records:
            found.append(record)
            offset += size
            if len(found) == most:
                return found, offset
    return found, None


def _lines(file: Any) -> Iterator[tuple[Row, int]]:
    for line in file:
        yield [line.rstrip(b"\n").decode()], len(line)


def _csv_records(file: Any) -> Iterator[tuple[Row, int]]:
    record = b""
    for line in file:
        record += line
        if record.count(b'"') % 2 == 0:
            yield _values(record.decode().removesuffix("\n")), len(record)
            record = b""


def _values(record: str) -> Row:
    """Split a record in which every value is quoted and a null is nothing at all."""
    values: Row = []
    position = 0
    while position <= len(record):
        if record[position : position + 1] == '"':
            end = position + 1
            while record[end : end + 2] == '""' or record[end : end + 1] != '"':
                end += 2 if record[end : end + 2] == '""' else 1
            values.append(record[position + 1 : end].replace('""', '"'))
            position = end + 2
        else:
            end = record.find(",", position)
            values.append(None)
            position = len(record) + 1 if end < 0 else end + 1
    return values


def datum_row(row: Row) -> dict[str, Any]:
    return {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}


def token(query_id: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{query_id}:{offset}".encode()).decode()


def offset_of(text: str, query_id: str) -> int:
    """Return what `token` made a token of; raises AwsError for any other text."""
    try:
        owner, _, offset = base64.urlsafe_b64decode(text.encode()).decode().partition(":")
        position = int(offset)
    except (ValueError, binascii.Error):
        owner, position = "", 0
    if owner != query_id:
        raise invalid("nextToken is malformed or belongs to another query")
    return position


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    """Return Athena's refusal of a request."""
    return AwsError("InvalidRequestException", message, AthenaErrorCode=code, ErrorCode=code)


# --- the metadata file

_SIZED = frozenset({"tinyint", "smallint", "integer", "bigint", "double", "float", "decimal", "varchar", "char",
                    "varbinary", "timestamp", "time", "timestamp with time zone"})  # fmt: skip
_NULLABLE_UNKNOWN = 3


def metadata(query_id: str, columns: Sequence[dict[str, Any]], update: tuple[str, int] | None = None) -> bytes:
    """Return `<id>.csv.metadata`: a protocol buffer of the query's id, what it changed, and its columns."""
    parts = [_text(1, query_id)]
    if update is not None:
        parts += [_text(2, update[0]), _number(3, update[1])]
    return b"".join([*parts, *(_bytes(4, _column(column)) for column in columns)])


def _column(column: dict[str, Any]) -> bytes:
    kind = column["Type"]
    parts = [_text(1, "hive"), _text(4, column["Name"]), _text(5, column["Label"]), _text(6, kind)]
    if kind in _SIZED:
        parts.append(_number(7, column["Precision"]))
    if kind in _SIZED or kind == "date":
        parts.append(_number(8, column["Scale"]))
    parts.append(_number(9, _NULLABLE_UNKNOWN))
    if kind in _SIZED or kind in ("date", "boolean") or kind.startswith("interval"):
        parts.append(_number(10, int(column["CaseSensitive"])))
    return b"".join(parts)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:  # noqa: PLR2004 - seven bits a byte
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
