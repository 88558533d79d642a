"""Every pair in `fixtures/*.sql`: a query of Athena's, and its answer's first row or the code of its refusal."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.athena.building import render
from local.athena.dialect import translate
from local.athena.errors import MalformedQuery, QueryFailed
from local.athena.explanations import explained
from local.athena.functions import statements
from local.athena.mismatches import check
from local.athena.parser import parse
from local.athena.queries import named
from local.athena.text import rendered
from local.athena.types import parse as parse_type
from local.engine import Engine, EngineError, Session

FIXTURES = Path(__file__).parent / "fixtures"
MOMENT = datetime(2026, 11, 23, 19, 4, 5, 678_000, tzinfo=UTC)
PAIR = re.compile(r"^(?P<sql>(?!--).+?);\n--> ?(?P<expected>.*)$", re.MULTILINE)


def pairs() -> Iterator[Any]:
    for file in sorted(FIXTURES.glob("*.sql")):
        text = file.read_text()
        assert "-- source: http" in text, f"{file.name} must say where its expectations come from"
        for match in PAIR.finditer(text):
            yield pytest.param(match["sql"], match["expected"], id=f"{file.stem}: {match['sql'][:60]}")


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Return a function that asks the engine in Athena's words."""
    with asyncio.Runner() as runner:
        engine = Engine(statements(), folder=tmp_path_factory.mktemp("engine"), warm=1)
        lent = engine.session()
        runner.run(engine.start())
        session = runner.run(lent.__aenter__())
        runner.run(session.open(files=[], folder=Path("/nonexistent")))
        yield lambda sql: runner.run(first_row(session, sql))
        runner.run(lent.__aexit__(None, None, None))
        runner.run(engine.stop())


async def first_row(session: Session, sql: str) -> str:
    try:
        tree = parse(sql)
        check(tree, {})
        said = render(translate(named(tree.copy()), MOMENT))
        columns = await session.columns(said)
        names = [f"_c{index}" for index in range(len(columns))]
        texts = [rendered(name, parse_type(kind)) for name, (_, kind) in zip(names, columns, strict=True)]
        rows = await session.rows(f"SELECT {', '.join(texts)} FROM ({said}) AS _result({', '.join(names)})")
    except EngineError as error:
        return f"refused {explained(error, tree).code}"
    except QueryFailed as error:
        return f"refused {error.code}"
    except MalformedQuery:
        return "refused MALFORMED_QUERY"
    return " | ".join("NULL" if value is None else value for value in rows[0])


@pytest.mark.parametrize(("sql", "expected"), list(pairs()))
def test_answers_as_athena_does(answer, sql, expected):
    got = answer(sql)
    assert got == expected or (expected == "refused" and got.startswith("refused"))


def test_the_fixtures_cover_every_family_of_functions():
    found = {file.stem: len(PAIR.findall(file.read_text())) for file in FIXTURES.glob("*.sql")}
    print(f"\n{sum(found.values())} pairs: {found}")
    assert found.keys() >= {
        "datetime",
        "string",
        "regexp",
        "aggregate",
        "array",
        "map",
        "json",
        "conditional",
        "window",
    }
