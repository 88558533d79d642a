"""FilterLogEvents, page by page."""

import time

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def logged(gateway):
    """Return the messages of a group with two streams, many of them of one moment, in the order of time."""
    logs = gateway.client("logs")
    logs.create_log_group(logGroupName="paged")
    began = int(time.time() * 1000) - 10_000
    for stream, offset in (("one", 0), ("other", 1)):
        logs.create_log_stream(logGroupName="paged", logStreamName=stream)
        events = [{"timestamp": began + number // 10, "message": f"{stream} {number:02}"} for number in range(40)]
        logs.put_log_events(logGroupName="paged", logStreamName=stream, logEvents=events)
        began += offset
    return {f"{stream} {number:02}" for stream in ("one", "other") for number in range(40)}


@pytest.mark.parametrize("size", [1, 7, 10, 39, 40, 79, 80, 81])
def test_log_events_are_paged_and_none_is_lost_or_doubled(gateway, logged, size):
    pages = gateway.client("logs").get_paginator("filter_log_events").paginate(
        logGroupName="paged", PaginationConfig={"PageSize": size}
    )  # fmt: skip
    found = [page["events"] for page in pages]
    assert all(len(page) <= size for page in found)
    events = [event for page in found for event in page]
    assert [each["timestamp"] for each in events] == sorted(each["timestamp"] for each in events)
    assert sorted(each["message"] for each in events) == sorted(logged)


@pytest.mark.usefixtures("logged")
def test_log_events_are_paged_within_what_is_asked_for(gateway):
    pages = gateway.client("logs").get_paginator("filter_log_events").paginate(
        logGroupName="paged", logStreamNamePrefix="oth", filterPattern="other", PaginationConfig={"PageSize": 9}
    )  # fmt: skip
    assert sorted(event["message"] for page in pages for event in page["events"]) == [
        f"other {number:02}" for number in range(40)
    ]
    logs = gateway.client("logs")
    assert logs.filter_log_events(logGroupName="paged", logStreamNamePrefix="none")["events"] == []
    with pytest.raises(ClientError, match="nextToken is invalid"):
        logs.filter_log_events(logGroupName="paged", nextToken="next")
