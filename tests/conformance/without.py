"""What is known, or wished to be known, of Direct PUT and S3 and has no row, and why."""

WITHOUT_A_ROW = {
    "AWS may split a batch over several objects and reorder it": "a freedom of AWS's: nothing depends on either",
    "members of error documents came in other orders in 2019 and 2022": "superseded by the order of 2026",
    "decompression-failed documents; messages taken out of log events": (
        "only CloudWatch Logs may put to such a stream: tests/firehose/test_sources.py"
    ),
    "throttling by quota, `Slow down.` inside a 200": (
        "off unless --quotas names a region, and AWS would have to be overloaded: tests/firehose/test_delivery.py"
    ),
    "what is refused is tried for 24 hours": "takes a day, or a clock to be moved: tests/firehose/test_delivery.py",
    "a function that times out fails the batch": "takes minutes on AWS: tests/local/test_runtime.py",
    "each attempt has an invocationId of its own": "seen only by the function: tests/firehose/test_delivery.py",
    "DataFreshness and the other metrics, once a minute": "arrive minutes late on AWS: tests/firehose/test_delivery.py",
    "states CREATING and DELETING": "a local stream is active, or gone, at once (one row tells that it differs)",
    "LimitExceededException at 5,000 streams": "not limited here",
    "a Kinesis stream, MSK or a database as source": "not Direct PUT; creation is refused or put is, nothing is read",
    "Lake Formation permissions in Glue's refusals": "there is no Lake Formation here",
    "text of the refusal when the table is missing at creation": "AWS's text was never recorded",
    "what follows a literal ErrorOutputPrefix": "AWS's keys were never recorded",
    "created_by, page layout and physical types of decimals and dates in Parquet": "AWS's were never recorded",
    "from which size a request is answered with a bare 413": "AWS's threshold was never recorded",
}
