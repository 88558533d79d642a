"""Puts objects into buckets as the stream's role, and words refusals as Firehose does."""

from botocore.exceptions import BotoCoreError, ClientError

from local.clients import RoleRefused
from local.firehose.objects import CONTENT_TYPE
from local.firehose.plant import Plant
from local.firehose.shipment import Refused, S3Object

OWNED = "bucket-owner-full-control"
"""Whoever owns the bucket owns what is delivered to it (radkawar/stackd). The role needs s3:PutObjectAcl for that only
if the bucket is another account's (Developer Guide, controlling-access, "Grant Firehose access to an Amazon S3
destination"), and here there is one account: neither a template nor the emulator has to name it.
"""
DENIED = (
    "Access was denied. Ensure that the trust policy for the provided IAM role allows Firehose to assume the"
    " role, and the access policy allows access to the S3 bucket."
)
NO_BUCKET = "The specified bucket does not exist. Create the bucket or use a different bucket that does exist."
INTERNAL = (
    "An internal error occurred while attempting to deliver data. Delivery will be retried; if the error"
    " persists, then it will be reported to AWS for resolution."
)
KMS = "The KMS key of the destination cannot be used. Check the key, its state and its policy."


def put(plant: Plant, made: S3Object) -> None:
    """Write one object; blocks. Raises Refused."""
    options = {"ContentEncoding": made.encoding} if made.encoding else {}
    if made.target.kms_key:
        options |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": made.target.kms_key}
    try:
        plant.client("s3", made.target.role_arn).put_object(
            Bucket=made.target.bucket, Key=made.key, Body=made.body, ContentType=CONTENT_TYPE, ACL=OWNED, **options
        )
    except (ClientError, BotoCoreError, RoleRefused) as refusal:
        code = refusal.response["Error"]["Code"] if isinstance(refusal, ClientError) else ""
        plant.refused(made.target.role_arn, code)
        raise _refused(refusal, code) from None


def _refused(reason: Exception, code: str) -> Refused:
    if code in {"AccessDenied", "AccessDeniedException", "403"} or isinstance(reason, RoleRefused):
        return Refused("S3.AccessDenied", DENIED)
    if code == "NoSuchBucket":
        return Refused("S3.NoSuchBucket", NO_BUCKET)
    if code.startswith("KMS."):
        return Refused(f"S3.{code}", KMS)
    return Refused("InternalError", INTERNAL)
