"""What MiniStack's policy evaluator gets wrong, mended in place.

Private to version 1.5.33: in `iam_evaluator` `_resolve_condition_key`, `resolve_principal`, `parse_policy_document` and
`enforce`; in `iam_actions` `extract_resource_arn`; in `iam` `_roles`; in `s3` `_bucket_encryption` and
`_bucket_default_sse_headers`; in `secretsmanager` `_resolve`; in `athena` `_named_queries`.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_OF_OBJECTS = {"s3:PutObject": "kms:GenerateDataKey", "s3:GetObject": "kms:Decrypt"}
"""What S3 asks KMS for, as the caller, when a bucket's objects are encrypted with a key of the customer:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"""

_NEVER_LOCKED_OUT = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
"""What a bucket's policy cannot deny to its owner's root:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""


class _Asked(NamedTuple):
    action: str
    key: str
    context: dict[str, str]


def mend(evaluator: Any, iam: Any, s3: Any, secretsmanager: Any) -> None:
    """Resolve the principal as AWS does, and ask for rights on the key that data is encrypted with."""
    evaluator._resolve_condition_key = _resolver(evaluator._resolve_condition_key, iam)  # noqa: SLF001
    evaluator.resolve_principal = _holding_root(evaluator.resolve_principal, evaluator.parse_policy_document)
    evaluator.enforce = _enforcer(_sparing_root(evaluator.enforce), s3, secretsmanager)


def _holding_root(original: Callable[..., Any], parse: Callable[[Any], Any]) -> Callable[..., Any]:
    """Root may do everything that no policy of a resource denies; MiniStack asks root for nothing at all.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    everything = [parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})]

    def resolve(*asked: Any) -> Any:
        principal = original(*asked)
        is_root = getattr(principal, "policies", everything) is None
        return dataclasses.replace(principal, policies=everything) if is_root else principal

    return resolve


def _sparing_root(original: Callable[..., Any]) -> Callable[..., Any]:
    def enforce(access_key: str, action: str, *asked: Any, **named: Any) -> Any:
        refusal = original(access_key, action, *asked, **named)
        spared = action in _NEVER_LOCKED_OUT and getattr(refusal, "principal_arn", "").endswith(":root")
        return None if spared else refusal

    return enforce


def _resolver(original: Callable[[str, Any], Any], iam: Any) -> Callable[[str, Any], Any]:
    """`aws:PrincipalArn` of a session is the ARN of its role, never of the session.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """

    def resolve(key: str, request: Any) -> Any:
        if key.lower() == "aws:principalarn" and ":assumed-role/" in request.principal_arn:
            name = request.principal_arn.split(":assumed-role/")[1].partition("/")[0]
            role = iam._roles.get_scoped(request.principal_account, None, name)  # noqa: SLF001
            return role["Arn"] if role else request.principal_arn
        return original(key, request)

    return resolve


def _enforcer(original: Callable[..., Any], s3: Any, secretsmanager: Any) -> Callable[..., Any]:
    """Let a call through only if the caller may use the key behind the object or the secret, too."""

    def enforce(  # noqa: PLR0917 - MiniStack's form
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        refusal = original(
            access_key, action, service, region, resource_arn=resource_arn, service_context=service_context
        )
        if refusal is not None or (asked := _key_question(action, resource_arn, region, s3, secretsmanager)) is None:
            return refusal
        return original(
            access_key, asked.action, "kms", region, resource_arn=asked.key, service_context=asked.context
        )  # fmt: skip

    return enforce


def _key_question(action: str, resource_arn: str, region: str, s3: Any, secretsmanager: Any) -> _Asked | None:
    if action in _OF_OBJECTS and resource_arn.startswith("arn:aws:s3:::"):
        bucket_arn = resource_arn.partition("/")[0]
        bucket = bucket_arn.rpartition(":")[2]
        if not (key := s3._bucket_default_sse_headers(bucket).get("x-amz-server-side-encryption-aws-kms-key-id")):  # noqa: SLF001
            return None
        # With a bucket key the encryption context is the bucket, without one the object (user guide, bucket-key).
        about = bucket_arn if "<BucketKeyEnabled>true" in s3._bucket_encryption[bucket] else resource_arn  # noqa: SLF001
        via = {"kms:ViaService": f"s3.{region}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": about}
        return _Asked(_OF_OBJECTS[action], key, via)
    if action == "secretsmanager:GetSecretValue":
        _, secret = secretsmanager._resolve(resource_arn)  # noqa: SLF001
        if secret and (key := secret.get("KmsKeyId")):
            return _Asked("kms:Decrypt", key, {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"})
    return None


def keep_default_encryption(s3: Any, bucket: str, encryption: Mapping[str, Any] | None) -> None:
    """Give a bucket the BucketEncryption of a template, which MiniStack drops."""
    rules = (encryption or {}).get("ServerSideEncryptionConfiguration") or []
    by_default = (rules[0].get("ServerSideEncryptionByDefault") or {}) if rules else {}
    if not by_default:
        s3._bucket_encryption.pop(bucket, None)  # noqa: SLF001
        return
    key = by_default.get("KMSMasterKeyID")
    bucket_key = str((rules[0]).get("BucketKeyEnabled", False)).lower()
    s3._bucket_encryption[bucket] = (  # noqa: SLF001
        '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
        f"<ApplyServerSideEncryptionByDefault><SSEAlgorithm>{by_default['SSEAlgorithm']}</SSEAlgorithm>"
        + (f"<KMSMasterKeyID>{key}</KMSMasterKeyID>" if key else "")
        + f"</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>{bucket_key}</BucketKeyEnabled>"
        "</Rule></ServerSideEncryptionConfiguration>"
    )


def mend_questions(iam_actions: Any, athena: Any) -> None:
    """Ask for a named query on its workgroup, which a request by id does not name."""
    original = iam_actions.extract_resource_arn

    def extract(service: str, *request: Any) -> str:
        found: str = original(service, *request)
        if service != "athena" or found != "*":
            return found
        *_, body, _query, region, account = request
        asked = json.loads(body or b"{}")
        identifiers = [*asked.get("NamedQueryIds", []), asked.get("NamedQueryId")]
        known = athena._named_queries.get(identifiers[0]) if identifiers[0] else None  # noqa: SLF001
        return f"arn:aws:athena:{region}:{account}:workgroup/{known['WorkGroup']}" if known else found

    iam_actions.extract_resource_arn = extract
