"""Dynamic partitioning: the keys of a record, from a jq query or from the transform's metadata.

https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning.html
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import jq

from local.firehose.records import Failure, Record
from local.firehose.settings import Settings

MAX_ACTIVE = 500
FAILED = "DynamicPartitioning.MetadataExtractionFailed"
EMPTY = "partitionKeys values must not be null or empty"
NOT_JSON = "Non JSON record provided"
TOO_MANY = "DynamicPartitioning.ActivePartitionsLimitExceeded"
TOO_MANY_MESSAGE = f"The limit of {MAX_ACTIVE} active partitions is exceeded."

LambdaKeys = Mapping[tuple[int, int], Mapping[str, str]]


def assign(
    settings: Settings, records: Sequence[Record], lambda_keys: LambdaKeys, now_ms: int
) -> tuple[list[Record], list[Failure]]:
    """Return the records with the values of their keys, and those whose keys cannot be had."""
    assigned: list[Record] = []
    failures: list[Failure] = []
    for record in records:
        try:
            values = _values(settings, record, lambda_keys.get((record.sequence, record.part), {}))
        except ValueError as reason:
            failures.append(Failure(record, FAILED, str(reason), 1, now_ms, {}))
        else:
            assigned.append(record._replace(partition=values))
    return assigned, failures


def refuse(records: Sequence[Record], now_ms: int) -> list[Failure]:
    """Return failures for records that would open one partition too many."""
    return [Failure(record, TOO_MANY, TOO_MANY_MESSAGE, 1, now_ms, {}) for record in records]


def _values(settings: Settings, record: Record, from_lambda: Mapping[str, str]) -> tuple[str, ...]:
    from_query = _queried(settings.metadata_query, record.data) if settings.metadata_query else {}
    found = {"partitionKeyFromLambda": from_lambda, "partitionKeyFromQuery": from_query}
    return tuple(_text(found[namespace].get(key)) for namespace, key in settings.partition_keys)


def _text(value: Any) -> str:
    if value is None or value == "" or isinstance(value, (dict, list)):
        raise ValueError(EMPTY)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _queried(query: str, data: bytes) -> Mapping[str, Any]:
    try:
        answer = _compiled(query)(data.decode())
    except (ValueError, StopIteration) as reason:
        raise ValueError(NOT_JSON) from reason
    if not isinstance(answer, dict):
        raise ValueError(EMPTY)  # noqa: TRY004 - one kind of failure for whatever the query gives
    return answer


@lru_cache(maxsize=64)
def _compiled(query: str) -> Callable[[str], Any]:
    program = jq.compile(query)
    return lambda text: program.input_text(text).first()
