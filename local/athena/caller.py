"""Athena acts with the rights of whoever asks: it reads the catalog, lists, writes results and tables as the caller.

https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
"""

from collections.abc import Callable, Iterator
from typing import Any

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from local.athena.errors import QueryFailed
from local.clients import Clients, Session
from local.permissions import SERVED
from local.wire import NOBODY, Caller

_AS_CALLER = frozenset({"s3", "glue"})
_REFUSALS = ("AccessDenied", "AccessDeniedException", "403")


class CallersClients(Clients):
    """Clients whose `own` for S3 and Glue acts as the caller of the request; workgroups are the runtime's to read."""

    def __init__(self, clients: Clients, credentials: Callable[[Caller], Session | None]) -> None:
        """`credentials` returns a caller's own keys, or None for the account's root."""
        super().__init__(clients.endpoint, clients.region, clients.account, clients.roles)
        self._credentials = credentials

    def own(self, service: str) -> Any:
        if service not in _AS_CALLER:
            return super().own(service)
        return _Client(lambda: self._of(service, SERVED.get()))

    def _of(self, service: str, caller: Caller) -> Any:
        if caller is NOBODY or (session := self._credentials(caller)) is None:
            return super().own(service)
        return self.in_session(service, session)


class _Client:
    """A boto3 client chosen at each use; what it is refused, the query is refused."""

    def __init__(self, choose: Callable[[], Any]) -> None:
        self._choose = choose

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._choose(), name)
        return _refusable(found) if callable(found) and name != "exceptions" else found

    def get_paginator(self, operation: str) -> "_Paginator":
        return _Paginator(self._choose().get_paginator(operation))


class _Paginator:
    def __init__(self, paginator: Any) -> None:
        self._paginator = paginator

    def paginate(self, **members: Any) -> Iterator[Any]:
        try:
            yield from self._paginator.paginate(**members)
        except ClientError as error:
            _raise_refused(error)
            raise


def _refusable(operation: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **members: Any) -> Any:
        try:
            return operation(*arguments, **members)
        except S3UploadFailedError as error:
            raise QueryFailed("", f"Insufficient permissions to execute the query. {error}") from None
        except ClientError as error:
            _raise_refused(error)
            raise

    return call


def _raise_refused(error: ClientError) -> None:
    if error.response["Error"]["Code"] in _REFUSALS:
        message = error.response["Error"].get("Message", "")
        raise QueryFailed("", f"Insufficient permissions to execute the query. {message}") from None
