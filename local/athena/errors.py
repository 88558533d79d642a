"""What a query can be told, in Athena's words."""

from dataclasses import dataclass

from local.errors import LocalError

_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "SYNTAX_ERROR": 1006,
    "COLUMN_NOT_FOUND": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}
"""ErrorType by Trino's error name, as Athena was seen to answer (aoyagikouhei/athena-local, 2026-09-14)."""

USER = 2
"""ErrorCategory: https://docs.aws.amazon.com/athena/latest/APIReference/API_AthenaError.html"""


@dataclass
class QueryFailed(LocalError):
    """`code` is Trino's name of the error (`COLUMN_NOT_FOUND`), the place counts from 1."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}:{self.column}: " if self.line is not None else ""
        return f"{self.code}: {place}{self.message}" if self.code else self.message

    @property
    def type(self) -> int:
        return _TYPES.get(self.code, 1000)


class MalformedQuery(LocalError):
    """The text is not a statement: StartQueryExecution itself refuses it."""


def not_supported(what: str, line: int | None = None, column: int | None = None) -> QueryFailed:
    """Return the refusal of something that Athena has and this engine has not."""
    return QueryFailed("NOT_SUPPORTED", f"{what} is not supported by this engine", line, column)
