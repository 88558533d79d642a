"""Where the token key comes from, and how long it is kept."""

from __future__ import annotations

from .tokens import UnusableKey, tokens_from_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .tokens import Tokens

KEEP_SECONDS = 300.0
"""A rotated key is in use everywhere after this long."""
FIRST_RETRY_SECONDS = 5.0
LAST_RETRY_SECONDS = 60.0
ATTEMPTS, CONNECT_SECONDS, READ_SECONDS = 3, 2, 3
"""All of them together end far below the function's timeout: one that times out makes Firehose write raw records."""


def fetch_secret(name: str) -> str | bytes:
    """Return the current value of a Secrets Manager secret (name or ARN)."""
    if not name:
        raise UnusableKey("TOKEN_KEY_SECRET is not set: give the name or ARN of the secret that holds the token key")
    import boto3  # noqa: PLC0415 - a quarter of a second, only paid when the key is due
    from botocore.config import Config  # noqa: PLC0415 - the same

    config = Config(
        connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )  # fmt: skip
    answer = boto3.client("secretsmanager", config=config).get_secret_value(SecretId=name)
    secret: str | bytes = answer["SecretString"] if "SecretString" in answer else answer["SecretBinary"]
    return secret


class TokenKey:
    """The tokens of the current key, fetched when due; a key once had is kept while a newer one cannot be."""

    def __init__(
        self, fetch: Callable[[], str | bytes], now: Callable[[], float], warn: Callable[[str, Exception], None]
    ) -> None:
        """`warn` is told why a key could not be had, and must print no more than the kind of error."""
        self._fetch = fetch
        self._now = now
        self._warn = warn
        self._tokens: Tokens | None = None
        self._due = float("-inf")
        self._pause = FIRST_RETRY_SECONDS

    def current(self) -> Tokens | None:
        """Return the tokens, or None if no key was ever had; never raises."""
        if self._now() >= self._due:
            self._renew()
        return self._tokens

    def _renew(self) -> None:
        try:
            self._tokens = tokens_from_secret(self._fetch())
        except Exception as reason:  # noqa: BLE001 - without a key the mask still works; raising would deliver raw records
            self._warn("the token key could not be had", reason)
            self._due = self._now() + self._pause
            self._pause = min(2 * self._pause, LAST_RETRY_SECONDS)
        else:
            self._due = self._now() + KEEP_SECONDS
            self._pause = FIRST_RETRY_SECONDS
