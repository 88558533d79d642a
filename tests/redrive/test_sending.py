"""Records are sent again in batches that Firehose takes."""

from local.redrive.documents import Document
from local.redrive.ledger import Ledger
from local.redrive.sending import send


class Firehose:
    """Takes batches as the service does, and refuses records that say so."""

    def __init__(self):
        self.batches = []

    def put_record_batch(self, DeliveryStreamName, Records):  # noqa: N803 - AWS's spelling
        assert DeliveryStreamName == "s"
        assert len(Records) <= 500
        assert sum(len(each["Data"]) for each in Records) <= 4 * 2**20
        self.batches.append([each["Data"] for each in Records])
        responses = [
            {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."} if each["Data"] == b"refuse me"
            else {"RecordId": "x"} for each in Records
        ]  # fmt: skip
        return {"FailedPutCount": 0, "RequestResponses": responses}


def failed(data, place):
    return Document("s3://lake/errors/a", place, 2_000, "", "", 1, 0, data)


def test_batches_are_within_the_limits_of_bytes_and_records(tmp_path):
    firehose = Firehose()
    large = [failed(b"x" * 1_000_000, place) for place in range(9)]
    small = [failed(b"y", place) for place in range(9, 1_010)]
    with Ledger(tmp_path / "ledger", read_only=False) as ledger:
        done = send(firehose, "s", large + small, ledger)
    assert (done.sent, done.refused) == (1_010, 0)
    assert sum(len(batch) for batch in firehose.batches) == 1_010


def test_what_is_refused_to_the_end_is_counted_and_not_noted(tmp_path):
    firehose = Firehose()
    waits: list[float] = []
    records = [failed(b"a", 0), failed(b"refuse me", 1), failed(b"b", 2)]
    with Ledger(tmp_path / "ledger", read_only=False) as ledger:
        done = send(firehose, "s", records, ledger, attempts=3, sleep=waits.append)
        held = [ledger.holds("s3://lake/errors/a", place) for place in range(3)]
    assert (done.sent, done.refused) == (2, 1)
    assert held == [True, False, True]
    assert firehose.batches[1:] == [[b"refuse me"]] * 2
    assert waits == sorted(waits)
