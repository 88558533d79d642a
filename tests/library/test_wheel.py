"""The wheel: only the library in it, and Faker is all that it needs."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import faker
import pytest

from how_fake_accounts import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

_RUN = """
import sys
sys.path[:0] = {folders!r}
sys.argv = ["how_fake", "--n-accounts", "50"]
import runpy
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the path of the wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    """Return a folder with the wheel unpacked and one with Faker and nothing else."""
    unpacked, dependency = tmp_path_factory.mktemp("unpacked"), tmp_path_factory.mktemp("dependency")
    zipfile.ZipFile(wheel).extractall(unpacked)
    (dependency / "faker").symlink_to(Path(faker.__file__).parent)
    return [str(unpacked), str(dependency)]


def _isolated(script):
    # -I and -S: neither the checkout nor anything that is installed can be seen.
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_it_holds_the_two_packages_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    information = f"how_fake_accounts-{__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"how_fake", "how_fake_accounts", information}
    assert {name for name in names if name.startswith("how_fake/")} == {"how_fake/__init__.py", "how_fake/__main__.py"}
    assert "how_fake_accounts/py.typed" in names
    assert all(name.endswith((".py", "py.typed")) or name.startswith(information) for name in names)


def test_it_is_the_version_that_the_library_says(wheel):
    assert PROJECT["version"] == __version__
    assert wheel.name == f"how_fake_accounts-{__version__}-py3-none-any.whl"


def test_faker_is_the_only_thing_that_it_requires(wheel):
    metadata = zipfile.ZipFile(wheel).read(f"how_fake_accounts-{__version__}.dist-info/METADATA").decode()
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert required == ["Requires-Dist: faker>=40.30"]


@pytest.mark.parametrize("module", ["how_fake", "how_fake_accounts"])
def test_the_command_runs_with_the_wheel_alone(alone, module):
    assert len(_isolated(_RUN.format(folders=alone[:1], module=module)).splitlines()) == 50


def test_the_library_runs_with_faker_alone(alone):
    script = f"import sys; sys.path[:0] = {alone!r}\n"
    script += "from how_fake_accounts import fake\nprint(fake.generate_accounts(10).head())"
    assert len(_isolated(script).splitlines()) == 7


def test_the_command_is_installed_under_its_name(alone):
    entry_points = next(Path(alone[0]).glob("*.dist-info/entry_points.txt")).read_text()
    assert "how_fake = how_fake_accounts.cli:main" in entry_points
    script = f"import sys; sys.path[:0] = {alone[:1]!r}\n"
    script += "from how_fake_accounts.cli import main\nsys.exit(main(['-n', '2']))"
    assert len(_isolated(script).splitlines()) == 2
