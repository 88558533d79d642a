"""An environment for each heavy client, made once from its locked requirements."""

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent / ".state" / "clients"


class NotInstalled(Exception):
    """The environment cannot be made; `str()` is pip's last word."""


def python_of(name: str) -> Path:
    """Return the Python of the environment `name`, made anew if its requirements have changed. Raises NotInstalled."""
    requirements = HERE / f"{name}.txt"
    folder = HOME / name
    python, mark = folder / "bin" / "python", folder / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == wanted and python.exists():
        return python
    print(f"installing {name} in {folder.relative_to(HOME.parent.parent)} (once)", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
          "--require-hashes", "--requirement", str(requirements)])  # fmt: skip
    mark.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotInstalled((done.stderr.strip().splitlines() or ["pip gave no reason"])[-1])
