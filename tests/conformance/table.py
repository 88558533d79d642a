"""The whole table."""

from tests.conformance.case import Case
from tests.conformance.rows import (
    bodies,
    configuration,
    control,
    conversion,
    failures,
    invocation,
    keys,
    processors,
    puts,
    refusals,
    sources,
    states,
    transform,
    waiting,
)

ROOMS: dict[str, list[Case]] = {
    "puts: limits, messages, answers": puts.CASES,
    "the control plane: validation, defaults, updates": control.CASES,
    "processors: validation, echo, effect": processors.CASES,
    "conversion: validation, defaults, updates": configuration.CASES,
    "keys and prefixes": keys.CASES,
    "bodies, compression, headers": bodies.CASES,
    "the Lambda transform and its failures": transform.CASES,
    "what the function is asked": invocation.CASES,
    "JSON to Parquet": conversion.CASES,
    "refusals of role, key and bucket": refusals.CASES,
    "sources other than Direct PUT": sources.CASES,
    "refused, throttled, given up, counted": waiting.CASES,
    "states: being created, being deleted": states.CASES,
    "the rest: partitions, ownership": failures.CASES,
}
TABLE: list[Case] = [case for cases in ROOMS.values() for case in cases]
