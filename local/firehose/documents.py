"""The JSON documents of a record: one or several, glued or on lines of their own.

`{"a":1}{"b":2}` is two documents; an array of documents at the top is not
(https://docs.aws.amazon.com/firehose/latest/dev/enable-record-format-conversion.html).
"""

import json
from typing import Any

import orjson

from local.errors import LocalError


class NotDocuments(LocalError):
    """What the record holds instead of documents; `code` and message as Firehose reports them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


PARSE_ERROR = "DataFormatConversion.ParseError"
MALFORMED = "DataFormatConversion.MalformedData"
EMPTY = "The record was empty or contained only whitespace."
PRIMITIVE = "The input JSON contained a primitive at the top level. The top level must be an object or array."
ARRAY = "Data does not match the schema. Data is not JSONObject  but org.openx.data.jsonserde.json.JSONArray"

_DECODER = json.JSONDecoder()
_BLANK = b" \t\r\n"


def split(data: bytes) -> list[dict[str, Any]]:
    """Return the documents of a record; raises NotDocuments."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return [_checked(each) for each in _several(data)]
    return [_checked(document)]


def slices(data: bytes) -> list[bytes]:
    """Return the JSON values that follow each other, as they are written; raises NotDocuments.

    An array at the top gives its elements (de-aggregation takes both).
    """
    text = _decoded(data).strip(_BLANK.decode())
    try:
        if isinstance(orjson.loads(text), list):
            return [each.encode() for each in _values(text[1:-1], between=",")]
    except orjson.JSONDecodeError:
        return [each.encode() for each in _values(text)]
    return [text.encode()]


def _several(data: bytes) -> list[Any]:
    if not data.strip(_BLANK):
        raise NotDocuments(MALFORMED, EMPTY)
    try:
        return [orjson.loads(line) for line in data.split(b"\n") if line.strip(_BLANK)]
    except orjson.JSONDecodeError:
        return _glued(data)


def _glued(data: bytes) -> list[Any]:
    return [orjson.loads(each) for each in _values(_decoded(data))]


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as reason:
        byte = data[reason.start]
        message = f"Encountered malformed JSON. Invalid UTF-8 start byte 0x{byte:x}"
        raise NotDocuments(PARSE_ERROR, message) from None


def _values(text: str, between: str = "") -> list[str]:
    """Return the JSON values of a text, one after the other; blanks, and what is in `between`, part them."""
    blanks, found, at = _BLANK.decode() + between, [], 0
    text = text.rstrip(blanks)
    while at < len(text):
        while text[at] in blanks:
            at += 1
        start = at
        try:
            _, at = _DECODER.raw_decode(text, start)
            orjson.loads(text[start:at])  # stricter: NaN is none
        except json.JSONDecodeError as reason:
            raise NotDocuments(PARSE_ERROR, _malformed(text, reason)) from None
        except RecursionError:
            raise NotDocuments(PARSE_ERROR, "Encountered malformed JSON. Nested too deeply") from None
        found.append(text[start:at])
    return found


def _malformed(text: str, reason: json.JSONDecodeError) -> str:
    """Word the error as Jackson does, as far as can be; the text of the record is never repeated."""
    where = f"at [Source: UNKNOWN; line: {reason.lineno}, column: {reason.colno}]"
    if reason.pos >= len(text) or reason.msg.startswith("Unterminated"):
        return f"Encountered malformed JSON. Unexpected end-of-input\n {where}"
    code = ord(text[reason.pos])
    return f"Encountered malformed JSON. Unexpected character (code {code})\n {where}"


def _checked(document: Any) -> dict[str, Any]:
    if isinstance(document, dict):
        return document
    if isinstance(document, list):
        raise NotDocuments(MALFORMED, ARRAY)
    raise NotDocuments(MALFORMED, PRIMITIVE)
