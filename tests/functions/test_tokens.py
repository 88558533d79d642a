"""The token, and the key that it is made with."""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import boto3
import pytest
from moto import mock_aws

from functions.mask_cpf.secret import (
    ATTEMPTS,
    CONNECT_SECONDS,
    FIRST_RETRY_SECONDS,
    KEEP_SECONDS,
    LAST_RETRY_SECONDS,
    READ_SECONDS,
    TokenKey,
    fetch_secret,
)
from functions.mask_cpf.tokens import TOKEN, Tokens, UnusableKey, tokens_from_secret
from tests.functions.support import DIGITS
from tests.template.stack import TEMPLATE, load, samconfig_parameters

KEY = "thirty-two characters of a key!!"


@pytest.mark.parametrize("key", [b"k" * 16, b"k" * 64, b"k" * 65, bytes(range(256))])
def test_a_token_is_an_hmac_of_the_eleven_digits_with_the_keys_id_before_it(key):
    digest = hmac.digest(key, DIGITS.encode(), "sha256")
    assert Tokens(key, "k1").of(DIGITS.encode()) == b"k1." + urlsafe_b64encode(digest[:15])


def test_equal_cpfs_have_equal_tokens_and_tokens_of_two_keys_never_meet():
    ours, others = Tokens(b"a" * 32), Tokens(b"b" * 32)
    assert ours.of(b"1" * 11) == Tokens(b"a" * 32).of(b"1" * 11) != ours.of(b"2" * 11)
    assert ours.key_id != others.key_id
    assert TOKEN.fullmatch(ours.of(b"1" * 11).decode())


@pytest.mark.parametrize(
    ("secret", "key_id"),
    [
        (KEY, Tokens(KEY.encode()).key_id),
        (KEY.encode(), Tokens(KEY.encode()).key_id),
        (json.dumps({"key": KEY, "key_id": "2026a"}), "2026a"),
        (json.dumps({"key": KEY}), Tokens(KEY.encode()).key_id),
    ],
)
def test_a_secret_is_the_key_itself_or_json_with_its_id(secret, key_id):
    tokens = tokens_from_secret(secret)
    assert tokens.key_id == key_id
    assert tokens.of(b"1" * 11).split(b".")[1] == Tokens(KEY.encode()).of(b"1" * 11).split(b".")[1]


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "has 0 bytes: give it at least 16"),
        ("too short a key", "has 15 bytes"),
        ('{"key_id":"k1"}', "JSON, but not"),
        ('{"key":', "JSON, but not"),
        ('{"key":12345678901234567890}', "not strings"),
        (json.dumps({"key": KEY, "key_id": "a.b"}), "1 to 16 letters"),
    ],
)
def test_a_secret_that_is_no_key_is_refused_and_never_repeated(secret, reason):
    with pytest.raises(UnusableKey, match=reason) as refused:
        tokens_from_secret(secret)
    assert KEY not in str(refused.value)


class Vault:
    """A secret store under a clock of its own."""

    def __init__(self) -> None:
        self.secret: str | Exception = KEY
        self.time = 1000.0
        self.asked = 0
        self.warned: list[str] = []
        self.key = TokenKey(self._fetch, lambda: self.time, lambda message, _reason: self.warned.append(message))

    def _fetch(self) -> str:
        self.asked += 1
        if isinstance(self.secret, Exception):
            raise self.secret
        return self.secret

    def token(self) -> bytes | None:
        tokens = self.key.current()
        return None if tokens is None else tokens.of(b"1" * 11)


def test_the_key_is_fetched_once_and_again_when_it_may_have_been_rotated():
    vault = Vault()
    first = vault.token()
    vault.secret = KEY.upper()
    vault.time += KEEP_SECONDS - 1
    assert vault.token() == first
    assert vault.asked == 1
    vault.time += 1
    assert vault.token() != first
    assert vault.asked == 2


def test_without_a_key_there_is_no_token_until_a_later_try_gets_one_and_tries_are_spaced_out():
    vault = Vault()
    vault.secret = ConnectionError("unreachable")
    tried = []
    while vault.time < 1000 + 300:
        asked = vault.asked
        assert vault.token() is None
        if vault.asked > asked:
            tried.append(vault.time)
        vault.time += 1
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps[:4] == [FIRST_RETRY_SECONDS, 10, 20, 40]
    assert set(gaps[4:]) == {LAST_RETRY_SECONDS}
    assert len(vault.warned) == len(tried)
    vault.secret = KEY
    vault.time += LAST_RETRY_SECONDS
    assert vault.token() is not None


def test_a_key_once_had_is_kept_while_the_next_cannot_be_had():
    vault = Vault()
    first = vault.token()
    vault.secret = "short"
    vault.time += KEEP_SECONDS
    assert vault.token() == first
    assert vault.warned == ["the token key could not be had"]


def test_the_key_comes_from_secrets_manager_by_name_or_arn(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        manager = boto3.client("secretsmanager")
        arn = manager.create_secret(Name="signups/token-key", SecretString=KEY)["ARN"]
        manager.create_secret(Name="binary", SecretBinary=KEY.encode())
        assert [fetch_secret("signups/token-key"), fetch_secret(arn)] == [KEY, KEY]
        assert fetch_secret("binary") == KEY.encode()


def test_a_secrets_manager_that_fails_for_a_moment_is_asked_again(monkeypatch):
    statuses = [500, 503, 200]

    class Failing(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"SecretString": KEY}).encode()
            self.send_response(statuses.pop(0))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        assert fetch_secret("signups/token-key") == KEY
        server.shutdown()
    assert statuses == []


def test_all_attempts_to_have_the_key_end_long_before_the_function_must():
    function = load(TEMPLATE.read_text(encoding="utf-8"), samconfig_parameters("local")).resources["MaskFunction"]
    pauses = sum(2**attempt for attempt in range(ATTEMPTS - 1))
    assert ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) + pauses < function["Properties"]["Timeout"] / 2


def test_a_function_without_the_name_of_a_secret_says_what_to_set():
    with pytest.raises(UnusableKey, match="TOKEN_KEY_SECRET is not set"):
        fetch_secret("")
