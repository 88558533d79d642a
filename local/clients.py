"""The only file that knows boto3: clients of this very gateway, as the runtime itself or in a role.

Services reach the rest of AWS through public APIs, so that a role that is denied something on AWS is denied it here.
Clients block: call them from a thread. A client never retries by itself; whoever uses it decides that.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.session import get_session


class RoleRefused(Exception):  # noqa: N818 - named for what happened
    """The role's trust policy does not let this service in; `str()` is STS's message."""


@dataclass
class Clients:
    """Makes clients for `endpoint` (`http://127.0.0.1:4566`), one per service and role, and keeps them."""

    endpoint: str
    region: str
    account: str
    _kept: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def own(self, service: str) -> Any:
        """Return a client with the runtime's own (root) credentials: for bookkeeping, never for a user's data."""
        return self._keep((service, "", ""), lambda: self._client(service, self._root_session()))

    def in_role(self, service: str, role_arn: str, principal: str, session_name: str) -> Any:
        """Return a client in the role that `principal` (`firehose.amazonaws.com`) assumes.

        Firehose sends the account's id as ExternalId (firehose-contract §10.1). Raises RoleRefused.
        """
        key = (service, role_arn, principal)
        return self._keep(key, lambda: self._client(service, self._role_session(role_arn, principal, session_name)))

    def forget(self, role_arn: str) -> None:
        """Drop the clients of a role whose credentials or policies turned out stale."""
        with self._lock:
            for key in [key for key in self._kept if key[1] == role_arn]:
                del self._kept[key]

    def _keep(self, key: tuple[str, str, str], make: Any) -> Any:
        with self._lock:
            if (client := self._kept.get(key)) is not None:
                return client
        client = make()
        with self._lock:
            return self._kept.setdefault(key, client)

    def _client(self, service: str, session: boto3.Session) -> Any:
        return session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            config=Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                max_pool_connections=32,
                connect_timeout=5,
                read_timeout=320,
                # The gateway is on loopback: a proxy set for the internet must not see these calls.
                proxies={"http": None, "https": None},  # type: ignore[dict-item]
            ),
        )

    def _root_session(self) -> boto3.Session:
        return boto3.Session(aws_access_key_id=self.account, aws_secret_access_key="local", region_name=self.region)  # noqa: S106 - loopback only

    def _role_session(self, role_arn: str, principal: str, session_name: str) -> boto3.Session:
        def assume() -> dict[str, str]:
            raise NotImplementedError

        credentials = RefreshableCredentials.create_from_metadata(assume(), assume, "assume-role")
        session = get_session()
        session._credentials = credentials  # noqa: SLF001 - boto3 has no public way to inject refreshable credentials
        session.set_config_variable("region", self.region)
        return boto3.Session(botocore_session=session)


__all__ = ["ClientError", "Clients", "RoleRefused"]
