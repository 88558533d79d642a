"""`python -m local.cost`: what a stream of JSON documents costs a month on AWS, packed and not.

Arithmetic as `local.console.cost` has it, prices as `local.prices`: us-east-1, on demand, without free tiers and
taxes. What does not depend on traffic is listed below the table.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from local.console import cost
from local.prices import PRICES, Price

RATES = (1.0, 100.0, 10_000.0)
DOCUMENT_BYTES = 483
"""A sign-up as the producer sends it, on average."""
INTERVAL_SECONDS, OBJECT_BYTES = 60, 128 * 2**20
"""Buffering hints of the template: an object a minute, or as soon as there are 128 MiB."""
ROW_BYTES, KEPT_DAYS = 105, 90
"""One delivered sign-up in Parquet, measured in objects of 100,000; days that the template keeps it."""

CRAWLS, CRAWL_HOURS = 730, 10 / 60
ALARM_METRICS, ALARMS, FIGURES = 21, 14, 9
TASK_CPUS, TASK_GB = 0.25, 0.5
HOURS_A_MONTH = 730

Amounts = Mapping[str, float]
"""USD by a price's name."""

HEADS = ("documents/s", "in a record", "ingestion", "conversion", "function", "S3 puts", "S3 storage", "USD a month")


@dataclass(frozen=True)
class Line:
    """One rate, in one way of sending; amounts in USD a month."""

    rate: float
    packing: int
    """Documents in one record."""
    amounts: tuple[float, ...]
    """In the order of the columns."""

    @property
    def total(self) -> float:
        return sum(self.amounts)


def line(rate: float, document_bytes: int, prices: Amounts, *, pack: bool) -> Line:
    """Return what `rate` documents a second cost."""
    plain = (rate, rate * (document_bytes + 1), 1)
    records, size, packing = cost.packed(rate, document_bytes) if pack else plain
    objects = max(1 / INTERVAL_SECONDS, size / OBJECT_BYTES)
    traffic = cost.monthly(records, size, objects)
    gigabytes = rate * 86_400 * KEPT_DAYS * ROW_BYTES / 1e9
    return Line(rate, packing, (
        traffic.billed_gb * prices["ingestion"],
        traffic.billed_gb * prices["conversion"],
        traffic.function,
        objects * cost.SECONDS_PER_MONTH * prices["put"] / 1000,
        gigabytes * prices["storage"],
    ))  # fmt: skip


def fixed(prices: Amounts) -> list[tuple[str, float, str]]:
    """Return (what, USD a month, why) of what costs the same whatever the traffic."""
    task = TASK_CPUS * prices["vcpu"] + TASK_GB * prices["memory"] + prices["address"]
    return [
        ("crawler, every hour", CRAWLS * CRAWL_HOURS * prices["crawler"],
         f"{CRAWLS} runs, 10 minutes of one DPU at least; or CrawlerSchedule=none"),
        ("alarms", ALARM_METRICS * prices["alarm"], f"{ALARM_METRICS} metrics in {ALARMS} alarms"),
        ("figures of the pipeline", FIGURES * prices["metric"], f"{FIGURES} metrics"),
        ("dashboard", prices["dashboard"], "0 within the first three of the account"),
        ("token key", prices["secret"], "one secret"),
        ("a producer on Fargate", HOURS_A_MONTH * task,
         "0.25 vCPU and 0.5 GB on ARM64, and a public IPv4 address; only with an image"),
    ]  # fmt: skip


def table(rates: list[float], document_bytes: int, prices: Amounts) -> str:
    """Return the table and the fixed costs, as Markdown."""
    rows = ["| " + " | ".join(HEADS) + " |", "|" + "---:|" * len(HEADS)]
    for rate in rates:
        for pack in (False, True):
            each = line(rate, document_bytes, prices, pack=pack)
            amounts = " | ".join(f"{amount:,.2f}" for amount in (*each.amounts, each.total))
            rows.append(f"| {rate:,g} | {each.packing} | {amounts} |")
    always = [f"- {what}: {amount:.2f} ({why})" for what, amount, why in fixed(prices)]
    return "\n".join([*rows, "", "Whatever the traffic, USD a month:", "", *always, "", *_doubts(prices)])


def _doubts(prices: Amounts) -> list[str]:
    """Return which of the prices used nobody has read at AWS, if they were not replaced."""
    doubtful = [
        f"{name} {each.usd:g}" for name, each in PRICES.items() if not each.confirmed and prices[name] == each.usd
    ]
    if not doubtful:
        return []
    advice = "`--prices` says where they are from, `--price NAME=USD` replaces one."
    return [f"Not confirmed at AWS: {', '.join(doubtful)}; {advice}"]


def price_list() -> str:
    """Return every price with where it was read, as Markdown."""
    rows = ["| name | USD | per | read | on |", "|---|---:|---|---|---|"]
    for name, each in PRICES.items():
        rows.append(f"| {name} | {each.usd:g} | {each.unit.removeprefix('per ')} | {_read(each)} | {each.page} |")
    return "\n".join(rows)


def _read(price: Price) -> str:
    return price.read if price.confirmed else f"NOT CONFIRMED: {price.read}"


def _price(text: str) -> tuple[str, float]:
    named = re.fullmatch(r"(\w+)=(\d+(?:\.\d+)?)", text)
    if named is None or named[1] not in PRICES:
        raise argparse.ArgumentTypeError(f"'{text}' is no NAME=USD with a name of: {', '.join(PRICES)}")
    return named[1], float(named[2])


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser("python -m local.cost", description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, nargs="+", default=list(RATES), metavar="N", help="documents a second")
    parser.add_argument("--bytes", type=int, default=DOCUMENT_BYTES, help="of one document (default: %(default)s)")
    parser.add_argument(
        "--price", type=_price, action="append", default=[], metavar="NAME=USD", help="of another region, or of today"
    )
    parser.add_argument("--prices", action="store_true", help="list the prices and where they were read, and end")
    options = parser.parse_args(arguments)
    if min(options.rate) <= 0 or options.bytes <= 0:
        parser.error("rates and bytes are more than 0")
    if options.prices:
        print(price_list())
        return 0
    prices = {name: each.usd for name, each in PRICES.items()} | dict(options.price)
    print(table(options.rate, options.bytes, prices))
    return 0


if __name__ == "__main__":
    sys.exit(main())
