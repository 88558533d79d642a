"""The container image is described by what is there: its files, its options, its packages."""

import ast
import re
import sys
from pathlib import Path

from producer.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "producer" / "Dockerfile").read_text()
DISTRIBUTION = {"pydantic_settings": "pydantic-settings", "pydantic_core": "pydantic-core"}


def test_what_is_copied_exists_and_nothing_else_of_the_repository_is_needed():
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)
    assert copied == ["requirements/producer.txt", "src/how_fake_accounts", "producer"]
    assert all((ROOT / path).exists() for path in copied)
    own = {path.stem for path in (ROOT / "src" / "how_fake_accounts").parent.iterdir()}
    rooms = imported(ROOT / "producer") & {"schemas", "functions", "local", *own}
    assert rooms == {"how_fake_accounts"}


def test_every_package_that_is_imported_is_locked():
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "producer.txt").read_text(), re.MULTILINE))
    packages = imported(ROOT / "producer") - set(sys.stdlib_module_names) - {"producer", "how_fake_accounts"}
    assert {DISTRIBUTION.get(name, name) for name in packages} <= locked


def test_its_variables_are_options():
    variables = re.findall(r"PRODUCER_([A-Z_]+)=", DOCKERFILE)
    assert variables
    assert {name.lower() for name in variables} <= set(Settings.model_fields)


def test_python_is_told_to_stop_and_is_not_root():
    assert 'ENTRYPOINT ["python", "-m", "producer"]' in DOCKERFILE
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE
    assert "/journal/alive" in DOCKERFILE.split("HEALTHCHECK")[1]


def imported(folder: Path) -> set[str]:
    """Return the first names of the modules that the files of `folder` import absolutely."""
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names
