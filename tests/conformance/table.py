"""The whole table."""

from tests.conformance.case import Case
from tests.conformance.rows import bodies, control, conversion, failures, keys, processors, puts, refusals, transform

TABLE: list[Case] = [
    *puts.CASES,
    *control.CASES,
    *keys.CASES,
    *bodies.CASES,
    *transform.CASES,
    *conversion.CASES,
    *failures.CASES,
    *processors.CASES,
    *refusals.CASES,
]
