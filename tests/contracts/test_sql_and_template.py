"""`template.yaml`, `schemas/`, `sql/` and the function say the same, or a test here fails."""

import ast
import tomllib
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from producer.settings import Settings
from schemas import DeliveredSignup, glue
from sql.into_template import Query, queries, with_queries
from tests.template.stack import EVERYTHING, ROOT, TEMPLATE, Stack, load, parse

TEXT = TEMPLATE.read_text(encoding="utf-8")
QUERIES = queries()
BY_NAME = {each.logical_id: each for each in QUERIES}
ENVIRONMENTS = ("default", "production", "local")


@pytest.fixture(scope="module")
def deployed() -> Stack:
    return load(TEXT, {})


@pytest.mark.parametrize("table", ["SignupsTable", "DailyTable"])
def test_table_has_the_columns_of_the_delivered_signup(deployed, table):
    assert deployed.properties(table)["TableInput"]["StorageDescriptor"]["Columns"] == glue.columns(DeliveredSignup)


def test_named_queries_are_the_files(deployed):
    named = {
        name: (each["Properties"]["Name"], each["Properties"]["Description"], each["Properties"]["QueryString"])
        for name, each in deployed.of_type("AWS::Athena::NamedQuery").items()
    }
    assert named == {each.logical_id: (each.title, each.question, each.statement) for each in QUERIES}


def test_template_is_what_the_generator_writes():
    assert with_queries(TEXT) == TEXT, "run `python -m sql.into_template`"


def test_no_two_queries_share_a_title():
    assert len({each.title for each in QUERIES}) == len(QUERIES)


def _schema(deployed: Stack) -> dict[str, object]:
    tables = (each["Properties"]["TableInput"] for each in deployed.of_type("AWS::Glue::Table").values())
    return {
        table["Name"]: {
            column["Name"]: column["Type"]
            for column in (*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"])
        }
        # A hidden column of Athena, there in every table (User Guide, select).
        | {"$path": "string"}
        for table in tables
    }


@pytest.mark.parametrize("query", QUERIES, ids=lambda each: each.logical_id)
def test_query_uses_only_columns_that_exist(deployed, query):
    statement = sqlglot.parse_one(query.statement, dialect="athena")
    select = statement if isinstance(statement, exp.Select) else statement.expression
    qualify(select, schema=_schema(deployed), dialect="athena", validate_qualify_columns=True)


def _outputs(query: Query) -> list[str]:
    return [each.split()[0] for each in query.columns.split(", ")]


@pytest.mark.parametrize(
    "query", [each for each in QUERIES if each.columns != "none"], ids=lambda each: each.logical_id
)
def test_query_returns_the_columns_that_its_header_says(query):
    statement = sqlglot.parse_one(query.statement, dialect="athena")
    assert isinstance(statement, exp.Select)
    assert statement.named_selects == _outputs(query)


@pytest.mark.parametrize("logical_id", ["ViewSignupsUnique", "QueryCompactYesterday"])
def test_whole_rows_are_passed_on_column_by_column(logical_id):
    statement = sqlglot.parse_one(BY_NAME[logical_id].statement, dialect="athena")
    key = {"ViewSignupsUnique": "dt", "QueryCompactYesterday": "day"}[logical_id]
    assert statement.expression.named_selects == [*DeliveredSignup.model_fields, key]


def test_function_reads_the_variables_that_the_template_sets(deployed):
    given = deployed.properties("MaskFunction")["Environment"]["Variables"].keys()
    source = "".join(path.read_text() for path in (ROOT / "functions").rglob("*.py"))
    read = {
        node.value
        for node in ast.walk(ast.parse(source.replace("from __future__ import annotations", "")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in given
    }
    assert read == given


def _config(environment: str) -> dict[str, dict[str, object]]:
    config: dict[str, dict[str, dict[str, object]]] = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment]
    return {command: each["parameters"] for command, each in config.items()}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_samconfig_sets_parameters_that_exist_within_their_limits(environment):
    parameters = parse(TEXT)["Parameters"]
    overrides = _config(environment)["deploy"].get("parameter_overrides", [])
    assert isinstance(overrides, list)
    for override in overrides:
        name, value = override.split("=", 1)
        allowed = parameters[name].get("AllowedValues")
        assert allowed is None or value in [str(each) for each in allowed]
        if parameters[name]["Type"] == "Number" and allowed is None:
            assert parameters[name]["MinValue"] <= int(value) <= parameters[name]["MaxValue"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_samconfig_deploys_the_same_template_under_the_same_name(environment):
    config = _config(environment)
    assert config["global"] == {"stack_name": "signups", "template_file": "template.yaml"}
    assert config["deploy"]["capabilities"] == "CAPABILITY_IAM"
    assert config["deploy"]["resolve_s3"] is True


def test_every_sql_file_is_a_query_of_the_template():
    files = {path.stem for path in (ROOT / "sql").rglob("*.sql")}
    assert len(files) == len(QUERIES)
    assert all(Path(ROOT / "sql" / folder).is_dir() for folder in ("queries", "audit", "views"))


def test_task_sets_options_that_the_producer_takes(monkeypatch):
    [container] = load(TEXT, EVERYTHING).properties("ProducerTask")["ContainerDefinitions"]
    variables = {each["Name"]: str(each["Value"]) for each in container["Environment"]}
    for name, value in (variables | {"PRODUCER_DELIVERY_STREAM": "signups"}).items():
        monkeypatch.setenv(name, value)
    ours = {name for name in variables if name.startswith("PRODUCER_")}
    assert {name.removeprefix("PRODUCER_").lower() for name in ours} <= Settings.model_fields.keys()
    settings = Settings()  # type: ignore[call-arg]  # read from the environment
    assert settings.pack
    assert settings.drain_timeout < container["StopTimeout"]


def test_health_check_looks_at_the_file_that_the_producer_touches():
    [container] = load(TEXT, EVERYTHING).properties("ProducerTask")["ContainerDefinitions"]
    variables = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert variables["PRODUCER_LIVENESS_FILE"] in container["HealthCheck"]["Command"][1]
    assert variables["PRODUCER_LIVENESS_FILE"].startswith(container["MountPoints"][0]["ContainerPath"])
