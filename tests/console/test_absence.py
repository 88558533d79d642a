"""A page that was opened before there is anything to show says what to do, and goes on by itself."""

import pytest

from tests.conftest import started
from tests.console.conftest import Console, Window
from tests.console.test_browser import SOON


@pytest.fixture
def bare(tmp_path):
    with started(tmp_path) as gateway:
        yield Console(f"{gateway.endpoint}/_console/", gateway, {})


def test_without_a_stack_it_waits_for_one(bare, browser):
    with Window.on(browser, bare) as window:
        page = window.open(bare, "objects")
        page.get_by_text("No stack is deployed yet: `make run` or").wait_for(timeout=SOON)
        page.get_by_role("tabpanel").first.wait_for(state="hidden")

        done = bare.gateway.local("deploy")
        assert done.returncode == 0, done.stderr
        page.get_by_text("Nothing has landed here yet.").wait_for(timeout=SOON)
        page.get_by_text("stack signups · stream signups").wait_for()
