"""`python -m local.cost`: what a stream of JSON documents costs a month on AWS, packed and not.

Firehose, its conversion, Lambda and S3 as `local.console.cost` has them; us-east-1, on-demand prices, without free
tiers and taxes. What does not depend on traffic is listed below the table.
"""

import argparse
import sys
from dataclasses import dataclass

from local.console.cost import Monthly, monthly, packed

RATES = (1.0, 100.0, 10_000.0)
DOCUMENT_BYTES = 483
"""A sign-up as the producer sends it, on average."""
INTERVAL_SECONDS, OBJECT_BYTES = 60, 128 * 2**20
"""Buffering hints of the template: an object a minute, or as soon as there are 128 MiB."""
ROW_BYTES, KEPT_DAYS = 105, 90
"""One delivered sign-up in Parquet, measured in objects of 100,000; days that the template keeps it."""
STORAGE_PER_GB = 0.023
"""S3 Standard, first 50 TB: https://aws.amazon.com/s3/pricing/"""

FIXED = (
    ("crawler, every hour", 52.56, "730 runs, 10 minutes of one DPU at least, 0.44 an hour; or CrawlerSchedule=none"),
    ("alarms", 2.10, "21 metrics in 14 alarms at 0.10"),
    ("figures of the pipeline", 2.70, "9 metrics at 0.30"),
    ("dashboard", 3.00, "0 within the first three of the account"),
    ("token key", 0.40, "one secret"),
    ("a producer on Fargate", 10.86, "0.25 vCPU and 0.5 GB on ARM64, and a public IPv4 address; only with an image"),
)  # fmt: skip
"""https://aws.amazon.com/glue/pricing/, and likewise cloudwatch, secrets-manager, fargate, vpc."""


HEADS = ("documents/s", "in a record", "ingestion", "conversion", "function", "S3 puts", "S3 storage", "USD a month")


@dataclass(frozen=True)
class Line:
    """One rate, in one way of sending; amounts in USD a month."""

    rate: float
    packing: int
    """Documents in one record."""
    traffic: Monthly
    storage: float

    @property
    def total(self) -> float:
        return self.traffic.total + self.storage


def line(rate: float, document_bytes: int, *, pack: bool) -> Line:
    """Return what `rate` documents a second cost."""
    records, size, packing = packed(rate, document_bytes) if pack else (rate, rate * (document_bytes + 1), 1)
    objects = max(1 / INTERVAL_SECONDS, size / OBJECT_BYTES)
    gigabytes = rate * 86_400 * KEPT_DAYS * ROW_BYTES / 1e9
    return Line(rate, packing, monthly(records, size, objects), gigabytes * STORAGE_PER_GB)


def table(rates: list[float], document_bytes: int) -> str:
    """Return the table and the fixed costs, as Markdown."""
    heads = (
        "documents/s",
        "in a record",
        "ingestion",
        "conversion",
        "function",
        "S3 puts",
        "S3 storage",
        "USD a month",
    )
    rows = ["| " + " | ".join(heads) + " |", "|" + "---:|" * len(heads)]
    for rate in rates:
        for pack in (False, True):
            each = line(rate, document_bytes, pack=pack)
            parts = each.traffic
            amounts = (parts.ingestion, parts.conversion, parts.function, parts.objects, each.storage, each.total)
            rows.append(f"| {rate:,g} | {each.packing} | " + " | ".join(f"{amount:,.2f}" for amount in amounts) + " |")
    fixed = [f"- {name}: {amount:.2f} ({why})" for name, amount, why in FIXED]
    return "\n".join([*rows, "", "Whatever the traffic, USD a month:", "", *fixed])


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser("python -m local.cost", description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, nargs="+", default=list(RATES), metavar="N", help="documents a second")
    parser.add_argument("--bytes", type=int, default=DOCUMENT_BYTES, help="of one document (default: %(default)s)")
    options = parser.parse_args(arguments)
    if min(options.rate) <= 0 or options.bytes <= 0:
        parser.error("rates and bytes are more than 0")
    print(table(options.rate, options.bytes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
