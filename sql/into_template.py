"""Write the named queries of `template.yaml` from the files of `sql/`: CloudFormation cannot read files.

`python -m sql.into_template` rewrites the block between the two markers; a contract test fails when it is due.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
BEGIN = "  # >>> named queries: generated from sql/ by `python -m sql.into_template`; edit there\n"
END = "  # <<< named queries\n"
FOLDERS = {"queries": "Query", "audit": "Audit", "views": "View"}
REQUIRED = {"title", "question", "when", "columns"}
HEADER = re.compile(r"^-- (title|question|when|columns): (.+)$")


@dataclass(frozen=True)
class Query:
    """One file of `sql/`: its header lines and the statement below them."""

    logical_id: str
    title: str
    question: str
    when: str
    columns: str
    statement: str


def read(path: Path) -> Query:
    """Return the query in a file; raises ValueError naming the header line that is missing."""
    lines = path.read_text(encoding="ascii").splitlines()
    headers: dict[str, str] = {}
    while lines and (match := HEADER.match(lines[0])):
        headers[match[1]] = match[2]
        lines.pop(0)
    if missing := REQUIRED - headers.keys():
        raise ValueError(f"{path} must begin with header lines such as `-- title: …`; missing: {sorted(missing)}")
    return Query(logical_id=_logical_id(path), statement="\n".join(lines).strip(), **headers)


def _logical_id(path: Path) -> str:
    return FOLDERS[path.parent.name] + path.stem.title().replace("_", "")


def queries() -> list[Query]:
    """Return every query, folder by folder, in the order of their names."""
    return [read(path) for folder in FOLDERS for path in sorted((ROOT / "sql" / folder).glob("*.sql"))]


def resource(query: Query) -> str:
    """Return the query as a resource of the template."""
    statement = "\n".join(f"        {line}".rstrip() for line in query.statement.splitlines())
    return f"""\
  {query.logical_id}:
    Type: AWS::Athena::NamedQuery
    Properties:
      Name: {_quoted(query.title)}
      Description: {_quoted(query.question)}
      WorkGroup: !Ref QueryWorkGroup
      Database: !Ref SignupsDatabase
      QueryString: |-
{statement}
"""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def with_queries(template: str) -> str:
    """Return the template's text with the block between the markers written anew."""
    head, _, rest = template.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n".join(resource(query) for query in queries()) + END + tail


def main() -> None:
    text = TEMPLATE.read_text(encoding="ascii")
    TEMPLATE.write_text(with_queries(text), encoding="ascii")


if __name__ == "__main__":
    main()
