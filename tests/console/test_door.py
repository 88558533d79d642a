"""The console answers the person at this machine, and no page of another site."""

import json
import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.conftest import ROOT
from tests.console.conftest import served

EVIL = "http://evil.example.com"


def get(console, path="", **headers):
    return httpx.get(console.url + path, headers=headers, trust_env=False)


def test_the_page_is_served_without_another_origin_in_it(console):
    answer = get(console)

    assert answer.status_code == 200
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:4566", "127.0.0.1.evil.example.com", ""])
def test_a_name_rebound_to_this_address_is_refused(console, host):
    assert get(console, Host=host).status_code == 403


def test_a_script_of_another_site_is_refused(console):
    assert get(console, Origin=EVIL).status_code == 403
    assert get(console, Origin="null").status_code == 403


def test_another_port_of_this_machine_is_another_site(console):
    assert get(console, Origin="http://127.0.0.1:1").status_code == 403


def test_a_form_of_another_site_reaches_neither_the_page_nor_its_socket(console):
    for path in ("", "_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        answer = httpx.post(console.url + path, data={"a": "b"}, headers={"Origin": EVIL}, trust_env=False)
        assert answer.status_code == 403


def test_polling_from_another_site_is_refused(console):
    assert get(console, "_nicegui_ws/socket.io/?EIO=4&transport=polling", Origin=EVIL).status_code == 403


def listen(console, host="", **options):
    """Connect to the page's websocket as `host`, whatever name it has, and return the server's first words."""
    place = urlsplit(console.url)
    url = f"ws://{host or place.netloc}/_console/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    with (
        socket.create_connection((place.hostname, place.port)) as wire,
        connect(url, sock=wire, **options) as connected,
    ):
        return json.loads(str(connected.recv())[1:])


def test_a_websocket_of_this_page_is_taken(console):
    assert "sid" in listen(console, origin=console.url.removesuffix("/_console/"))


def test_a_websocket_of_another_site_is_refused(console):
    with pytest.raises(InvalidStatus) as refusal:
        listen(console, origin=EVIL)

    assert refusal.value.response.status_code == 403


def test_a_websocket_by_a_rebound_name_is_refused(console):
    with pytest.raises(InvalidStatus) as refusal:
        listen(console, host="evil.example.com")

    assert refusal.value.response.status_code == 403


def test_nobody_may_frame_it_or_load_scripts_into_it(console):
    headers = get(console).headers

    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_it_sets_no_cookie_that_lasts(console):
    cookie = get(console).headers.get("set-cookie", "")

    assert "samesite=lax" in cookie.lower() or not cookie


def test_what_is_not_the_console_leads_to_it(console):
    with served(console.gateway) as url:
        answer = httpx.get(url.replace("_console/", "else"), trust_env=False)

    assert answer.headers["location"] == "/_console/"


def test_without_credentials_it_says_so_in_one_line(tmp_path):
    hidden = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    variables = {"HOME": str(tmp_path), "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "local", "console", "--aws", "--stack", "signups"]
    done = subprocess.run(command, env={**hidden, **variables}, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr == "error: AWS credentials were not found: `aws configure` or `aws sso login` sets them.\n"
