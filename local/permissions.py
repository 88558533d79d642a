"""What a call asks of the caller's policies, where the emulator asks the wrong question.

Which resource an action is checked against: https://docs.aws.amazon.com/service-authorization/latest/reference/
(pages "Amazon CloudWatch Logs" and "AWS Glue").
"""

from collections.abc import Callable
from typing import Any

Question = tuple[str, str, dict[str, Any]]
"""(action, resource ARN, condition context)"""


def asks(prefix: str, operation: str) -> bool:
    """Say whether the emulator would judge this operation wrongly, so that `questions` must be asked instead."""
    return (prefix, operation) in _RESOURCES


def questions(prefix: str, operation: str, members: dict[str, Any], region: str, account: str) -> list[Question]:
    """Return what to ask of the caller's policies for an operation that `asks` names."""
    resources = _RESOURCES[prefix, operation]
    service = "logs" if prefix.startswith("Logs_") else "glue"
    return [
        (f"{service}:{operation}", f"arn:aws:{service}:{region}:{account}:{resource}", {})
        for resource in resources(members)
    ]


def _log_stream(members: dict[str, Any]) -> list[str]:
    return [f"log-group:{members.get('logGroupName', '')}:log-stream:{members.get('logStreamName', '')}"]


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


_RESOURCES: dict[tuple[str, str], Callable[[dict[str, Any]], list[str]]] = {
    ("Logs_20140328", "CreateLogStream"): _log_stream,
    ("Logs_20140328", "PutLogEvents"): _log_stream,
    ("AWSGlue", "GetDatabase"): _database,
    ("AWSGlue", "GetTables"): _tables,
    **{
        ("AWSGlue", operation): _table
        for operation in (
            "GetTable", "GetTableVersion", "GetTableVersions", "UpdateTable",
            "GetPartition", "GetPartitions", "BatchGetPartition", "CreatePartition", "BatchCreatePartition",
            "UpdatePartition", "BatchUpdatePartition", "DeletePartition", "BatchDeletePartition",
        )
    },
}  # fmt: skip
