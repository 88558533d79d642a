"""The gateway's own paths answer this machine's programs, and no page of another site."""

import httpx
import pytest


def post(gateway, **headers):
    url = f"{gateway.endpoint}/_local/clock"
    return httpx.post(url, content=b'{"advance": 0}', headers=headers, trust_env=False)


def test_health_says_that_it_runs(gateway):
    assert httpx.get(f"{gateway.endpoint}/_local/health", trust_env=False).json()["status"] == "running"


def test_a_program_may_act(gateway):
    assert post(gateway, **{"Content-Type": "application/json"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json", "Host": "evil.example"},  # DNS rebinding
        {"Content-Type": "application/json", "Origin": "http://evil.example"},
        {"Content-Type": "application/json", "Origin": "null"},
    ],
)
def test_another_site_may_not(gateway, headers):
    assert post(gateway, **headers).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_may_not(gateway, kind):
    assert post(gateway, **{"Content-Type": kind}).status_code == 400


def test_an_action_that_is_not_there_names_those_that_are(gateway):
    answer = httpx.post(f"{gateway.endpoint}/_local/dance", json={}, trust_env=False)
    assert answer.status_code == 404
    assert "flush" in answer.json()["message"]


@pytest.mark.parametrize("advance", [-1, "soon", None])
def test_the_clock_goes_forward_only(gateway, advance):
    answer = httpx.post(f"{gateway.endpoint}/_local/clock", json={"advance": advance}, trust_env=False)
    assert answer.status_code == 400
    assert "not negative" in answer.json()["message"]
