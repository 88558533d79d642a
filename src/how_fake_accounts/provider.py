"""The Faker provider.

fake = Faker("pt_BR")
fake.add_provider(AccountProvider)
fake.seed_instance(7)
fake.generate_accounts(10)
"""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from faker.providers import BaseProvider

from how_fake_accounts.account import Account
from how_fake_accounts.generator import REFERENCE_DATE, AccountGenerator
from how_fake_accounts.listing import Accounts
from how_fake_accounts.optional import need

_log = logging.getLogger(__name__)


class AccountProvider(BaseProvider):
    """Accounts from the randomness of the Faker that it was added to.

    Each call takes one seed from there: within a call CPFs and e-mail addresses never repeat. For more than fits one
    call, or one sequence shared by several processes, use AccountGenerator.
    """

    def account(self, today: date = REFERENCE_DATE) -> Account:
        """Return one account, its address in fields. For `today` see AccountGenerator."""
        return next(self._generator(today).accounts())

    def generate_accounts(self, n_accounts: int = 10, today: date = REFERENCE_DATE) -> Accounts:
        """Return accounts as dictionaries, their address in one line.

        Ages are counted up to `today` and people registered in the year before it: it is fixed, so that the same seed
        gives the same accounts tomorrow. Raises ValueError for a number below 0.
        """
        if n_accounts < 0:
            raise ValueError(f"n_accounts is {n_accounts}: ask for 0 accounts or more")
        return Accounts(account.flat() for account in islice(self._generator(today).accounts(), n_accounts))

    def save_locally(
        self, accounts: Iterable[Mapping[str, Any]], path: str = ".", filename: str = "accounts.json"
    ) -> None:
        """Write the accounts as one JSON array to the file `filename` in the folder `path`."""
        Path(path, filename).write_text(_json_array(accounts), encoding="utf-8")

    def save_into_s3(  # noqa: PLR0917 - the order of 1.2.0
        self,
        accounts: Iterable[Mapping[str, Any]],
        bucket: str,
        key: str,
        filename: str = "accounts.json",  # noqa: ARG002 - 1.2.0 took it, and named the object by `key` as well
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
    ) -> bool:
        """Put the accounts as one JSON array to S3; return whether S3 took them. Needs boto3."""
        boto3 = need("boto3", "boto3")
        client = boto3.client("s3", aws_access_key_id=aws_access_key_id, aws_secret_access_key=aws_secret_access_key)
        try:
            client.put_object(Body=_json_array(accounts).encode(), Bucket=bucket, Key=key)
        except client.exceptions.ClientError as reason:
            _log.error("S3 did not take the accounts: %s", reason)
            return False
        return True

    def _generator(self, today: date) -> AccountGenerator:
        return AccountGenerator(self.generator.random.getrandbits(64), today=today)


def _json_array(accounts: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(accounts), default=str, ensure_ascii=False)
