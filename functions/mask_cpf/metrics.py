"""What one invocation did, counted, as one line of CloudWatch's embedded metric format.

Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json


class Tally:
    """Counts of documents; a piece of a record that could not be parsed counts as one.

    `documents == masked + redacted + without_cpf` always holds.
    """

    __slots__ = (
        "documents",
        "internal_errors",
        "masked",
        "masked_elsewhere",
        "oversized",
        "records",
        "redacted",
        "without_cpf",
        "without_token",
    )

    def __init__(self) -> None:
        self.records = 0
        self.documents = 0
        self.masked = 0
        """Left with a masked CPF."""
        self.redacted = 0
        """Could not be parsed, or held something else than a CPF under `cpf`."""
        self.without_cpf = 0
        self.masked_elsewhere = 0
        """Held a CPF where none belongs."""
        self.without_token = 0
        """Left without a token because the key could not be had."""
        self.internal_errors = 0
        self.oversized = 0
        """Records whose documents had to be left out of the response."""

    def add(self, other: Tally) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


METRICS = {
    "Records": "records",
    "Documents": "documents",
    "Masked": "masked",
    "Redacted": "redacted",
    "DocumentsWithoutCpf": "without_cpf",
    "MaskedElsewhere": "masked_elsewhere",
    "TokenKeyUnavailable": "without_token",
    "InternalErrors": "internal_errors",
    "Oversized": "oversized",
}
"""Metric name to the count it reports."""


def embedded_metrics(tally: Tally, *, namespace: str, delivery_stream: str, timestamp_ms: int) -> str:
    """Return the line, without its newline."""
    definition = {
        "Namespace": namespace,
        "Dimensions": [["DeliveryStreamName"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in METRICS],
    }
    return json.dumps(
        {
            "_aws": {"Timestamp": timestamp_ms, "CloudWatchMetrics": [definition]},
            "DeliveryStreamName": delivery_stream,
            **{name: getattr(tally, count) for name, count in METRICS.items()},
        }
    )
