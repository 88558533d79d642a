"""`python -m local`: the same template on one machine."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from local.errors import LocalError
from local.redrive.places import ERROR_TYPES

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

CONSOLE = """\
The console as a page of its own. With --aws of a stack on the real AWS, where it changes nothing and needs nothing
that a plain account does not have: the rights of the stack's AnalystPolicy, and cloudformation:DescribeStacks,
cloudformation:ListStackResources, firehose:DescribeDeliveryStream, cloudwatch:GetMetricData,
cloudwatch:DescribeAlarms, logs:GetLogEvents and glue:GetCrawler; for error objects, sts:AssumeRole on the stack's
operator role."""

HERE = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        # Imported by name, so that no command waits for what another one needs: the gateway's imports take a second.
        return int(getattr(import_module(options.module), options.action)(options))
    except LocalError as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


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

    def command(name: str, summary: str, module: str = "local.commands") -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.add_argument("--state", type=Path, default=Path(".state/local"), help="folder of the gateway's state")
        added.set_defaults(module=module, action=name)
        return added

    start = command("up", "start the local AWS and serve until Ctrl-C", "local.servers")
    _add_gateway_options(start)
    start.add_argument("--quotas", metavar="REGION", help="throttle puts as AWS does in this region (off by default)")
    start.add_argument("producer", nargs="*", help="a producer's command that the console may start, after `--`")
    send = command("deploy", "sam deploy a template, and say in a line why it failed if it did")
    _add_deploy_options(send)
    send.add_argument("--aws", action="store_true", help="to the real AWS, with your own credentials")
    send.add_argument("extra", nargs="*", help="further arguments for sam deploy, after `--`")
    command("env", "print what a shell needs so that AWS clients talk to the local AWS")
    _add_query_options(command("query", "run a SQL file on Athena and show the answer"), default=None)
    _add_query_options(
        command("audit", "run the audit query; exit 1 if it says that something was lost"),
        default="sql/audit/verdict.sql",
    )
    command("flush", "deliver now what delivery streams hold").add_argument("--stream", metavar="NAME")
    again = command("redrive", "send the records in a stream's error objects again; twice sends nothing twice")
    again.add_argument("--stream", required=True, metavar="NAME")
    again.add_argument("--type", action="append", metavar="TYPE", help=f"of: {', '.join(ERROR_TYPES)} (default: all)")
    again.add_argument("--dry-run", action="store_true", help="only count")
    again.add_argument("--remove", action="store_true", help="delete error objects all of whose records were sent")
    again.add_argument(
        "--ledger", type=Path, metavar="FILE", help="remembers what was sent (default: in the state folder)"
    )
    again.add_argument("--stack", help="whose operator role to act in (default: the only one)")
    again.add_argument(
        "--role-output", metavar="NAME", help="the stack's output that names the role (local default: OperatorRoleArn)"
    )
    again.add_argument("--aws", action="store_true", help="on the real AWS, with your own credentials or --role-output")
    command("crawl", "run a crawler and wait for it").add_argument("--name", help="default: the stack's own")
    watch = command(
        "console", "the console as a page of its own; with --aws of a stack on the real AWS, read-only", "local.servers"
    )
    watch.description = CONSOLE
    watch.add_argument("--aws", action="store_true", help="read the real AWS, with your own credentials")
    watch.add_argument("--stack", help="default: the only one")
    watch.add_argument("--port", type=int, default=4567, help="on 127.0.0.1 (default 4567)")
    command("down", "stop the local AWS; its state stays")
    whole = command("run", "the whole pipeline for as long as a producer's command runs, then the audit")
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
