"""Answers by name and a page at a time."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.errors import AwsError


def page(found: Sequence[Any], asked: Mapping[str, Any], member: str, *, most: int, refusal: str) -> dict[str, Any]:
    """Return `{member: [...]}` from where NextToken points, with the next token if there is more.

    `most` holds where the request names no MaxResults. Raises AwsError `refusal` for a token of somebody else.
    """
    start = _offset(str(asked["NextToken"]), member, refusal) if asked.get("NextToken") else 0
    end = start + int(asked.get("MaxResults") or most)
    answer: dict[str, Any] = {member: list(found[start:end])}
    if end < len(found):
        answer["NextToken"] = base64.urlsafe_b64encode(f"{member}:{end}".encode()).decode()
    return answer


def name_pattern(expression: str | None, refusal: str) -> re.Pattern[str]:
    """Return the filter that `Expression` is: a regular expression, in which a star alone stands for anything.

    awswrangler sends `*part*` (awswrangler/catalog/_get.py). Raises AwsError `refusal` for what is neither.
    """
    try:
        return re.compile(re.sub(r"(?<![.\])*+?])\*", ".*", expression or ".*"), re.IGNORECASE)
    except re.error as error:
        raise AwsError(refusal, f"Expression '{expression}' is not a pattern: {error}") from None


def _offset(token: str, member: str, refusal: str) -> int:
    try:
        owner, _, offset = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if owner == member:
            return int(offset)
    except (ValueError, binascii.Error):
        pass
    raise AwsError(refusal, "NextToken is malformed or belongs to another request")
