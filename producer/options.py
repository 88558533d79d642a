"""The command line of `Settings`: parsing, help, and complaints in one sentence."""

import argparse
import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from producer.errors import UsageError
from producer.settings import Settings

_DESCRIPTION = "Send fake Brazilian sign-ups to an Amazon Data Firehose delivery stream, and lose none of them."

_EPILOG = """\
examples:
  python -m producer --delivery-stream signups --rate 50             until Ctrl-C
  python -m producer --delivery-stream signups --rate 500 --for 5m   bounded in time
  python -m producer --delivery-stream signups --total 100000 --rate max --pack
                                                                     as fast as the quota lets, 10 times cheaper
  python -m producer --delivery-stream signups --ramp 10:1000/60s    find out where it breaks
  python -m producer --delivery-stream signups --rate 20 --profile day --burst 500/10m
                                                                     looks like a real site
  python -m producer --delivery-stream signups --seed 7 --lane 0 --lanes 2
  python -m producer --delivery-stream signups --seed 7 --lane 1 --lanes 2
                                                                     two producers, no CPF twice
  python -m producer resume --delivery-stream signups                only what earlier runs left behind

Every option can be given in the environment: --give-up-after is PRODUCER_GIVE_UP_AFTER. Credentials, region and
endpoint are boto3's: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.

The journal is written before anything is sent. Whatever the end of a run leaves unsent (Ctrl-C, SIGKILL, no network)
is sent first by the next run for the same stream and region. It holds seeds and positions, no personal data.

exit codes:
  0  everything was delivered
  1  a defect of this program
  2  an option is wrong
  3  AWS refuses for a reason that no retry cures: no such stream, access denied, a bad key, no credentials
  4  sign-ups wait in the journal, or lie in the dead-letter file
  5  the journal or the dead-letter file cannot be read or written
"""

_TIMES = ("for_", "linger", "request_timeout", "give_up_after", "drain_timeout", "interval")
_NUMBERS = ("total", "start_at", "in_flight", "lane", "lanes", "seed")
_METAVARS = dict.fromkeys(_TIMES, "TIME") | dict.fromkeys(_NUMBERS, "N") | {"delivery_stream": "NAME"}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (python -m producer --help shows examples)")


def parse(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[str, Settings]:
    """Return the command (`send` or `resume`) and its settings. Raises UsageError; `--help` raises SystemExit."""
    command, *rest = arguments if arguments and not arguments[0].startswith("-") else ("send", *arguments)
    if command not in ("send", "resume"):
        raise UsageError(f"there is no command {command!r}: there are send, which needs not be said, and resume")
    parser = _parser()
    known, unknown = parser.parse_known_args(rest)
    if unknown:
        raise UsageError(_unknown(unknown[0], sorted(parser._option_string_actions)))  # noqa: SLF001 - argparse keeps its options nowhere else
    _check_variables(os.environ if environment is None else environment)
    given = vars(known)
    try:
        return command, Settings(**given)
    except ValidationError as error:
        raise UsageError("; ".join(_complaint(problem, given) for problem in error.errors())) from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m producer",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
        usage="%(prog)s [send|resume] --delivery-stream NAME [options]",
    )
    for name, field in Settings.model_fields.items():
        text = (field.description or "").replace("%", "%%")
        if field.annotation in (bool, bool | None):
            parser.add_argument(_option(name), dest=name, action=argparse.BooleanOptionalAction, help=text)
        else:
            parser.add_argument(
                _option(name), dest=name, metavar=_METAVARS.get(name, name.split("_")[-1].upper()), help=text
            )
    return parser


def _option(name: str) -> str:
    return "--" + name.strip("_").replace("_", "-")


def _variable(name: str) -> str:
    return f"PRODUCER_{name.strip('_').upper()}"


def _unknown(text: str, options: list[str]) -> str:
    word = text.split("=", 1)[0]
    close = difflib.get_close_matches(word, options, 1)
    hint = f"did you mean {close[0]}?" if close else "python -m producer --help lists the options"
    return f"there is no option {word}; {hint}"


def _check_variables(environment: Mapping[str, str]) -> None:
    known = [_variable(name) for name in Settings.model_fields]
    for name in environment:
        if name.startswith("PRODUCER_") and name not in known:
            close = difflib.get_close_matches(name, known, 1, cutoff=0.8)
            if close:
                raise UsageError(f"the environment variable {name} is unknown; did you mean {close[0]}?")


def _complaint(problem: ErrorDetails, given: Mapping[str, Any]) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    where = _option(name) if name in given else _variable(name)
    if problem["type"] == "missing":
        return f"{_option(name)} is missing: {Settings.model_fields[name].description}"
    if problem["type"] == "value_error":
        return f"{where}: {message}"
    return f"{where}: {problem['input']!r} will not do: {message[0].lower()}{message[1:]}"


def warn(sentence: str) -> None:
    print(f"producer: {sentence}", file=sys.stderr)
