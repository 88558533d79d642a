"""What the commands of `python -m local` do that are clients of a gateway, or of AWS."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from local import ask, target
from local.clients import ClientError, for_role
from local.deploy import deploy as sam_deploy
from local.errors import UsageError
from local.redrive.ledger import path_of
from local.redrive.stream import redrive as send_again
from local.run import Plan
from local.run import run as run_pipeline


def deploy(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    log = options.state / "deploy.log"
    stack = sam_deploy(
        where, sam=options.sam, template=options.template, environment=options.config_env,
        extra=options.extra, log=log,
    )  # fmt: skip
    for name, value in sorted(target.outputs(where, stack or None).items()):
        print(f"{name:24} {value}")
    return 0


def env(options: argparse.Namespace) -> int:
    print(target.exports(target.require(options.state)))
    return 0


def query(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    ask.show(ask.ask(where, options.file, options.stack), options.format, sys.stdout)
    return 0


def audit(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    answer = ask.ask(where, options.file, options.stack)
    ask.show(answer, options.format, sys.stdout)
    return 1 if ask.lost(answer) else 0


def flush(options: argparse.Namespace) -> int:
    members = {"stream": options.stream} if options.stream else {}
    for name, delivered in sorted(target.require(options.state).act("flush", **members).items()):
        print(f"{name}: {delivered}")
    return 0


def redrive(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    ledger = options.ledger or path_of(options.state, options.stream)
    client = _operators_client(where, options.stack, options.role_output)
    try:
        report = send_again(client, options.stream, options.type, options.dry_run, ledger, remove=options.remove)
    except ClientError as refusal:
        raise UsageError(f"redrive: {refusal.response['Error']['Message']}") from None
    for error, count in report.by_error.most_common():
        print(f"{count:8}  {error}")
    for reason in report.unreadable:
        print(f"unreadable: {reason}", file=sys.stderr)
    done = "would be sent" if options.dry_run else "sent"
    count = report.documents - report.already_sent if options.dry_run else report.sent
    print(f"{report.objects} objects, {report.documents} records: {count} {done}, "
          f"{report.already_sent} sent by an earlier run, {report.failed} refused"
          + (f"; {report.removed} objects removed" if options.remove else ""))  # fmt: skip
    return 1 if report.failed or report.unreadable else 0


def _operators_client(where: target.Target, stack: str | None, role_output: str | None) -> Callable[[str], Any]:
    """Return clients in the role that may read error objects, if an output names one, else with one's own rights."""
    if where is target.AWS and role_output is None:
        return where.client
    try:
        outputs = target.outputs(where, stack)
        role = outputs[role_output] if role_output else outputs.get("OperatorRoleArn")
        return for_role(role, endpoint=where.endpoint, region=where.region) if role else where.client
    except KeyError:
        raise UsageError(f"the stack has no output {role_output}: choose one of {', '.join(sorted(outputs))}") from None
    except ClientError as refusal:
        raise UsageError(f"redrive: {refusal.response['Error']['Message']}") from None
    except UsageError:
        if stack or role_output:
            raise
        return where.client


def crawl(options: argparse.Namespace) -> int:
    gateway = target.require(options.state)
    print(target.crawl(gateway, options.name or target.outputs(gateway, None).get("CrawlerName", "")))
    return 0


def down(options: argparse.Namespace) -> int:
    if (gateway := target.running(options.state)) is None:
        print("no gateway is running")
        return 0
    os.kill(gateway.pid, signal.SIGTERM)
    target.wait_until_gone(gateway.pid)
    print(f"the gateway at {gateway.endpoint} has stopped; its state stays in {options.state}")
    return 0


def run(options: argparse.Namespace) -> int:
    if not options.command:
        raise UsageError("run what? Give the producer's command after `--`")
    plan = Plan(
        state=options.state, port=options.port, region=options.region, sam=options.sam, template=options.template,
        environment=options.config_env, command=options.command, seconds=options.seconds, query=options.query,
        audit=options.audit, role_output=options.role_output,
        gateway_options=["--lambda-python", str(options.lambda_python)],
    )  # fmt: skip
    return run_pipeline(plan, ask.paper(sys.stdout))
