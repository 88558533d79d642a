"""What is known, or wished to be known, of Direct PUT and S3 and has no row, and why."""

WITHOUT_A_ROW = {
    "members of error documents came in other orders in 2019 and 2022": "AWS writes the order of 2026, which has a row",
    "decompression-failed documents; messages taken out of log events": (
        "only CloudWatch Logs may put to such a stream, and MiniStack's forwards to functions only:"
        " tests/firehose/test_sources.py"
    ),
    "what a Kinesis stream, MSK or a database feeds": "not Direct PUT: nothing is read from them here",
    "line feeds that SNS adds and EventBridge does not": "what those services put, not what Firehose does with it",
    "Lake Formation's part of Glue's refusals": "there is no Lake Formation here",
    "created_by, pages and dictionaries of Parquet": "AWS's were never recorded, and no reader goes by them",
}
