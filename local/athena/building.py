"""Pieces of the engine's SQL, made as trees. Pure."""

from functools import cache

import sqlglot
from sqlglot import exp

from local.athena.parser import EngineSql


def render(tree: exp.Expr) -> str:
    return tree.sql(dialect=EngineSql)


@cache
def _parsed(template: str) -> exp.Expr:
    return sqlglot.parse_one(template, dialect=EngineSql)


def build(template: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a template with `$1`, `$2`, … (or `$*`, all) in place."""
    names = [f"__{number}" for number in range(1, len(arguments) + 1)]
    text = template.replace("$*", ", ".join(names)).replace("$…", " || ".join(names[1:]))
    for number, name in enumerate(names, 1):
        text = text.replace(f"${number}", name)
    holder = exp.Paren(this=_parsed(text).copy())
    places = [node for node in holder.find_all(exp.Column) if node.name in names and not node.table]
    for place in places:
        place.replace(arguments[names.index(place.name)].copy())
    return holder.this.pop()  # type: ignore[no-any-return]  # sqlglot's args are untyped


def macro(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of one of `functions.sql`'s macros."""
    return exp.Dot(this=exp.to_identifier("trino"), expression=exp.Anonymous(this=name, expressions=list(arguments)))
