"""A console on a gateway of its own, with the template deployed and a producer that may be started from the page."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, Gateway, started

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
READ_ONLY = """
import sys
from pathlib import Path
from local.console.serving import serve_alone
from local.target import Target
serve_alone(Target(sys.argv[1], "us-east-1"), None, int(sys.argv[2]), Path(sys.argv[3]), read_only=True)
"""


@dataclass(frozen=True)
class Console:
    """A running console and the gateway it looks at."""

    url: str
    gateway: Gateway
    outputs: dict[str, str]


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, dict[str, str]]]:
    with deployed(tmp_path_factory.mktemp("console")) as gateway_and_outputs:
        yield gateway_and_outputs


@contextlib.contextmanager
def deployed(folder: Path) -> Iterator[tuple[Gateway, dict[str, str]]]:
    """Return a gateway with the template deployed, and the stack's outputs."""
    producer = ["--", sys.executable, "-m", "producer", "--delivery-stream", "signups"]
    journals = ["--journal-directory", str(folder / "journals")]
    with started(folder / "state", *producer, *journals) as gateway:
        done = gateway.local("deploy")
        assert done.returncode == 0, done.stderr
        found = gateway.client("cloudformation").describe_stacks(StackName="signups")["Stacks"][0]["Outputs"]
        yield gateway, {each["OutputKey"]: each["OutputValue"] for each in found}


@pytest.fixture(scope="session")
def console(pipeline: tuple[Gateway, dict[str, str]]) -> Console:
    return Console(f"{pipeline[0].endpoint}/_console/", *pipeline)


class served:  # noqa: N801 - reads as a verb: `with served(gateway) as url`
    """Serve the console in a process of its own, read-only, as on AWS; stop it by its pid at the end."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __enter__(self) -> str:
        port = free_port()
        command = [sys.executable, "-c", READ_ONLY, self._gateway.endpoint, str(port), str(self._gateway.state)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        return answering(self.process, f"http://127.0.0.1:{port}/_console/")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


def answering(process: "subprocess.Popen[bytes]", url: str) -> str:
    """Return the URL as soon as the process answers there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read().decode()  # type: ignore[union-attr]
        try:
            httpx.get(url, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        return url
    raise AssertionError("the console did not answer within 60 s")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # Not for the session: while Playwright runs, no other test of this process may use asyncio.
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}: apt-get install chromium")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield chromium
        chromium.close()


@dataclass
class Window:
    """One page in the browser, and what went wrong in it."""

    page: Any
    complaints: list[str]
    foreign: list[str]

    @classmethod
    @contextlib.contextmanager
    def on(cls, browser: Any, console: Console) -> "Iterator[Window]":
        """Open a page that must neither log an error, nor open a dialog, nor ask anything of another host."""
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        seen = cls(page, [], [])
        page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("dialog", seen.refuse)
        page.on("request", lambda asked: seen.ask(console, asked.url))
        page.set_default_timeout(20_000)
        yield seen
        page.close()
        assert seen.complaints == []
        assert seen.foreign == []

    def ask(self, console: Console, url: str) -> None:
        if not url.startswith(_home(console)):
            self.foreign.append(url)

    def refuse(self, dialog: Any) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, console: Console, tab: str) -> Any:
        """Open a tab; `flow&theme=dark` opens it in the dark."""
        self.page.goto(f"{console.url}?tab={tab}")
        self.page.get_by_role("tab", name=tab.partition("&")[0].capitalize()).wait_for()
        return self.page


@pytest.fixture
def window(browser: Any, console: Console) -> Iterator[Window]:
    with Window.on(browser, console) as window:
        yield window


def _home(console: Console) -> tuple[str, ...]:
    base = console.url.removesuffix("/_console/")
    return (base, base.replace("http", "ws", 1), "data:", "blob:")
