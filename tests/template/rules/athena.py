"""The workgroup and the queries named in it."""

from collections.abc import Iterator
from functools import lru_cache

import sqlglot
from sqlglot import exp

from tests.template.stack import Stack

CTE_OR_VIEW = {"signups_unique"}


def workgroup_decides(stack: Stack) -> Iterator[str]:
    configuration = stack.properties("QueryWorkGroup").get("WorkGroupConfiguration", {})
    if configuration.get("EnforceWorkGroupConfiguration") is not True:
        yield "the workgroup must enforce its settings, else each client chooses where results go"
    if int(configuration.get("BytesScannedCutoffPerQuery", 0)) < 10_000_000:
        yield "the scan cut-off must be 10,000,000 bytes or more"
    if stack.source["Parameters"].get("ScanCutoffMegabytes", {}).get("MinValue", 0) < 10:
        yield "ScanCutoffMegabytes must begin at 10: Athena refuses less"
    if configuration.get("EngineVersion", {}).get("SelectedEngineVersion") != "Athena engine version 3":
        yield "the queries are written for Athena engine version 3"
    results = configuration.get("ResultConfiguration", {})
    if results.get("OutputLocation") != "s3://<LakeBucket>/athena-results/" or "EncryptionConfiguration" not in results:
        yield "results must go, encrypted, to athena-results/, which expires"


def queries_are_asked_here(stack: Stack) -> Iterator[str]:
    for name, resource in stack.of_type("AWS::Athena::NamedQuery").items():
        query = resource["Properties"]
        if (query.get("WorkGroup"), query.get("Database")) != ("<QueryWorkGroup>", "<SignupsDatabase>"):
            yield f"{name}: it must be in the template's workgroup and database"
        if not query.get("Name") or not query.get("Description"):
            yield f"{name}: it needs a name and a description"


def queries_parse(stack: Stack) -> Iterator[str]:
    """Find what is not wholly understood, or reads a table that does not exist."""
    tables = {each["Properties"]["TableInput"]["Name"] for each in stack.of_type("AWS::Glue::Table").values()}
    for name, resource in stack.of_type("AWS::Athena::NamedQuery").items():
        try:
            statement = _parsed(resource["Properties"]["QueryString"])
        except sqlglot.ParseError as reason:
            yield f"{name}: {str(reason).splitlines()[0]}"
            continue
        if isinstance(statement, exp.Command):
            yield f"{name}: not understood as SQL"
        named = {each.alias for each in statement.find_all(exp.CTE)}
        unknown = {each.name for each in statement.find_all(exp.Table)} - tables - named - CTE_OR_VIEW - {""}
        if unknown:
            yield f"{name}: reads {sorted(unknown)}, which the template does not define"


@lru_cache(maxsize=64)
def _parsed(statement: str) -> exp.Expr:
    return sqlglot.parse_one(statement, dialect="athena")


RULES = [workgroup_decides, queries_are_asked_here, queries_parse]
