"""S3 keys: the prefix expressions, their rules, and the suffix.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html; where the service was seen to differ
(floci-io/floci#1857, 2026-07-13) what was seen wins. Rules, messages: badmintoncryer/cdk-preflight, 2026-09.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from local.errors import AwsError
from local.firehose import javatime
from local.firehose.randomness import Randomness

PROCESSING_FAILED = "processing-failed"
CONVERSION_FAILED = "format-conversion-failed"
DECOMPRESSION_FAILED = "decompression-failed"
MAX_EVALUATED = 512
DATE_PATH = "yyyy/MM/dd/HH/"

_EXPRESSION = re.compile(r"!\{([^:{}]*):((?:'[^']*'|[^'}])*)\}")
_NAMESPACES = frozenset({"timestamp", "firehose", "partitionKeyFromQuery", "partitionKeyFromLambda"})
_PARTITION_NAMESPACES = frozenset({"partitionKeyFromQuery", "partitionKeyFromLambda"})
_ERROR_TYPE = "!{firehose:error-output-type}"
_NEWER_THAN_THE_SERVICE = frozenset({"Asia/Kolkata", "Europe/Kyiv"})
"""Refused when seen (2026-09-10, us-east-1), while the older Asia/Calcutta was accepted."""
_SAMPLE = datetime(2000, 10, 10, 10, 10, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """What an object's key is made of, besides its prefix."""

    stream: str
    version: int
    oldest: datetime
    """Arrival of the oldest record in the object; every `timestamp` of the key and the suffix show it."""
    time_zone: str = "UTC"
    error_type: str = ""
    partition_keys: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(`partitionKeyFromQuery`, key) → value."""

    def local(self) -> datetime:
        return self.oldest.replace(microsecond=0).astimezone(ZoneInfo(self.time_zone))


def data_key(prefix: str, extension: str, moment: Moment, random: Randomness) -> str:
    return _evaluate(prefix, moment, random, tail=DATE_PATH) + _suffix(moment, random) + extension


def error_key(prefix: str, moment: Moment, random: Randomness) -> str:
    """Return the key of an error object: it never has an extension."""
    tail = f"'{moment.error_type}/'{DATE_PATH}"
    return _evaluate(prefix, moment, random, tail=tail) + _suffix(moment, random)


NEEDS_ERROR_PREFIX = "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"


def partition_keys(prefix: str) -> set[tuple[str, str]]:
    """Return the (namespace, key) pairs that records must be partitioned by."""
    found = _EXPRESSION.findall(prefix)
    return {(namespace, key) for namespace, key in found if namespace in _PARTITION_NAMESPACES}


def has_expressions(prefix: str) -> bool:
    return "!{" in prefix


def check(prefix: str, error_prefix: str) -> None:
    """Apply the rules that hold between a stream's two prefixes; raises AwsError InvalidArgumentException."""
    for name, text in (("Prefix", prefix), ("ErrorOutputPrefix", error_prefix)):
        _check_syntax(name, text)
    if _ERROR_TYPE in prefix:
        raise _invalid(f"Prefix must not contain any occurrence of {_ERROR_TYPE}")
    if has_expressions(prefix) and not error_prefix:
        raise _invalid(NEEDS_ERROR_PREFIX)
    if partition_keys(error_prefix):
        raise _invalid("Dynamic Partitioning Namespaces can't be part of an error prefix expression")
    if has_expressions(error_prefix) and _ERROR_TYPE not in error_prefix:
        raise _invalid(f"ErrorOutputPrefix must contain at least one occurrence of {_ERROR_TYPE}")
    _check_length("prefix", prefix)
    _check_length("ErrorOutputPrefix", error_prefix)


def check_time_zone(name: str) -> None:
    """Refuse (AwsError) a zone that the service does not take; `""` and `UTC` are taken."""
    known = name in available_timezones() and "/" in name and name not in _NEWER_THAN_THE_SERVICE
    if name not in {"", "UTC"} and not known:
        raise _invalid(
            "Provided custom time zone is not supported."
            " Custom time zones are limited to UTC and non-3-letter IANA time zones."
        )


def _evaluate(prefix: str, moment: Moment, random: Randomness, *, tail: str) -> str:
    when = moment.local()
    if not has_expressions(prefix):
        return prefix + javatime.render(tail, when)
    return _EXPRESSION.sub(lambda match: _value(match[1], match[2], moment, when, random), prefix)


def _value(namespace: str, value: str, moment: Moment, when: datetime, random: Randomness) -> str:
    if namespace == "timestamp":
        return javatime.render(value, when)
    if namespace == "firehose":
        return random.letters() if value == "random-string" else moment.error_type
    return moment.partition_keys[namespace, value]


def _suffix(moment: Moment, random: Randomness) -> str:
    return f"{moment.stream}-{moment.version}-{moment.local():%Y-%m-%d-%H-%M-%S}-{random.uuid()}"


def _check_syntax(name: str, prefix: str) -> None:
    if "!{" in _EXPRESSION.sub("", prefix):
        raise _invalid("Invalid expression usage")
    for namespace, value in _EXPRESSION.findall(prefix):
        if namespace not in _NAMESPACES:
            raise _invalid(f"Namespace to the left of colon ({namespace}) is an invalid keyword!")
        if not _valid_value(namespace, value):
            raise _invalid(f"Invalid conversion character used in the value of the expression in {name}")


def _valid_value(namespace: str, value: str) -> bool:
    if namespace == "timestamp":
        return bool(value) and javatime.accepts(value)
    if namespace == "firehose":
        return value in {"error-output-type", "random-string"}
    return bool(value)


def _check_length(name: str, prefix: str) -> None:
    """Refuse what is too long; the date path that a literal prefix gets does not count (seen 2026-09-13)."""

    def longest(match: re.Match[str]) -> str:
        if match[1] == "timestamp":
            return javatime.render(match[2], _SAMPLE)
        if match[1] == "firehose":
            return "processing-failed" if match[2] == "error-output-type" else "r" * 11
        return ""

    if len(_EXPRESSION.sub(longest, prefix)) > MAX_EVALUATED:
        raise _invalid(f"Length of evaluated {name} cannot be greater than {MAX_EVALUATED}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
