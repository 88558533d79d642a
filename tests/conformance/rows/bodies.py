# ruff: noqa: E501 - a row of the table is a line, however long
"""Bodies and headers of objects that are not converted."""

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

from tests.conformance.case import Case
from tests.conformance.lab import Lab

FORMATS = "floci-io/floci#2328, #2410, 2026-08; radkawar/stackd, us-east-1"


def body(check_body: Callable[[bytes], Any], ending: str, encoding: str | None, **config: Any) -> Callable[[Lab], None]:
    def check(lab: Lab) -> None:
        [landed] = lab.delivered(lab.create(**config), b"abc", b"abc", b"abc")
        assert check_body(landed.body)
        assert landed.key.endswith(ending) if ending else "." not in landed.key.rpartition("/")[2]
        assert landed.headers.get("ContentEncoding") == encoding
        assert landed.headers["ContentType"] == "application/octet-stream"

    return check


def zipped(packed: bytes) -> bool:
    [entry] = zipfile.ZipFile(io.BytesIO(packed)).infolist()
    assert len(entry.filename) == 36
    return zipfile.ZipFile(io.BytesIO(packed)).read(entry) == b"abcabcabc"


def backup(lab: Lab) -> None:
    where = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}", "Prefix": "backup/"}
    hints = {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}}
    name = lab.create(Prefix="main/", S3BackupMode="Enabled", S3BackupConfiguration={**where, **hints})
    found = lab.delivered(name, b"one", b"two")
    assert sorted(landed.body for landed in found) == [b"onetwo", b"onetwo"]
    assert sorted(landed.key.split("/")[0][:4] for landed in found) == ["back", "main"]


def default_of_the_bucket(lab: Lab) -> None:
    """Firehose says nothing of encryption, so the bucket's own default applies."""
    bucket = lab.new_bucket(f"conformance-{lab.run}-encrypted")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    lab.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    name = lab.create(BucketARN=f"arn:aws:s3:::{bucket}", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
    lab.put(name, b"x")
    [landed] = lab.eventually(lambda: lab.landed(name, bucket))
    assert landed.headers["ServerSideEncryption"] == "aws:kms"


def every_record(lab: Lab) -> None:
    """Whatever objects AWS makes of a batch, and in whatever order: each record is in one of them, once."""
    lines = [f"{number}\n".encode() for number in range(500)]
    found = lab.delivered(lab.create(Prefix="every/"), *lines)
    assert sorted(b"".join(each.body for each in found).splitlines(keepends=True)) == sorted(lines)


def session(lab: Lab) -> None:
    """Deliver with a role that only a session of this name may use."""
    role = lab.new_role("session", ["s3:*"], Condition={"StringLike": {"aws:userid": "*:AWSFirehoseToS3"}})
    [landed] = lab.delivered(lab.create(RoleARN=role, Prefix="session/"), b"x")
    assert landed.body == b"x"


PLAIN = {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": []}]}
CASES = [
    Case("records are joined as they are, nothing between them", FORMATS, "high", body(b"abcabcabc".__eq__, "", None)),
    Case("GZIP shows in key and header", FORMATS, "high",
         body(lambda b: gzip.decompress(b) == b"abcabcabc", ".gz", "gzip", CompressionFormat="GZIP")),
    Case("ZIP holds one deflated entry named by a UUID", FORMATS, "high", body(zipped, ".zip", "zip", CompressionFormat="ZIP")),
    Case("Snappy is the stream of snappy-java", FORMATS, "high",
         body(lambda b: b.startswith(b"\x82SNAPPY\x00"), ".snappy", "snappy-java", CompressionFormat="Snappy")),
    Case("HADOOP_SNAPPY ends in .snappy, not .hsnappy", FORMATS, "high",
         body(lambda b: b[:4] == b"\x00\x00\x00\x09", ".snappy", "hadoop-snappy", CompressionFormat="HADOOP_SNAPPY")),
    Case("FileExtension changes the key only", "floci-io/floci#2410, 2026-08", "high",
         body(lambda b: gzip.decompress(b) == b"abcabcabc", ".custom.log", "gzip", CompressionFormat="GZIP",
              FileExtension=".custom.log")),
    Case("AppendDelimiterToRecord puts a line feed between records, none at the end", "radkawar/stackd", "medium",
         body(b"abc\nabc\nabc".__eq__, "", None, ProcessingConfiguration=PLAIN)),
    Case("every record of a batch lands once, in however many objects", "radkawar/stackd; floci's sources", "high", every_record),
    Case("without a key of the stream's the bucket's own encryption applies", "radkawar/stackd", "medium", default_of_the_bucket),
    Case("objects are written in a session named AWSFirehoseToS3", "radkawar/stackd", "medium", session),
    Case("the backup is a copy of what was put, in objects of its own", "radkawar/stackd", "medium", backup),
]  # fmt: skip
