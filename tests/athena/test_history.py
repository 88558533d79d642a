"""What Athena remembers when it has been stopped, and when it was cut off."""

from local.athena.history import History
from local.clock import Clock
from tests.athena.standalone import standalone

OUTPUT = "s3://results/history/"


def test_executions_results_and_prepared_statements_outlive_a_restart(lake, tmp_path):
    with standalone(lake.gateway, tmp_path, Clock()) as athena:
        before = athena.run("SELECT 7 AS seven", "lake", OUTPUT)
        athena.run("PREPARE by_hour FROM SELECT count(*) FROM signups WHERE dt = ?", "lake", OUTPUT)
    with standalone(lake.gateway, tmp_path, Clock()) as athena:
        identifier = before["QueryExecutionId"]
        assert athena.call("GetQueryExecution", QueryExecutionId=identifier)["QueryExecution"] == before
        rows = athena.call("GetQueryResults", QueryExecutionId=identifier)["ResultSet"]["Rows"]
        assert rows[1]["Data"] == [{"VarCharValue": "7"}]
        assert identifier in athena.call("ListQueryExecutions")["QueryExecutionIds"]
        again = athena.run("EXECUTE by_hour USING '2026-11-23-19'", "lake", OUTPUT)
        assert again["Status"]["State"] == "SUCCEEDED"


def test_a_token_is_remembered_too(lake, tmp_path):
    asked = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": OUTPUT}}
    found = []
    for _ in range(2):
        with standalone(lake.gateway, tmp_path, Clock()) as athena:
            found.append(athena.call("StartQueryExecution", ClientRequestToken="t" * 32, **asked)["QueryExecutionId"])
    assert found[0] == found[1]


def test_a_query_that_a_crash_cut_off_has_failed(lake, tmp_path):
    history = History(tmp_path)
    record = {"QueryExecutionId": "cut", "WorkGroup": "primary", "submitted": 1.0, "Status": {"State": "RUNNING"}}
    history.put(record)
    history.close()
    with standalone(lake.gateway, tmp_path, Clock()) as athena:
        status = athena.call("GetQueryExecution", QueryExecutionId="cut")["QueryExecution"]["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("FAILED", "The service stopped while the query ran")
