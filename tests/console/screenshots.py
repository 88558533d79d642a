"""The README's pictures: `python -m tests.console.screenshots` (`make screenshots`).

Looks at a running gateway (`--url`), or starts one of its own, deploys the template, runs the producer for some
minutes so that there is something to see, breaks a few records, and takes each tab in light and dark.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.conftest import ROOT, started
from tests.console.conftest import CHROMIUM, QUIET

WIDTH, HEIGHT = 1280, 800
THEMES = ("light", "dark")
LARGEST = 200_000
"""Bytes of a picture: a README is read on phones too."""

LATEST, CHART = "Last fifteen minutes, minute by minute", ".nicegui-echart svg"


def main() -> int:
    """Take the pictures; return 1 if one came out too large."""
    parser = argparse.ArgumentParser("python -m tests.console.screenshots", description=__doc__)
    parser.add_argument("--url", help="of a running console: http://127.0.0.1:4566/_console/")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/screenshots")
    parser.add_argument("--minutes", type=float, default=6, help="how long to run before (default 6)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        url = options.url or stack.enter_context(_busy_gateway(options.minutes))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        stack.callback(browser.close)
        taken = [_take(browser, url, tab, theme, options.out) for theme in THEMES for tab in SCENES]
    for path in taken:
        print(f"{path}  {path.stat().st_size / 1000:,.0f} kB")
    return int(any(path.stat().st_size > LARGEST for path in taken))


@contextlib.contextmanager
def _busy_gateway(minutes: float) -> Iterator[str]:
    """Start a gateway with its producer running, and yield the console's address."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PRODUCER_JOURNAL_DIRECTORY"] = str(Path(folder) / "journals")
        producer = ["--", ".venv/bin/python", "-m", "producer", "--delivery-stream", "signups"]
        with started(Path(folder) / "state", *producer) as gateway:
            assert gateway.local("deploy").returncode == 0
            gateway.act("producer", do="start", options={"rate": 120})
            time.sleep(max(0, minutes - 1.5) * 60)
            bad = [
                {"Data": each}
                for each in (b"not JSON", b'{"cut": "off', b'{"cpf": "123.456.789-09", "created_at": "soon"}')
            ]
            gateway.client("firehose").put_record_batch(DeliveryStreamName="signups", Records=bad)
            time.sleep(min(minutes, 1.5) * 60)
            yield f"{gateway.endpoint}/_console/"


def _take(browser: Any, url: str, tab: str, theme: str, out: Path) -> Path:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(f"{url}?tab={tab}&theme={theme}")
    page.get_by_role("tab", name=tab.capitalize()).wait_for()
    SCENES[tab](page)
    path = out / f"{tab}-{theme}.png"
    page.mouse.move(0, 0)
    page.screenshot(path=path)
    page.close()
    return path


def _flow(page: Any) -> None:
    page.locator(".objects .mono").first.wait_for(timeout=60_000)
    page.wait_for_timeout(45_000)  # for the live chart to have a line


def _monitoring(page: Any) -> None:
    page.get_by_text("latest").first.wait_for(timeout=60_000)
    page.get_by_label("Range").click()
    page.get_by_role("option", name="15 min").click()
    page.wait_for_timeout(4_000)


def _objects(page: Any) -> None:
    page.locator(".q-table tbody tr").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)


def _query(page: Any) -> None:
    page.get_by_role("button", name=LATEST).click()
    page.locator(CHART).first.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)


def _controls(page: Any) -> None:
    page.get_by_text("running", exact=True).wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)


SCENES = {"flow": _flow, "monitoring": _monitoring, "objects": _objects, "query": _query, "controls": _controls}


if __name__ == "__main__":
    sys.exit(main())
