"""What CloudFormation in MiniStack 1.5.33 has wrong or lacks, resource type by resource type.

Private to that version: in `provisioners` `_RESOURCE_HANDLERS`, `_sm`, `_sm_secret_string`; in `athena`
`_named_queries`; in `s3` `_buckets`; in `cloudwatch_logs` `_log_groups`; in `secretsmanager` `_get_random_password`.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from local.emulator import planned, policies

Trusts = Callable[[str, str], bool]
"""(role ARN, service principal): whether the role lets the service of this account in."""

_ASSUMED = {
    "AWS::KinesisFirehose::DeliveryStream": (
        "firehose.amazonaws.com", "RoleARN", "Firehose is unable to assume role {}. Please check the role provided."
    ),
    "AWS::Lambda::Function": (
        "lambda.amazonaws.com", "Role", "The role defined for the function cannot be assumed by Lambda: {}"
    ),
    "AWS::Glue::Crawler": (
        "glue.amazonaws.com", "Role", "Service is unable to assume provided role. Please verify role's TrustPolicy: {}"
    ),
}  # fmt: skip
"""Services that try a role when they are given it: principal, the property that names the role, their refusal."""

_TRUTH = {"true": True, "false": False}
"""A template may give truth as text."""


def mend(provisioners: Any, s3: Any, trusts: Trusts) -> None:
    """Teach CloudFormation what it has wrong or lacks."""
    handlers = provisioners._RESOURCE_HANDLERS  # noqa: SLF001
    handlers["AWS::Athena::NamedQuery"] = _named_query_handler(provisioners._athena)  # noqa: SLF001
    handlers["AWS::SecretsManager::Secret"] = _secret_handler(handlers["AWS::SecretsManager::Secret"])
    provisioners._sm_secret_string = partial(_secret_string, provisioners._sm)  # noqa: SLF001
    handlers["AWS::S3::Bucket"] = _bucket_handler(handlers["AWS::S3::Bucket"], s3)
    handlers["AWS::Logs::LogGroup"] = _log_group_handler(handlers["AWS::Logs::LogGroup"], provisioners._cw_logs)  # noqa: SLF001
    planned.hold_crawlers(handlers)
    for kind, (principal, member, refusal) in _ASSUMED.items():
        handlers[kind] = _trying_roles(handlers[kind], member, refusal, partial(_trusted, trusts, principal))


def _named_query_handler(athena: Any) -> dict[str, Any]:
    """Every property of a named query is create-only: an edit is a replacement with a new id."""

    def create(_logical_id: str, props: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
        identifier = athena.new_uuid()
        athena._named_queries[identifier] = {  # noqa: SLF001
            "NamedQueryId": identifier,
            "Name": props.get("Name", ""),
            "Description": props.get("Description", ""),
            "Database": props["Database"],
            "QueryString": props["QueryString"],
            "WorkGroup": props.get("WorkGroup", "primary"),
        }
        return identifier, {"NamedQueryId": identifier}

    def delete(identifier: str, _props: dict[str, Any]) -> None:
        athena._named_queries.pop(identifier, None)  # noqa: SLF001

    def update(identifier: str, _old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str = "") -> Any:
        delete(identifier, new)
        return create(logical_id, new, stack)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _secret_handler(original: dict[str, Any]) -> dict[str, Any]:
    """`Ref` of a secret is its ARN (AWS::SecretsManager::Secret, Return values); MiniStack gives the name."""

    def name(arn: str) -> str:
        return arn.rpartition(":secret:")[2].rpartition("-")[0] or arn

    def create(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, Any]:
        _, attributes = original["create"](logical_id, props, stack)
        return attributes["Arn"], attributes

    def update(arn: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str = "") -> tuple[str, Any]:
        _, attributes = original["update"](name(arn), old, new, stack, logical_id)
        return attributes["Arn"], attributes

    def delete(arn: str, props: dict[str, Any]) -> None:
        original["delete"](name(arn), props)

    return {**original, "create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _secret_string(secretsmanager: Any, props: dict[str, Any]) -> str:
    """Return a secret's text, generated with every option that is given; MiniStack leaves most of them out.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-secretsmanager-secret-generatesecretstring.html
    """
    given: str = props.get("SecretString", "")
    if given or (asked := props.get("GenerateSecretString")) is None:
        return given
    options = {name: _TRUTH.get(str(value).lower(), value) for name, value in asked.items()}
    length = int(asked.get("PasswordLength", 32))
    status, _, body = secretsmanager._get_random_password({**options, "PasswordLength": length})  # noqa: SLF001
    answer = json.loads(body)
    if status >= 400:  # noqa: PLR2004 - HTTP
        raise ValueError(f"{answer.get('message', answer)} (Service: SecretsManager)")
    password: str = answer["RandomPassword"]
    if not (template := asked.get("SecretStringTemplate")):
        return password
    return json.dumps({**json.loads(template), asked["GenerateStringKey"]: password})


def _bucket_handler(original: dict[str, Any], s3: Any) -> dict[str, Any]:
    """Keep the default encryption of a bucket, and the bucket itself while there are objects in it."""

    def create(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, Any]:
        bucket, attributes = original["create"](logical_id, props, stack)
        policies.keep_default_encryption(s3, bucket, props.get("BucketEncryption"))
        return bucket, attributes

    def update(name: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> tuple[str, Any]:
        bucket, attributes = original["update"](name, old, new, stack)
        policies.keep_default_encryption(s3, bucket, new.get("BucketEncryption"))
        return bucket, attributes

    def delete(bucket: str, props: dict[str, Any]) -> Any:
        if s3._buckets.get(bucket, {}).get("objects"):  # noqa: SLF001
            raise ValueError(f"The bucket you tried to delete is not empty (Service: S3, Bucket: {bucket})")
        return original["delete"](bucket, props)

    return {**original, "create": create, "update": update, "delete": delete}


def _log_group_handler(original: dict[str, Any], logs: Any) -> dict[str, Any]:
    """Refuse a group that exists: MiniStack would empty it, and delete another stack's on the way back."""

    def create(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        if (name := props.get("LogGroupName")) and logs._log_groups.get(name) is not None:  # noqa: SLF001
            raise ValueError(f"Resource of type 'AWS::Logs::LogGroup' with identifier '{name}' already exists.")
        return original["create"](logical_id, props, stack)

    return {**original, "create": create}


def _trusted(trusts: Trusts, principal: str, role: str) -> bool:
    return trusts(role, principal)


def _trying_roles(
    original: dict[str, Any], member: str, refusal: str, trusted: Callable[[str], bool]
) -> dict[str, Any]:
    """Refuse a resource whose role does not let its service in, as the service does at once."""

    def check(props: dict[str, Any]) -> None:
        for role in _values(props, member):
            if role.startswith("arn:") and not trusted(role):
                raise ValueError(refusal.format(role))

    def create(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        check(props)
        return original["create"](logical_id, props, stack)

    def update(name: str, old: dict[str, Any], new: dict[str, Any], *others: str) -> Any:
        check(new)
        return original["update"](name, old, new, *others)

    return {**original, "create": create, "update": update}


def _values(node: Any, member: str) -> Iterator[str]:
    """Yield the texts under `member`, wherever in the properties."""
    if isinstance(node, dict):
        if isinstance(node.get(member), str):
            yield node[member]
        for each in node.values():
            yield from _values(each, member)
    elif isinstance(node, list):
        for each in node:
            yield from _values(each, member)
