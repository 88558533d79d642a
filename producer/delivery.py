"""PutRecordBatch, once. The only file that knows boto3.

boto3 gives credentials, endpoint, signature, connections and errors. What it does for every record in Python
(walking the request to serialise it, walking an answer of 100 KB for identifiers that nobody reads) is done here for
the batch as a whole, in its own event hooks:
https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
"""

import difflib
import json
import re
import threading
from binascii import b2a_base64
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError

from producer.errors import Refused, UsageError
from producer.limits import MAX_RECORD_BYTES
from producer.outcomes import THROTTLED, Answered, Outcome, TooLarge, Unanswered

_ADVICE = {
    "ResourceNotFoundException": "deploy the template first, or name another --delivery-stream or --region",
    "AccessDeniedException": "allow firehose:PutRecordBatch on the stream to these credentials",
    "AccessDenied": "allow firehose:PutRecordBatch on the stream to these credentials",
    "UnrecognizedClientException": "the credentials are not known here: check AWS_ACCESS_KEY_ID or AWS_PROFILE",
    "InvalidClientTokenId": "the credentials are not known here: check AWS_ACCESS_KEY_ID or AWS_PROFILE",
    "InvalidSignatureException": "the secret key does not belong to the access key, or the machine's clock is wrong",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key, or the machine's clock is wrong",
    "MissingAuthenticationTokenException": "sign in first: the request carried no credentials",
    "IncompleteSignature": "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "ExpiredTokenException": "the session has expired: sign in again",
    "ExpiredToken": "the session has expired: sign in again",
    "OptInRequired": "the account has not enabled this region or service",
    "InvalidKMSResourceException": "mend the key of the stream's server-side encryption, or its policy",
    "InvalidSourceException": "the stream's source does not allow PutRecordBatch: use a Direct PUT stream",
    "ValidationException": "check --delivery-stream",
    "InvalidArgumentException": "use a Direct PUT stream",
    "UnknownOperationException": "the endpoint does not serve Amazon Data Firehose: check AWS_ENDPOINT_URL",
}
"""Error codes that no retry cures, and what does."""

_NONE_FAILED = re.compile(rb'"FailedPutCount"\s*:\s*0\s*[,}]')
# Inside a JSON string the quotes would be escaped: outside of one this is the member itself.


class Delivery:
    """Sends batches to one delivery stream; may be called from several threads."""

    def __init__(self, delivery_stream: str, region: str | None, *, connections: int, timeout: float) -> None:
        """Make the client. Raises Refused without a region or profile, UsageError for an unknown region."""
        self._stream = delivery_stream
        self._mine = threading.local()
        try:
            session = boto3.Session(region_name=region)
            self._client: Any = session.client(
                "firehose",
                config=Config(
                    # The back-off is ours: boto3 would resend whole batches, and count nothing.
                    retries={"total_max_attempts": 1},
                    connect_timeout=min(5.0, timeout),
                    read_timeout=timeout,
                    max_pool_connections=connections,
                    parameter_validation=False,
                    tcp_keepalive=True,
                ),
            )
        except NoRegionError:
            raise Refused("no region: give --region, or set AWS_REGION") from None
        except (BotoCoreError, ValueError) as reason:
            raise Refused(f"the AWS client cannot be made: {reason}") from None
        self.region: str = self._client.meta.region_name
        self.endpoint: str = self._client.meta.endpoint_url
        self.local = not self.endpoint.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
        if not self.local:
            _check_region(session, self.region)
        events = self._client.meta.events
        events.register("before-call.firehose.PutRecordBatch", self._put_in_body)
        events.register("before-parse.firehose.PutRecordBatch", _shorten_success)

    @property
    def target(self) -> str:
        """Where sign-ups go, in one word: the stream and, unless it is AWS, the endpoint."""
        return f"{self.region}/{self._stream}" + (f"@{self.endpoint}" if self.local else "")

    def put(self, records: Sequence[bytes]) -> Outcome:
        """Send one batch, once. Raises Refused when no retry can help."""
        self._mine.body = _body(self._stream, records)
        try:
            answer = self._client.put_record_batch(DeliveryStreamName=self._stream, Records=[])
        except ClientError as error:
            return self._client_error(error)
        except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as reason:
            raise Refused(f"no credentials: {reason}. Sign in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID") from None
        except (EndpointConnectionError, ConnectTimeoutError) as reason:
            return Unanswered(str(reason), unsure=False)  # never connected: nothing was written
        except (HTTPClientError, ResponseParserError, OSError) as reason:
            return Unanswered(str(reason), unsure=True)
        except BotoCoreError as reason:
            # An answer that is not Firehose's: a proxy's page, half a body.
            return Unanswered(str(reason), unsure=True)
        finally:
            del self._mine.body
        return _read(answer, len(records))

    def _put_in_body(self, params: dict[str, Any], **_: Any) -> None:
        params["body"] = self._mine.body

    def _client_error(self, error: ClientError) -> Outcome:
        problem = error.response.get("Error", {})
        code, message = str(problem.get("Code", "")), str(problem.get("Message", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status == 413 or "Records size exceeds" in message or f"equal to {MAX_RECORD_BYTES}" in message:  # noqa: PLR2004 - HTTP's own number
            return TooLarge(message or f"HTTP {status}")
        if code in THROTTLED or status == 429:  # noqa: PLR2004 - the same
            return Unanswered(f"{code}: {message}", unsure=False, throttled=True)
        if code in _ADVICE:
            raise Refused(f"{self.target}: {code}: {_sentence(message)} To mend it: {_ADVICE[code]}.")
        if 400 <= status < 500 and status != 408:  # noqa: PLR2004 - the same
            raise Refused(f"{self.target}: the request was refused with {code or status}: {_sentence(message)}")
        return Unanswered(f"{code or status}: {message}", unsure=True)


def _body(stream: str, records: Sequence[bytes]) -> bytes:
    """Return the members of PutRecordBatch as JSON, in one copy: megabytes, when packed."""
    blobs = [b2a_base64(record, newline=False) for record in records]
    blobs[0] = b'{"DeliveryStreamName":%b,"Records":[{"Data":"%b' % (json.dumps(stream).encode(), blobs[0])
    blobs[-1] += b'"}]}'
    return b'"},{"Data":"'.join(blobs)


def _shorten_success(response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] == 200 and _NONE_FAILED.search(response_dict["body"]):  # noqa: PLR2004 - HTTP's own number
        response_dict["body"] = b'{"FailedPutCount":0}'


def _read(answer: dict[str, Any], sent: int) -> Outcome:
    if not answer.get("FailedPutCount"):
        if "FailedPutCount" in answer:
            return Answered()
        return Unanswered("the answer has no FailedPutCount", unsure=True)
    entries = answer.get("RequestResponses", [])
    if len(entries) != sent:
        return Unanswered(f"the answer speaks of {len(entries)} records, not of {sent}", unsure=True)
    return Answered({at: entry["ErrorCode"] for at, entry in enumerate(entries) if entry.get("ErrorCode")})


def _check_region(session: boto3.Session, region: str) -> None:
    known = [
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("firehose", partition)
    ]
    if region not in known:
        close = difflib.get_close_matches(region, known)
        hint = (
            f"did you mean {' or '.join(close)}?"
            if close
            else "see https://docs.aws.amazon.com/general/latest/gr/fh.html"
        )
        raise UsageError(f"--region: Firehose is not known in {region!r}; {hint}")


def _sentence(message: str) -> str:
    return message if message.endswith(".") else f"{message or 'no reason was given'}."
