"""`python -m local`: the same template on one machine."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from local import ask, target
from local.clients import ClientError, for_role
from local.console.app import serve
from local.deploy import deploy
from local.errors import LocalError, UsageError
from local.firehose.redrive import ERROR_TYPES, redrive
from local.run import Plan, run
from local.up import Options, up

EPILOG = """\
examples:
  python -m local up                                  start the local AWS (Ctrl-C stops it)
  python -m local deploy                              sam deploy template.yaml to it
  eval "$(python -m local env)"                       let any AWS client of this shell talk to it
  python -m local query sql/queries/FILE.sql          ask Athena; `-` reads standard input
  python -m local flush                               deliver now what delivery streams hold
  python -m local redrive --stream NAME --dry-run     what would be sent again from errors/

exit status: 0 done, 1 something was lost or failed, 2 a mistake that the message explains
"""

HERE = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = _parser().parse_args(arguments)
    action: Callable[[argparse.Namespace], int] = options.action
    try:
        return action(options)
    except LocalError as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _up(options: argparse.Namespace) -> int:
    up(
        Options(
            port=options.port, state=options.state, region=options.region, lambda_python=options.lambda_python,
            quotas=options.quotas, producer=options.producer, role_output=options.role_output,
        )
    )  # fmt: skip
    return 0


def _deploy(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    log = options.state / "deploy.log"
    stack = deploy(
        where, sam=options.sam, template=options.template, environment=options.config_env,
        extra=options.extra, log=log,
    )  # fmt: skip
    for name, value in sorted(target.outputs(where, stack or None).items()):
        print(f"{name:24} {value}")
    return 0


def _env(options: argparse.Namespace) -> int:
    print(target.exports(target.require(options.state)))
    return 0


def _query(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    ask.show(ask.ask(where, options.file, options.stack), options.format, sys.stdout)
    return 0


def _audit(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    answer = ask.ask(where, options.file, options.stack)
    ask.show(answer, options.format, sys.stdout)
    return 1 if ask.lost(answer) else 0


def _flush(options: argparse.Namespace) -> int:
    members = {"stream": options.stream} if options.stream else {}
    for name, delivered in sorted(target.require(options.state).act("flush", **members).items()):
        print(f"{name}: {delivered}")
    return 0


def _redrive(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    ledger = options.ledger or options.state / f"redrive-{options.stream}.ledger"
    client = _operators_client(where, options.stack, options.role_output)
    try:
        report = redrive(client, options.stream, options.type, options.dry_run, ledger)
    except ClientError as refusal:
        raise UsageError(f"redrive: {refusal.response['Error']['Message']}") from None
    for error, count in report.by_error.most_common():
        print(f"{count:8}  {error}")
    for reason in report.unreadable:
        print(f"unreadable: {reason}", file=sys.stderr)
    done = "would be sent" if options.dry_run else "sent"
    count = report.documents - report.already_sent if options.dry_run else report.sent
    print(f"{report.objects} objects, {report.documents} records: {count} {done}, "
          f"{report.already_sent} sent by an earlier run, {report.failed} refused")  # fmt: skip
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


def _crawl(options: argparse.Namespace) -> int:
    gateway = target.require(options.state)
    print(target.crawl(gateway, options.name or target.outputs(gateway, None).get("CrawlerName", "")))
    return 0


def _console(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    serve(where, options.stack, options.port, read_only=options.aws)
    return 0


def _down(options: argparse.Namespace) -> int:
    if (gateway := target.running(options.state)) is None:
        print("no gateway is running")
        return 0
    os.kill(gateway.pid, signal.SIGTERM)
    target.wait_until_gone(gateway.pid)
    print(f"the gateway at {gateway.endpoint} has stopped; its state stays in {options.state}")
    return 0


def _run(options: argparse.Namespace) -> int:
    if not options.command:
        raise UsageError("run what? Give the producer's command after `--`")
    plan = Plan(
        state=options.state, port=options.port, region=options.region, sam=options.sam, template=options.template,
        environment=options.config_env, command=options.command, seconds=options.seconds, query=options.query,
        audit=options.audit, role_output=options.role_output,
        gateway_options=["--lambda-python", str(options.lambda_python)],
    )  # fmt: skip
    return run(plan, Console())


def seconds(text: str) -> float | None:
    """Return the seconds of `90`, `60s`, `5m` or `1h`; None for an empty text. Raises ArgumentTypeError."""
    if not text:
        return None
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1] in units else (text, 1)
    try:
        value = float(number) * unit
    except ValueError:
        value = -1
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a time: write 60s, 5m or 1h")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m local", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, action: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.add_argument("--state", type=Path, default=Path(".state/local"), help="folder of the gateway's state")
        added.set_defaults(action=action)
        return added

    start = command("up", _up, "start the local AWS and serve until Ctrl-C")
    _add_gateway_options(start)
    start.add_argument("--quotas", metavar="REGION", help="throttle puts as AWS does in this region (off by default)")
    start.add_argument("producer", nargs="*", help="a producer's command that the console may start, after `--`")
    send = command("deploy", _deploy, "sam deploy a template, and say in a line why it failed if it did")
    _add_deploy_options(send)
    send.add_argument("--aws", action="store_true", help="to the real AWS, with your own credentials")
    send.add_argument("extra", nargs="*", help="further arguments for sam deploy, after `--`")
    command("env", _env, "print what a shell needs so that AWS clients talk to the local AWS")
    _add_query_options(command("query", _query, "run a SQL file on Athena and show the answer"), default=None)
    _add_query_options(
        command("audit", _audit, "run the audit query; exit 1 if it says that something was lost"),
        default="sql/audit/verdict.sql",
    )
    command("flush", _flush, "deliver now what delivery streams hold").add_argument("--stream", metavar="NAME")
    again = command(
        "redrive", _redrive, "send the records in a stream's error objects again; twice sends nothing twice"
    )
    again.add_argument("--stream", required=True, metavar="NAME")
    again.add_argument("--type", action="append", metavar="TYPE", help=f"of: {', '.join(ERROR_TYPES)} (default: all)")
    again.add_argument("--dry-run", action="store_true", help="only count")
    again.add_argument(
        "--ledger", type=Path, metavar="FILE", help="remembers what was sent (default: in the state folder)"
    )
    again.add_argument("--stack", help="whose operator role to act in (default: the only one)")
    again.add_argument(
        "--role-output", metavar="NAME", help="the stack's output that names the role (local default: OperatorRoleArn)"
    )
    again.add_argument("--aws", action="store_true", help="on the real AWS, with your own credentials or --role-output")
    command("crawl", _crawl, "run a crawler and wait for it").add_argument("--name", help="default: the stack's own")
    watch = command(
        "console", _console, "the console as a page of its own; with --aws of a stack on the real AWS, read-only"
    )
    watch.add_argument("--aws", action="store_true", help="read the real AWS, with your own credentials")
    watch.add_argument("--stack", help="default: the only one")
    watch.add_argument("--port", type=int, default=4567, help="on 127.0.0.1 (default 4567)")
    command("down", _down, "stop the local AWS; its state stays")
    whole = command("run", _run, "the whole pipeline for as long as a producer's command runs, then the audit")
    _add_gateway_options(whole)
    _add_deploy_options(whole)
    whole.add_argument("--for", dest="seconds", type=seconds, default=None, metavar="TIME", help="60s, 5m, 1h")
    whole.add_argument("--query", metavar="FILE", help="a first question, asked as soon as it has an answer")
    whole.add_argument("--audit", metavar="FILE", help="the query whose column `lost` must add up to 0 at the end")
    whole.add_argument("command", nargs="*", help="the producer's command, after `--`")
    return parser


def _add_gateway_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--port", type=int, default=4566, help="on 127.0.0.1 (default 4566; 0 takes a free one)")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--role-output", metavar="NAME", help="the stack's output that names the producer's role")
    parser.add_argument("--lambda-python", type=Path, default=HERE / ".venv-lambda/bin/python", metavar="PATH")
    return parser


def _add_deploy_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--template", type=Path, default=Path("template.yaml"))
    parser.add_argument("--config-env", default="local", help="environment of samconfig.toml (default: local)")
    parser.add_argument("--sam", type=Path, default=HERE / ".venv-sam/bin/sam", metavar="PATH")
    return parser


def _add_query_options(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("file", nargs=None if default is None else "?", default=default, help="SQL; `-` reads stdin")
    parser.add_argument("--stack", help="default: the only one")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.add_argument("--aws", action="store_true", help="ask the real AWS, with your own credentials")
