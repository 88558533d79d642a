"""What the commands of `python -m local` do that serve: the gateway, and the console as a page of its own."""

import argparse

from local import target
from local.console.serving import serve_alone
from local.up import Options
from local.up import up as serve_gateway


def up(options: argparse.Namespace) -> int:
    serve_gateway(
        Options(
            port=options.port, state=options.state, region=options.region, lambda_python=options.lambda_python,
            quotas=options.quotas, producer=options.producer, role_output=options.role_output,
        )
    )  # fmt: skip
    return 0


def console(options: argparse.Namespace) -> int:
    where = target.AWS if options.aws else target.require(options.state)
    serve_alone(where, options.stack, options.port, options.state, read_only=options.aws)
    return 0
