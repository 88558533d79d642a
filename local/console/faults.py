"""Faults to try: what each does, in words, and records that are bad on purpose."""

import json

SWITCHES = {
    "throttling": (
        "Throttle puts",
        "Every put is answered with “Slow down.”, as over a quota. The producer backs off and keeps its records.",
    ),
    "function_fails": (
        "Transform fails",
        "Every invocation of the function ends in an error. After its retries the raw records go to errors/.",
    ),
    "function_slow": (
        "Transform hangs",
        "Every invocation takes longer than the function's timeout, and counts as failed after that.",
    ),
    "bucket_denied": (
        "Bucket refuses objects",
        "The delivery role may not put objects. Nothing is lost: the stream keeps trying, and freshness grows.",
    ),
}
"""What the gateway's action `faults` knows, by name: title and effect. One not listed here is shown by its name."""

MALFORMED = [
    b"this is not JSON",
    b'{"cut": "off he',
    b'["an array", "of records"]',
    b"",
    b'"a bare text"',
]
"""Records that no JSON deserialiser makes a row of."""

WRONG = "not a number"
_STRICT = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "timestamp", "date", "boolean")


def drifted(columns: list[tuple[str, str]]) -> list[bytes]:
    """Return JSON records whose first strictly typed column holds text: what a producer's new version may do.

    Gives one record with only a new column when the table has no such column: it converts to nulls.
    """
    strict = next((name for name, kind in columns if kind.partition("(")[0] in _STRICT and kind != "boolean"), None)
    texts = {name: "drifted" for name, kind in columns if kind == "string"}
    if strict is None:
        return [json.dumps({**texts, "a_new_column": WRONG}).encode()]
    return [json.dumps({**texts, strict: f"{WRONG} {each}"}).encode() for each in range(1, 4)]
