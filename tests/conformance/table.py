"""The whole table."""

from tests.conformance.case import Case
from tests.conformance.rows import (
    bodies,
    configuration,
    control,
    conversion,
    failures,
    keys,
    processors,
    puts,
    refusals,
    states,
    transform,
)

ROOMS: dict[str, list[Case]] = {
    "puts: limits, messages, answers": puts.CASES,
    "the control plane: validation, defaults, updates": control.CASES,
    "processors: validation, echo, effect": processors.CASES,
    "conversion: validation, defaults, updates": configuration.CASES,
    "keys and prefixes": keys.CASES,
    "bodies, compression, headers": bodies.CASES,
    "the Lambda transform and its failures": transform.CASES,
    "JSON to Parquet": conversion.CASES,
    "refusals of role, key and bucket": refusals.CASES,
    "states: being created, being deleted": states.CASES,
    "the rest: partitions, ownership": failures.CASES,
}
TABLE: list[Case] = [case for cases in ROOMS.values() for case in cases]
