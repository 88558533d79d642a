"""The parts of Hive's DDL: columns, partitions, properties, storage. Pure."""

from typing import Any

from local.athena.errors import MalformedQuery
from local.athena.types import UnknownType, parse
from local.athena.words import Words

_STORED = {
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "TEXTFILE": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    ),
}
_DELIMITERS = {
    ("FIELDS", "TERMINATED", "BY"): "field.delim",
    ("ESCAPED", "BY"): "escape.delim",
    ("COLLECTION", "ITEMS", "TERMINATED", "BY"): "collection.delim",
    ("MAP", "KEYS", "TERMINATED", "BY"): "mapkey.delim",
    ("LINES", "TERMINATED", "BY"): "line.delim",
    ("NULL", "DEFINED", "AS"): "serialization.null.format",
}


def storage(stored_as: str) -> dict[str, Any]:
    """Return the formats and SerDe of `STORED AS`; raises MalformedQuery."""
    if (known := _STORED.get(stored_as.upper())) is None:
        raise MalformedQuery(f"STORED AS {stored_as} is not one of {', '.join(_STORED)}")
    reads, writes, serde = known
    return {
        "InputFormat": reads,
        "OutputFormat": writes,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {}},
    }


def create_table(words: Words, database: str) -> dict[str, Any]:
    """Read CREATE EXTERNAL TABLE after these words; `input` is Glue's TableInput."""
    quiet = words.skip("IF", "NOT", "EXISTS")
    named, table = words.table(database)
    descriptor: dict[str, Any] = {"Columns": columns(words.enclosed()), **storage("TEXTFILE")}
    table_input: dict[str, Any] = {"Name": table, "TableType": "EXTERNAL_TABLE", "PartitionKeys": []}
    parameters = {"EXTERNAL": "TRUE"}
    while words.peek().kind != "end":
        if words.skip("COMMENT"):
            table_input["Description"] = words.string()
        elif words.skip("PARTITIONED", "BY"):
            table_input["PartitionKeys"] = columns(words.enclosed())
        elif words.skip("ROW", "FORMAT"):
            _row_format(words, descriptor["SerdeInfo"])
        elif words.skip("STORED", "AS"):
            _stored_as(words, descriptor)
        elif words.skip("WITH", "SERDEPROPERTIES"):
            descriptor["SerdeInfo"]["Parameters"] |= properties(words.enclosed())
        elif words.skip("LOCATION"):
            descriptor["Location"] = words.string()
        elif words.skip("TBLPROPERTIES"):
            parameters |= properties(words.enclosed())
        else:
            raise words.unexpected("'COMMENT', 'LOCATION', 'PARTITIONED', 'ROW', 'STORED', 'TBLPROPERTIES', <EOF>")
    if "Location" not in descriptor:
        raise MalformedQuery("Queries of this type are not supported: CREATE EXTERNAL TABLE needs a LOCATION")
    table_input |= {"StorageDescriptor": descriptor, "Parameters": parameters}
    return {"database": named, "table": table, "quiet": quiet, "input": table_input}


def _row_format(words: Words, serde: dict[str, Any]) -> None:
    if words.skip("SERDE"):
        serde["SerializationLibrary"] = words.string()
        return
    words.expect("DELIMITED")
    found = True
    while found:
        found = False
        for phrase, key in _DELIMITERS.items():
            if words.skip(*phrase):
                serde["Parameters"][key] = words.string().encode().decode("unicode_escape")
                found = True


def _stored_as(words: Words, descriptor: dict[str, Any]) -> None:
    if words.skip("INPUTFORMAT"):
        descriptor["InputFormat"] = words.string()
        words.expect("OUTPUTFORMAT")
        descriptor["OutputFormat"] = words.string()
        return
    named = descriptor["SerdeInfo"]
    stored = storage(words.next().text)
    if named["SerializationLibrary"] == _STORED["TEXTFILE"][2]:
        stored["SerdeInfo"]["Parameters"] = named["Parameters"]
        descriptor |= stored
    else:
        descriptor |= {**stored, "SerdeInfo": named}


def columns(text: str) -> list[dict[str, str]]:
    """Return Glue columns of `name type [COMMENT 'x'], …`; raises MalformedQuery."""
    found = []
    for part in _split(text):
        words = Words(part)
        name = words.name()
        words.skip(":")
        rest = words.rest()
        kind, comment = _without_comment(rest)
        try:
            parse(kind)
        except UnknownType as error:
            raise MalformedQuery(f"column {name}: {error}") from None
        column = {"Name": name, "Type": "".join(kind.split()).lower() if "with time zone" not in kind.lower() else kind}
        found.append({**column, "Comment": comment} if comment else column)
    return found


def _without_comment(text: str) -> tuple[str, str]:
    words = Words(text)
    while words.peek().kind != "end":
        if words.at("COMMENT") and words.peek(1).kind == "string":
            return text[: words.peek().start].strip(), words.peek(1).value
        words.next()
    return text.strip(), ""


def _split(text: str, opening: str = "(<", closing: str = ")>") -> list[str]:
    """Split at commas that are in no bracket and no quotes."""
    words = Words(text)
    parts, start, depth = [], 0, 0
    while words.peek().kind != "end":
        token = words.next()
        if token.kind == "mark":
            depth += (token.text in opening) - (token.text in closing)
            if token.text == "," and not depth:
                parts.append(text[start : token.start])
                start = token.end
    return [part for part in [*parts, text[start:]] if part.strip()]


def properties(text: str) -> dict[str, str]:
    """Return `'key'='value', …`."""
    found = {}
    for part in _split(text):
        words = Words(part)
        key = words.next().value
        words.expect("=")
        found[key] = words.next().value
        words.done()
    return found


def options(text: str) -> dict[str, Any]:
    """Return CTAS's and UNLOAD's `key = value, …`: strings, or lists for ARRAY['a', 'b']."""
    found: dict[str, Any] = {}
    for part in _split(text, "[", "]"):
        words = Words(part)
        key = words.name()
        words.expect("=")
        if words.skip("ARRAY", "["):
            values = []
            while not words.skip("]"):
                values.append(words.string())
                words.skip(",")
            found[key] = values
        else:
            found[key] = words.rest().strip("'")
    return found


def partition_specs(words: Words) -> list[dict[str, Any]]:
    """Read `PARTITION (k = 'v', …) [LOCATION '…'] …`."""
    found = []
    while words.skip("PARTITION"):
        spec: dict[str, Any] = {"values": properties(words.enclosed())}
        if words.skip("LOCATION"):
            spec["location"] = words.string()
        found.append({**spec, "values": {key.lower(): value for key, value in spec["values"].items()}})
        words.skip(",")
    return found


def partition_filters(words: Words) -> list[dict[str, tuple[str, str]]]:
    """Read DROP's `PARTITION (k < 'v', …), …` as {key: (operator, value)}."""
    found = []
    while words.skip("PARTITION"):
        conditions = {}
        for part in _split(words.enclosed(), "", ""):
            inner = Words(part)
            name = inner.name()
            operator = inner.next().text
            conditions[name] = (operator, inner.next().value)
            inner.done()
        found.append(conditions)
        words.skip(",")
    return found
