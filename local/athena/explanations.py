"""The engine's refusals in Trino's codes and words. Pure."""

import re

from sqlglot import exp

from local.athena.errors import QueryFailed
from local.athena.parser import position
from local.engine import EngineError


def explained(error: EngineError, tree: exp.Expr) -> QueryFailed:
    """Return the engine's refusal in Trino's code and words, with the place where it can be found."""
    message = str(error)
    if (match := _OWN.search(message)) and match[1] in _OWN_CODES:
        return QueryFailed(match[1], match[2])
    for pattern, code, form in _EXPLANATIONS:
        if match := re.search(pattern, message):
            name = match[1] if match.groups() else ""
            return QueryFailed(code, form.format(name), *_place(tree, name))
    text = message.split("\n\nLINE ", maxsplit=1)[0].partition(": ")[2] or message
    return QueryFailed(_KINDS.get(error.kind, "GENERIC_USER_ERROR"), text.strip().splitlines()[0])


_OWN = re.compile(r"\b([A-Z][A-Z_]{5,}): (.+?)(?:' to INT32)?$", re.MULTILINE)
"""What `_fail` of functions.sql says, by a cast to a number that cannot succeed."""

_OWN_CODES = frozenset({"INVALID_FUNCTION_ARGUMENT", "INVALID_CAST_ARGUMENT"})
_EXPLANATIONS = (
    (r'Referenced column "([^"]+)" not found', "COLUMN_NOT_FOUND", "Column '{}' cannot be resolved"),
    (r'Referenced table "([^"]+)" not found', "COLUMN_NOT_FOUND", "Column '{}' cannot be resolved"),
    (r'(?:Table|Column) "?([^"\s]+)"? does not have a column', "COLUMN_NOT_FOUND", "Column '{}' cannot be resolved"),
    (r'Ambiguous reference to column name "([^"]+)"', "AMBIGUOUS_NAME", "Column '{}' is ambiguous"),
    (r"Division by zero", "DIVISION_BY_ZERO", "Division by zero"),
    (r'column "([^"]+)" must appear in the GROUP BY', "EXPRESSION_NOT_AGGREGATE",
     "'{}' must be an aggregate expression or appear in GROUP BY clause"),
    (r'Macro "?_?(\w+)"?\(\) does not support the supplied arguments', "FUNCTION_NOT_FOUND",
     "Unexpected parameters for function {}"),
    (r"No function matches the given name and argument types '(\w+)", "FUNCTION_NOT_FOUND",
     "Unexpected parameters for function {}"),
    (r'Could not choose a best candidate function for the function call "([^"(]+)', "TYPE_MISMATCH",
     "Cannot apply operator or function: {}"),
    (r"Could not convert string '([^']*)' to", "INVALID_CAST_ARGUMENT", "Cannot cast '{}'"),
    (r"More than one row returned by a subquery", "SUBQUERY_MULTIPLE_ROWS",
     "Scalar sub-query has returned multiple rows"),
    (r"Malformed JSON", "INVALID_FUNCTION_ARGUMENT", "Cannot convert value to JSON"),
    (r"Overflow in", "NUMERIC_VALUE_OUT_OF_RANGE", "numeric overflow"),
    (r"out of range for the destination type", "INVALID_CAST_ARGUMENT", "Out of range for the type that was asked for"),
    (r"Unknown TimeZone '([^']*)'", "INVALID_FUNCTION_ARGUMENT", "'{}' is not a valid time zone"),
    (r'Could not parse string "([^"]*)" according to format', "INVALID_FUNCTION_ARGUMENT", 'Invalid format: "{}"'),
    (r"Out of Memory", "EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exceeded the memory limit of the engine"),
)  # fmt: skip
_KINDS = {
    "BinderException": "SYNTAX_ERROR",
    "CatalogException": "SYNTAX_ERROR",
    "ParserException": "SYNTAX_ERROR",
    "ConversionException": "INVALID_CAST_ARGUMENT",
    "OutOfMemoryException": "EXCEEDED_LOCAL_MEMORY_LIMIT",
    "IOException": "HIVE_CURSOR_ERROR",
    "InvalidInputException": "INVALID_FUNCTION_ARGUMENT",
}


def _place(tree: exp.Expr, name: str) -> tuple[int | None, int | None]:
    for node in tree.find_all(exp.Column, exp.Anonymous):
        if name and name.lower() in (node.name.lower(), node.text("table").lower()):
            return position(node)
    return None, None
