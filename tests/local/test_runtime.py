"""Functions run on AWS's own runtime client, under their role, and fail as they fail on AWS."""

import base64
import io
import json
import time
import zipfile

import pytest
from botocore.exceptions import ClientError

HANDLER = """
import logging, os, time

def handler(event, context):
    print("said on stdout")
    logging.getLogger().warning("said by logging")
    if event.get("sleep"):
        time.sleep(event["sleep"])
    if event.get("raise"):
        raise ValueError("no good")
    if event.get("exit"):
        os._exit(3)
    if event.get("big"):
        return "x" * 7_000_000
    if event.get("emf"):
        print('{"_aws":{"Timestamp":0,"CloudWatchMetrics":[{"Namespace":"Test","Dimensions":[["Name"]],'
              '"Metrics":[{"Name":"Eaten","Unit":"Count"}]}]},"Name":"cake","Eaten":3}')
    import boto3
    me = boto3.client("sts").get_caller_identity()["Arn"]
    return {"me": me, "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis()}
"""


def trust(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def archive(source):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("app/__init__.py", "")
        opened.writestr("app/main.py", source)
    return packed.getvalue()


def make_role(gateway, name, service, *statements):
    iam = gateway.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=policy)
    return arn


@pytest.fixture(scope="module")
def function(gateway):
    writes = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/eater:*",
    }
    role = make_role(gateway, "eater", "lambda.amazonaws.com", writes)
    gateway.client("logs").create_log_group(logGroupName="/aws/lambda/eater")
    gateway.client("lambda").create_function(
        FunctionName="eater", Runtime="python3.14", Role=role, Handler="app.main.handler",
        Code={"ZipFile": archive(HANDLER)}, Timeout=2,
    )  # fmt: skip
    return "eater"


def invoke(gateway, name, event, **options):
    answer = gateway.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
    return answer, json.loads(answer["Payload"].read())


def test_a_function_runs_with_its_roles_credentials(gateway, function):
    answer, result = invoke(gateway, function, {})
    assert "FunctionError" not in answer
    assert result["me"] == "arn:aws:sts::000000000000:assumed-role/eater/eater"
    assert 0 < result["left"] <= 2000


def test_a_function_has_its_time_whatever_the_gateways_clock_was_moved_to(gateway, function):
    gateway.act("clock", advance=30)
    _, result = invoke(gateway, function, {})
    assert 0 < result["left"] <= 2000


def test_the_invoked_arn_carries_the_qualifier(gateway, function):
    answer, result = invoke(gateway, function, {}, Qualifier="$LATEST")
    assert answer["ExecutedVersion"] == "$LATEST"
    assert result["arn"].endswith(":function:eater:$LATEST")


def test_an_exception_is_told_with_its_type_and_leaves_the_environment_alive(gateway, function):
    answer, result = invoke(gateway, function, {"raise": True})
    assert answer["FunctionError"] == "Unhandled"
    assert (result["errorType"], result["errorMessage"]) == ("ValueError", "no good")
    assert result["stackTrace"]


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        ({"exit": True}, "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        ({"sleep": 5}, "Sandbox.Timedout", "Task timed out after 2.00 seconds"),
        ({"big": True}, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed"),
    ],
)
def test_what_lambda_says_of_a_function_that_does_not_answer(gateway, function, event, kind, message):
    answer, result = invoke(gateway, function, event)
    assert answer["FunctionError"] == "Unhandled"
    assert result["errorType"] == kind
    assert message in result["errorMessage"]
    assert "FunctionError" not in invoke(gateway, function, {})[0]  # the next environment is a fresh one


def test_an_event_over_six_megabytes_is_refused(gateway, function):
    with pytest.raises(ClientError, match="Request must be smaller than 6291456 bytes"):
        invoke(gateway, function, {"x": "y" * 6_300_000})


def test_a_version_that_does_not_exist_is_not_found(gateway, function):
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        invoke(gateway, function, {}, Qualifier="7")


def test_a_role_without_permission_may_not_invoke(gateway, function):
    make_role(gateway, "stranger", "ecs-tasks.amazonaws.com")
    arn = "arn:aws:iam::000000000000:role/stranger"
    stranger = gateway.client("lambda", **gateway.assume(arn, "ecs-tasks.amazonaws.com"))
    with pytest.raises(ClientError, match=r"not authorized to perform: lambda:InvokeFunction on resource: .*:eater"):
        stranger.invoke(FunctionName=function)


def test_a_role_that_does_not_trust_lambda_runs_nothing(gateway):
    role = make_role(gateway, "elsewhere", "glue.amazonaws.com")
    gateway.client("lambda").create_function(
        FunctionName="untrusted", Runtime="python3.14", Role=role, Handler="app.main.handler",
        Code={"ZipFile": archive(HANDLER)},
    )  # fmt: skip
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        invoke(gateway, "untrusted", {})


def test_output_reaches_the_log_group_and_emf_becomes_a_metric(gateway, function):
    invoke(gateway, function, {"emf": True})
    logs = gateway.client("logs")
    said: list[str] = []
    deadline = time.monotonic() + 10
    while not any("Eaten" in line for line in said) and time.monotonic() < deadline:
        said = [each["message"] for each in logs.filter_log_events(logGroupName="/aws/lambda/eater")["events"]]
    assert any("said on stdout" in line for line in said)
    assert any("said by logging" in line for line in said)
    assert any(line.startswith("REPORT RequestId:") for line in said)
    gateway.act("clock", advance=60)
    listed: list[dict[str, object]] = []
    while not listed and time.monotonic() < deadline:
        listed = gateway.client("cloudwatch").list_metrics(Namespace="Test")["Metrics"]
    assert listed[0]["Dimensions"] == [{"Name": "Name", "Value": "cake"}]


def test_in_json_every_line_is_a_document(gateway, function):
    lambda_ = gateway.client("lambda")
    lambda_.update_function_configuration(
        FunctionName=function, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/aws/lambda/eater"}
    )
    try:
        answer, _ = invoke(gateway, function, {}, LogType="Tail")
    finally:
        lambda_.update_function_configuration(FunctionName=function, LoggingConfig={"LogFormat": "Text"})
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    printed, *others = sorted(lines, key=lambda line: line.startswith("{"))
    assert printed == "said on stdout"  # what is printed stays as it is
    documents = [json.loads(line) for line in others]
    # The level is INFO, at which botocore speaks, too.
    start, said, report = [each for each in documents if each.get("logger", "root") == "root"]
    assert (start["type"], start["record"]["version"]) == ("platform.start", "$LATEST")
    assert (said["level"], said["message"], said["requestId"]) == (
        "WARNING", "said by logging", start["record"]["requestId"],
    )  # fmt: skip
    assert report["type"] == "platform.report"
    assert report["record"]["metrics"]["memorySizeMB"] == 128


def test_new_code_is_run_at_once(gateway, function):
    changed = HANDLER.replace('"me": me', '"me": "changed"')
    gateway.client("lambda").update_function_code(FunctionName=function, ZipFile=archive(changed))
    assert invoke(gateway, function, {})[1]["me"] == "changed"


def test_old_log_streams_are_let_go_of(gateway, function):
    logs = gateway.client("logs")
    for number in range(6):
        logs.create_log_stream(logGroupName="/aws/lambda/eater", logStreamName=f"old-{number}")
    changed = HANDLER.replace('"me": me', '"me": "again"')
    gateway.client("lambda").update_function_code(FunctionName=function, ZipFile=archive(changed))
    invoke(gateway, function, {})
    deadline = time.monotonic() + 10
    while len(kept := logs.describe_log_streams(logGroupName="/aws/lambda/eater")["logStreams"]) > 4:
        assert time.monotonic() < deadline
    assert "old-0" not in {each["logStreamName"] for each in kept}
