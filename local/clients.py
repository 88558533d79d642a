"""The only file that knows boto3: clients of this very gateway, as the runtime itself or in a role.

Services reach the rest of AWS through public APIs, so that a role that is denied something on AWS is denied it here.
Clients block: call them from a thread. A client never retries by itself; whoever uses it decides that.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.session import get_session

ROOT_KEY = "test"
"""The emulator takes any secret with this access key, and lets it do everything: the account's root."""

SESSION_SECONDS = 3600

_NO_PROXIES = {"http": "", "https": ""}
"""The gateway is on loopback: a proxy set for the internet must not see these calls."""


class RoleRefused(Exception):
    """The role's trust policy does not let this service in; `str()` is STS's message."""


@dataclass(frozen=True)
class Session:
    """Temporary credentials in a role."""

    access_key: str
    secret_key: str
    token: str
    expires_at: datetime


class Roles(Protocol):
    """Where roles live; the emulator."""

    def trusts(self, role_arn: str, principal: str, context: Mapping[str, str]) -> bool: ...

    def open_session(self, role_arn: str, session_name: str, seconds: int) -> Session: ...


@dataclass
class Clients:
    """Makes clients for `endpoint` (`http://127.0.0.1:4566`), one per service and role, and keeps them."""

    endpoint: str
    region: str
    account: str
    roles: Roles
    _kept: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def own(self, service: str) -> Any:
        """Return a client with the runtime's own (root) credentials: for bookkeeping, never for a user's data."""
        return self._keep((service, "", ""), lambda: self._client(service, self._root_session()))

    def in_role(self, service: str, role_arn: str, principal: str, session_name: str) -> Any:
        """Return a client in the role that the service `principal` (`firehose.amazonaws.com`) assumes.

        Raises RoleRefused.
        """
        key = (service, role_arn, principal)
        return self._keep(key, lambda: self._client(service, self._role_session(role_arn, principal, session_name)))

    def in_session(self, service: str, session: Session) -> Any:
        """Return a client with credentials that somebody else already has: it acts as them."""
        return self._keep((service, session.access_key, "session"), lambda: self._client(service, boto3.Session(
            session.access_key, session.secret_key, session.token or None, region_name=self.region
        )))  # fmt: skip

    def session(self, role_arn: str, principal: str, session_name: str, seconds: int = SESSION_SECONDS) -> Session:
        """Return credentials in the role, if its trust policy lets the service in; raises RoleRefused.

        Firehose sends the account's id as ExternalId; the confused-deputy keys name this account
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
        """
        service = principal.partition(".")[0].removesuffix("-tasks")  # ecs-tasks.amazonaws.com acts for ecs
        context = {
            "sts:ExternalId": self.account,
            "aws:SourceAccount": self.account,
            "aws:SourceArn": f"arn:aws:{service}:{self.region}:{self.account}:{session_name}",
        }
        if not self.roles.trusts(role_arn, principal, context):
            raise RoleRefused(f"{principal} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
        return self.roles.open_session(role_arn, session_name[:64], seconds)

    def forget(self, role_arn: str) -> None:
        """Drop the clients of a role whose trust or policies turned out stale."""
        with self._lock:
            for key in [key for key in self._kept if key[1] == role_arn]:
                del self._kept[key]

    def _keep(self, key: tuple[str, str, str], make: Callable[[], Any]) -> Any:
        with self._lock:
            if (client := self._kept.get(key)) is not None:
                return client
        client = make()
        with self._lock:
            return self._kept.setdefault(key, client)

    def _client(self, service: str, session: boto3.Session) -> Any:
        return session.client(  # type: ignore[call-overload]  # the name is data here
            service,
            endpoint_url=self.endpoint,
            config=Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                max_pool_connections=32,
                connect_timeout=5,
                read_timeout=320,
                proxies=_NO_PROXIES,
                request_checksum_calculation="when_required",
            ),
        )

    def _root_session(self) -> boto3.Session:
        return boto3.Session(aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, region_name=self.region)

    def _role_session(self, role_arn: str, principal: str, session_name: str) -> boto3.Session:
        def assume() -> dict[str, str]:
            opened = self.session(role_arn, principal, session_name)
            return {
                "access_key": opened.access_key,
                "secret_key": opened.secret_key,
                "token": opened.token,
                "expiry_time": opened.expires_at.isoformat(),
            }

        return _refreshing(assume, self.region)


def for_person(service: str, *, endpoint: str | None, region: str | None) -> Any:
    """Return a client for whoever is at the command line.

    With `endpoint`, the local account's root; without, AWS with the credentials of the usual chain.
    """
    return _at(endpoint, _person(endpoint, region), service)


def for_role(role_arn: str, *, endpoint: str | None, region: str | None) -> Callable[[str], Any]:
    """Return what makes clients in a role that the person at the command line may assume; raises ClientError.

    The clients assume it anew when the session ends, so that they may be kept.
    """
    person = _person(endpoint, region)
    sts = _at(endpoint, person, "sts")

    def assume() -> dict[str, str]:
        given = sts.assume_role(RoleArn=role_arn, RoleSessionName="command-line")["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    session = _refreshing(assume, person.region_name)
    return lambda service: _at(endpoint, session, service)


def _person(endpoint: str | None, region: str | None) -> boto3.Session:
    if endpoint is None:
        return boto3.Session(region_name=region)
    return boto3.Session(aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, region_name=region)


def _at(endpoint: str | None, session: boto3.Session, service: str) -> Any:
    config = Config(proxies=_NO_PROXIES) if endpoint else None
    return session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]  # the name is data here


def _refreshing(assume: Callable[[], dict[str, str]], region: str | None) -> boto3.Session:
    """Return a session that assumes its role now, and again whenever its credentials end."""
    session = get_session()
    session._credentials = RefreshableCredentials.create_from_metadata(  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
        assume(), assume, "assume-role"
    )
    return boto3.Session(botocore_session=session, region_name=region)


__all__ = ["ROOT_KEY", "ClientError", "Clients", "RoleRefused", "Session", "for_person", "for_role"]
