# ruff: noqa: E501 - a row of the table is a line, however long
"""What is refused and tried again, given up, throttled, counted."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from tests.conformance.case import Case
from tests.conformance.lab import Lab, documents, raw
from tests.conformance.rows.transform import stream

STACKD = "radkawar/stackd captures, us-east-1"
DAY = 24 * 3600
QUARTER_HOUR = 900
LOAD_SECONDS, CLIENTS = 30, 4
SLOW_DOWN = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
A_DAY = "it takes a day"


def throttled(lab: Lab) -> None:
    """Put 4 MB at a time from several clients until the stream says that it is enough."""
    lab = lab.apart
    name, begin = lab.create(), time.monotonic()
    lab.client("firehose")
    with ThreadPoolExecutor(CLIENTS) as pool:
        while time.monotonic() - begin < LOAD_SECONDS:
            answers = list(pool.map(lambda _: lab.put(name, *[bytes(500_000)] * 8), range(CLIENTS)))
            if partial := [answer for answer in answers if answer["FailedPutCount"]]:
                break
        else:
            raise AssertionError(f"never throttled in {LOAD_SECONDS} s")
    for answer in partial:
        failed = [each for each in answer["RequestResponses"] if "RecordId" not in each]
        assert failed == [SLOW_DOWN] * answer["FailedPutCount"]


@contextmanager
def held_back(lab: Lab, prefix: str) -> Iterator[None]:
    """Deny everybody to write under a prefix of the lab's bucket."""
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
              "Resource": f"arn:aws:s3:::{lab.bucket}/{prefix}*"}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    lab.client("s3").put_bucket_policy(Bucket=lab.bucket, Policy=policy)
    try:
        yield
    finally:
        lab.client("s3").delete_bucket_policy(Bucket=lab.bucket)


def delivered_once_allowed(lab: Lab) -> None:
    name = lab.create(Prefix="held/", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
    with held_back(lab, "held/"):
        assert lab.put(name, b"kept")["FailedPutCount"] == 0
        assert lab.delivered(name) == []
        assert lab.describe(name)["DeliveryStreamStatus"] == "ACTIVE"
        assert lab.put(name, b"kept too")["FailedPutCount"] == 0
    lab.eventually(lambda: b"".join(sorted(each.body for each in lab.landed(name))) == b"keptkept too")


def errors_are_kept(lab: Lab) -> None:
    name = stream(lab, ErrorOutputPrefix="held-errors/!{firehose:error-output-type}/")
    with held_back(lab, "held-errors/"):
        lab.delivered(name, b"ProcessingFailed")
    [failed] = documents(lab.eventually(lambda: lab.landed(name)))
    assert raw(failed) == b"ProcessingFailed"


def refused_for(lab: Lab, seconds: float) -> tuple[Lab, str, str]:
    """Return a stream whose bucket appeared only after so long, and that bucket."""
    lab = lab.apart
    bucket = f"conformance-{lab.run}-after-{seconds:.0f}"
    name = lab.create(BucketARN=f"arn:aws:s3:::{bucket}")
    lab.delivered(name, b"old ")
    lab.advance(seconds)
    time.sleep(0.5)
    lab.new_bucket(bucket)
    lab.put(name, b"new")
    lab.delivered(name)
    lab.advance(120)
    return lab, name, bucket


def kept_for_a_day(lab: Lab) -> None:
    lab, name, bucket = refused_for(lab, DAY - QUARTER_HOUR)
    lab.eventually(lambda: sorted(each.body for each in lab.landed(name, bucket)) == [b"new", b"old "])


def given_up_after_a_day(lab: Lab) -> None:
    lab, name, bucket = refused_for(lab, DAY + QUARTER_HOUR)
    lab.eventually(lambda: lab.landed(name, bucket))
    time.sleep(1)
    assert [each.body for each in lab.landed(name, bucket)] == [b"new"]


def statistic(lab: Lab, name: str, metric: str, statistic: str) -> float:
    now = lab.now()
    found = lab.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Firehose", MetricName=metric, Dimensions=[{"Name": "DeliveryStreamName", "Value": name}],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=2), Period=3600, Statistics=[statistic],
    )  # fmt: skip
    return float(sum(each[statistic] for each in found["Datapoints"]))


def counted(lab: Lab) -> None:
    """Count as radkawar/stackd counted: 51 that are Ok, 53 that are dropped, 53 that fail."""
    lab = lab.apart
    where = {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}", "Prefix": "raw/"}
    hints = {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}}
    name = stream(lab, S3BackupMode="Enabled", S3BackupConfiguration={**where, **hints})
    lab.put(name, *[b"Dropped"] * 53)
    lab.delivered(name, *[b"fine"] * 51, *[b"ProcessingFailed"] * 53)
    expected: dict[tuple[str, str], float] = {
        ("IncomingRecords", "Sum"): 157, ("IncomingRecords", "SampleCount"): 2,
        ("IncomingBytes", "Sum"): 51 * 4 + 53 * 7 + 53 * 16, ("IncomingBytes", "SampleCount"): 2,
        ("SucceedProcessing.Records", "Sum"): 51, ("DeliveryToS3.Records", "Sum"): 104,
        ("BackupToS3.Records", "Sum"): 157, ("BackupToS3.Bytes", "Sum"): 51 * 4 + 53 * 7 + 53 * 16,
    }  # fmt: skip

    def found() -> dict[tuple[str, str], float]:
        lab.advance(60)
        return {(metric, kind): statistic(lab, name, metric, kind) for metric, kind in expected}

    lab.eventually(lambda: found() == expected)
    assert statistic(lab, name, "DeliveryToS3.Success", "Average") == 1
    assert statistic(lab, name, "DeliveryToS3.DataFreshness", "Maximum") >= 0


def freshness(lab: Lab) -> None:
    lab = lab.apart
    name = lab.create(BucketARN=f"arn:aws:s3:::conformance-{lab.run}-never")
    lab.delivered(name, b"waits")

    def age() -> float:
        lab.advance(60)
        return statistic(lab, name, "DeliveryToS3.DataFreshness", "Maximum")

    lab.eventually(lambda: age() > QUARTER_HOUR / 3)


def too_many_streams(lab: Lab) -> None:
    lab = lab.apart
    names = [lab.name() for _ in range(500 - len(lab.streams()))]
    make, destination = lab.client("firehose").create_delivery_stream, lab.destination()
    try:
        for name in names:
            make(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)
        code, message = lab.refusal(lab.create)
        assert code == "LimitExceededException"
        assert message.startswith("You have already consumed your firehose quota of 500 hoses. Firehose names: [")
    finally:
        lab.advance(1)
        lab.delete(names)


CASES = [
    Case("over its quota a stream answers 200 and tells each record that it failed", "boto/boto3#2804, wire log 2021-03-31", "high", throttled),
    Case("what a bucket refuses is kept, and written once it is allowed", STACKD, "medium", delivered_once_allowed),
    Case("error documents that cannot be written are kept, too", "Developer Guide, data delivery failure", "medium", errors_are_kept),
    Case("what is refused is tried for a day", "Developer Guide, data delivery failure", "medium", kept_for_a_day, not_on_aws=A_DAY),
    Case("what is refused for more than a day is given up", "Developer Guide, data delivery failure", "medium", given_up_after_a_day, not_on_aws=A_DAY),
    Case("metrics count puts once, what is Ok, and error documents as delivered", STACKD, "medium", counted),
    Case("DataFreshness grows while something waits", "Developer Guide, monitoring with CloudWatch metrics", "medium", freshness),
    Case("there are so many streams and no more", "moto, kept for years; Developer Guide, limits", "medium", too_many_streams,
         not_on_aws="most regions allow 5,000, at five calls a second"),
]  # fmt: skip
