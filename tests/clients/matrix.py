"""Client by operation: what works, and why what does not cannot."""

from collections.abc import Iterable
from dataclasses import dataclass

WORKS, CANNOT, FAILS, SURPRISES = "works", "cannot", "FAILS", "WORKS NOW"

CANNOT_WORK = {
    ("SQLAlchemy", "awsathena+arrow (ArrowCursor)"): (
        "pyathena gives pyarrow no endpoint, which pyarrow takes from no variable (apache/arrow#49643);"
        " it reads once it is told"
    ),
    ("PySpark", "read.parquet of s3a://"): (
        "pip's PySpark has no hadoop-aws (a Maven package), locally as on AWS; it reads the folder"
    ),
    ("awswrangler", "athena.to_iceberg"): "Iceberg tables are not modelled",
}
"""Why an operation cannot work here. One that works all the same is reported, so that this stays true."""


@dataclass(frozen=True)
class Row:
    """One operation of one client; `reason` is empty if it did what it should."""

    client: str
    operation: str
    reason: str

    @property
    def verdict(self) -> str:
        known = (self.client, self.operation) in CANNOT_WORK
        if self.reason:
            return CANNOT if known else FAILS
        return SURPRISES if known else WORKS

    @property
    def explanation(self) -> str:
        """What stands beside the verdict, if anything."""
        if self.verdict == CANNOT:
            return f"{CANNOT_WORK[self.client, self.operation]}\nseen: {self.reason}"
        return self.reason or ("" if self.verdict == WORKS else "take it out of CANNOT_WORK")


def show(rows: Iterable[Row]) -> int:
    """Print the matrix and its sum; return how many rows are not as they should be."""
    rows = list(rows)
    width = max(len(row.client) for row in rows)
    for row in rows:
        print(f"{row.client:{width}}  {row.verdict:9}  {row.operation}")
        for line in row.explanation.splitlines():
            print(f"{'':{width}}             {line}")
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in (WORKS, CANNOT, FAILS, SURPRISES)}
    print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count))
    return counts[FAILS] + counts[SURPRISES]
