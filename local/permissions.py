"""What a call asks of the caller's policies, where the emulator asks the wrong question.

Which resource an action is checked against: https://docs.aws.amazon.com/service-authorization/latest/reference/
(pages "Amazon Athena", "Amazon CloudWatch Logs" and "AWS Glue").
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from local.wire import NOBODY, Caller

SERVED: ContextVar[Caller] = ContextVar("served", default=NOBODY)
"""Whose request is being served; tasks and threads started for it inherit it."""

Question = tuple[str, str, dict[str, Any]]
"""(action, resource ARN, condition context)"""


def asks(prefix: str, operation: str) -> bool:
    """Say whether the emulator would judge this operation wrongly, so that `questions` must be asked instead."""
    return (prefix, operation) in _RESOURCES


def questions(prefix: str, operation: str, members: dict[str, Any], region: str, account: str) -> list[Question]:
    """Return what to ask of the caller's policies for an operation that `asks` names."""
    resources = _RESOURCES[prefix, operation]
    service = _SERVICES[prefix]
    return [
        (f"{service}:{operation}", f"arn:aws:{service}:{region}:{account}:{resource}", {})
        for resource in resources(members)
    ]


_SERVICES = {"Logs_20140328": "logs", "AWSGlue": "glue", "AmazonAthena": "athena"}


def _log_stream(members: dict[str, Any]) -> list[str]:
    return [f"log-group:{members.get('logGroupName', '')}:log-stream:{members.get('logStreamName', '')}"]


def _catalog(_members: dict[str, Any]) -> list[str]:
    return ["catalog"]


def _database(members: dict[str, Any]) -> list[str]:
    return ["catalog", f"database/{members.get('DatabaseName', members.get('Name', ''))}"]


def _table(members: dict[str, Any]) -> list[str]:
    name = members.get("TableName") or members.get("Name") or members.get("TableInput", {}).get("Name", "")
    return [
        *_database({"DatabaseName": members.get("DatabaseName", "")}),
        f"table/{members.get('DatabaseName', '')}/{name}",
    ]


def _tables(members: dict[str, Any]) -> list[str]:
    return [*_database(members), f"table/{members.get('DatabaseName', '')}/*"]


def _data_catalog(members: dict[str, Any]) -> list[str]:
    return [f"datacatalog/{members.get('CatalogName') or members.get('Name') or 'AwsDataCatalog'}"]


_RESOURCES: dict[tuple[str, str], Callable[[dict[str, Any]], list[str]]] = {
    ("Logs_20140328", "CreateLogStream"): _log_stream,
    ("Logs_20140328", "PutLogEvents"): _log_stream,
    ("AWSGlue", "GetDatabase"): _database,
    ("AWSGlue", "GetDatabases"): _catalog,
    ("AWSGlue", "GetTables"): _tables,
    **{
        ("AWSGlue", operation): _table
        for operation in (
            "CreateTable", "GetTable", "GetTableVersion", "GetTableVersions", "UpdateTable", "DeleteTable",
            "GetPartition", "GetPartitions", "BatchGetPartition", "CreatePartition", "BatchCreatePartition",
            "UpdatePartition", "BatchUpdatePartition", "DeletePartition", "BatchDeletePartition",
        )
    },
    **{
        ("AmazonAthena", operation): _data_catalog
        for operation in ("GetDataCatalog", "GetDatabase", "ListDatabases", "GetTableMetadata", "ListTableMetadata")
    },
}  # fmt: skip
