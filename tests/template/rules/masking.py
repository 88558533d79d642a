"""The function that stands between raw CPFs and the bucket."""

import re
from collections.abc import Iterator

from tests.template.stack import ROOT, Stack

RUNTIMES = {"python3.12", "python3.13", "python3.14"}
"""What Lambda runs, SAM builds and no deprecation is near for, in November 2026."""
FIREHOSE_WAITS_SECONDS = 300


def handler_exists(stack: Stack) -> Iterator[str]:
    source = stack.source["Resources"]["MaskFunction"]["Properties"]
    module, _, function = source["Handler"].rpartition(".")
    path = ROOT / source["CodeUri"] / (module.replace(".", "/") + ".py")
    if not path.is_file() or not re.search(rf"^(def )?{function}\b", path.read_text(), re.MULTILINE):
        yield f"the handler {source['Handler']} is not in {source['CodeUri']}"


def runs_on_a_living_runtime(stack: Stack) -> Iterator[str]:
    if (runtime := stack.properties("MaskFunction").get("Runtime")) not in RUNTIMES:
        yield f"{runtime} is not one of {sorted(RUNTIMES)}"


def answers_while_firehose_waits(stack: Stack) -> Iterator[str]:
    function = stack.properties("MaskFunction")
    if not 10 <= int(function.get("Timeout", 3)) <= FIREHOSE_WAITS_SECONDS:
        yield "Timeout must be 10 to 300 s: Firehose gives up after five minutes"
    if "ReservedConcurrentExecutions" in function:
        yield "a reserved concurrency throttles, and what is throttled lands in errors/, raw"


def has_its_own_role_and_log_group(stack: Stack) -> Iterator[str]:
    function = stack.properties("MaskFunction")
    if function.get("Role") != "<MaskRole.Arn>":
        yield "it must have its own role: SAM's default may log anywhere"
    if function.get("LoggingConfig", {}).get("LogGroup") != "<MaskLogGroup>":
        yield "it must log to the template's group: the one Lambda creates keeps logs for ever"


def key_is_named_and_not_shown(stack: Stack) -> Iterator[str]:
    variables = stack.properties("MaskFunction").get("Environment", {}).get("Variables", {})
    if variables.get("TOKEN_KEY_SECRET") != "<TokenKey>":
        yield "TOKEN_KEY_SECRET must name the secret"
    if set(variables) != {"TOKEN_KEY_SECRET", "METRICS_NAMESPACE"}:
        yield "its variables must be TOKEN_KEY_SECRET and METRICS_NAMESPACE"
    secret = stack.properties("TokenKey")
    if "SecretString" in secret or int(secret.get("GenerateSecretString", {}).get("PasswordLength", 0)) < 32:
        yield "the key must be generated, 32 characters or more: what a template says is no secret"


RULES = [
    handler_exists,
    runs_on_a_living_runtime,
    answers_while_firehose_waits,
    has_its_own_role_and_log_group,
    key_is_named_and_not_shown,
]
