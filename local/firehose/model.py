"""AWS's own description of the Firehose API, read from botocore: constraints and types.

Messages are in the words the service was seen to use, Smithy's: a count, then the violations joined by `; `.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from botocore.session import get_session

from local.errors import AwsError

_PRINTED_ENUMS = {
    "CompressionFormat": "ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED",
    "ProcessorType": "Decompression, Lambda, RecordDeAggregation, MetadataExtraction,"
    " AppendDelimiterToRecord, CloudWatchLogProcessing",
    "ProcessorParameterName": "DataMessageExtraction, NumberOfRetries, Delimiter, RoleArn, JsonParsingEngine,"
    " SubRecordType, MetadataExtractionQuery, BufferIntervalInSeconds, LambdaArn, BufferSizeInMBs,"
    " CompressionFormat",
    "ParquetCompression": "SNAPPY, GZIP, UNCOMPRESSED",
    "OrcCompression": "ZLIB, SNAPPY, NONE",
}
"""The service prints these in an order of its own (floci-io/floci#2328, #3236, #3375)."""
_PRINTED_PATTERNS = {"FileExtension": r"^(|\.[0-9a-z!\-_.*'()]+)$"}
_FIRST_MEMBERS = {
    "DataFormatConversionConfiguration": ("OutputFormatConfiguration", "InputFormatConfiguration"),
    "SchemaConfiguration": ("VersionId", "CatalogId", "DatabaseName", "RoleARN", "Region", "TableName"),
    "ParquetSerDe": ("MaxPaddingBytes", "BlockSizeBytes", "PageSizeBytes", "Compression", "WriterVersion"),
}
"""Where several members violate something, the service names them in this order (floci-io/floci#3236)."""


@cache
def _service() -> Any:
    return get_session().get_service_model("firehose")


def check(operation: str, parameters: Mapping[str, Any]) -> None:
    """Check a request against the API's constraints; raises AwsError that names all violations."""
    fail(list(_violations(_service().operation_model(operation).input_shape, parameters, "")))


def fail(violations: list[str]) -> None:
    """Raise ValidationException with these violations, if there are any."""
    if violations:
        plural = "s" if len(violations) > 1 else ""
        message = f"{len(violations)} validation error{plural} detected: {'; '.join(violations)}"
        raise AwsError("ValidationException", message)


def violation(path: str, constraint: str, value: str | None = None) -> str:
    shown = "" if value is None else f"'{value}' "
    return f"Value {shown}at '{path}' failed to satisfy constraint: Member must {constraint}"


def coerce(shape_name: str, value: Any) -> Any:
    """Return `value` with the types of the API: templates carry numbers and booleans as strings."""
    return _coerce(_service().shape_for(shape_name), value)


def _coerce(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = shape.members
        return {name: _coerce(members[name], member) for name, member in value.items() if name in members}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_coerce(shape.member, member) for member in value]
    if isinstance(value, str) and shape.type_name in _READ:
        return _READ[shape.type_name](value)
    return _text(value) if shape.type_name == "string" else value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


_READ: Mapping[str, Any] = {
    "boolean": lambda text: text.lower() == "true",
    "integer": int,
    "double": float,
}


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from _structure_violations(shape, value, path)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _size_violations(shape, len(value), path, "have length")
        for place, member in enumerate(value, 1):
            yield from _violations(shape.member, member, f"{path}.{place}.member")
    elif isinstance(value, str):
        yield from _string_violations(shape, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _size_violations(shape, value, path, "have value")


def _structure_violations(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    first = _FIRST_MEMBERS.get(shape.name, ())
    for name in (*first, *(name for name in shape.members if name not in first)):
        member_path = f"{path}.{_camel(name)}" if path else _camel(name)
        member = value.get(name)
        if member is not None:
            yield from _violations(shape.members[name], member, member_path)
        elif name in shape.required_members:
            yield violation(member_path, "not be null")


def _string_violations(shape: Shape, value: str, path: str) -> Iterator[str]:
    if shape.type_name != "string":
        return
    if enum := shape.metadata.get("enum"):
        if value not in enum:
            printed = _PRINTED_ENUMS.get(shape.name) or ", ".join(enum)
            yield violation(path, f"satisfy enum value set: [{printed}]")
        return
    yield from _size_violations(shape, len(value), path, "have length")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(_pythons(pattern), value, re.DOTALL):
        printed = _PRINTED_PATTERNS.get(shape.name, pattern)
        yield violation(path, f"satisfy regular expression pattern: {printed}")


def _pythons(pattern: str) -> str:
    """Translate the Java classes that the model uses: letters and numbers, spaces."""
    return pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\w").replace(r"\p{Z}", r"\s")


def _size_violations(shape: Shape, size: float, path: str, what: str) -> Iterator[str]:
    if (limit := shape.metadata.get("max")) is not None and size > limit:
        yield violation(path, f"{what} less than or equal to {limit}")
    if (limit := shape.metadata.get("min")) is not None and size < limit:
        yield violation(path, f"{what} greater than or equal to {limit}")


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
