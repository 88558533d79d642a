"""Glue columns, derived from the contract.

Types: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from datetime import datetime
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

_PRIMITIVES: dict[Any, str] = {
    str: "string",
    int: "bigint",
    bool: "boolean",
    float: "double",
    datetime: "timestamp",
    AwareDatetime: "timestamp",
}


def columns(model: type[BaseModel]) -> list[dict[str, str]]:
    """Return `[{"Name": …, "Type": …}, …]` in field order, as `TableInput.StorageDescriptor.Columns` has it.

    Raises TypeError for a field that has no Glue type here.
    """
    return [{"Name": name, "Type": glue_type(field.annotation)} for name, field in model.model_fields.items()]


def glue_type(annotation: Any) -> str:
    """Return the Glue type of a field's annotation, structs nested."""
    if get_origin(annotation) is Annotated:
        return glue_type(get_args(annotation)[0])
    alternatives = [each for each in get_args(annotation) if each is not NoneType]
    if len(alternatives) == 1 and NoneType in get_args(annotation):
        return glue_type(alternatives[0])
    if get_origin(annotation) is list:
        return f"array<{glue_type(alternatives[0])}>"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        members = (f"{name}:{glue_type(field.annotation)}" for name, field in annotation.model_fields.items())
        return f"struct<{','.join(members)}>"
    if annotation in _PRIMITIVES:
        return _PRIMITIVES[annotation]
    raise TypeError(f"{annotation!r} has no Glue type: add it to {__name__}")
