"""Who calls, and what they may: MiniStack's policy evaluator, asked the right questions.

Private to MiniStack 1.5.33: in `app` `_request_account_scope`; in `iam_evaluator` `pin_*`, `enforce`, `EvalContext`,
`evaluate_trust_policy`; in `iam` `_roles`, `_access_keys`; in `sts` `_sessions`, `_assumed_role_arn`, `_role_id`,
`register_session`.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote

from local.clients import Session
from local.errors import AccessDenied, AwsError
from local.permissions import SERVED
from local.wire import Caller

ACCOUNT = "000000000000"
Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Modules:
    """MiniStack's modules about callers."""

    app: Any
    evaluator: Any
    responses: Any
    router: Any
    iam: Any
    sts: Any


class Callers:
    """The users, roles and sessions of the account."""

    def __init__(self, modules: Modules, region: str) -> None:
        self._ministack = modules.app
        self._evaluator = modules.evaluator
        self._responses = modules.responses
        self._router = modules.router
        self._iam = modules.iam
        self._sts = modules.sts
        self._region = region
        self.opened: Callable[[], object] = lambda: None
        """Told of every session that is opened; from any thread."""

    @contextlib.contextmanager
    def as_account(self) -> Iterator[None]:
        """Act within the account, as a service of it over TLS."""
        with self._responses.request_scope(ACCOUNT, self._region):
            self._evaluator.pin_request_origin("127.0.0.1", secure_transport=True)
            yield

    def authorize(
        self, scope: Scope, body: bytes, service: str, questions: list[tuple[str, str, dict[str, Any]]]
    ) -> Caller:
        """Check the request's signature, then each (action, resource ARN, context) against the caller's policies.

        Raises AwsError: AccessDeniedException, or what is wrong with the session.
        """
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        access_key = self._router.extract_access_key_id(headers, query) or ""
        self._pin(scope, headers, query, access_key, body)
        region = self._responses.get_region()
        for action, resource, context in questions:
            refusal = self._evaluator.enforce(
                access_key, action, service, region, resource_arn=resource, service_context=context
            )
            if isinstance(refusal, self._evaluator.AuthError):
                raise AwsError(refusal.code, refusal.message, status=403)
            if refusal is not None:
                raise AccessDenied(refusal.principal_arn, action, resource)
        identity = self._evaluator.resolve_caller_identity(access_key) or {}
        caller = Caller(identity.get("userArn", f"arn:aws:iam::{ACCOUNT}:root"), ACCOUNT, access_key)
        SERVED.set(caller)
        return caller

    def allow(self, caller: Caller, action: str, resource: str, context: Mapping[str, str] | None = None) -> None:
        """Check whether a caller, known already, may do something else, too; raises AccessDenied."""
        refusal = self._evaluator.enforce(
            caller.access_key, action, action.partition(":")[0], self._region, resource_arn=resource,
            service_context=dict(context or {}),
        )  # fmt: skip
        if refusal is not None:
            raise AccessDenied(caller.arn, action, resource)

    def credentials(self, caller: Caller) -> Session | None:
        """Return the caller's own keys, to act as the caller; None for the account's root."""
        if (session := self._sts._sessions.get(caller.access_key)) is not None:  # noqa: SLF001
            ends = datetime.fromtimestamp(float(session["Expiration"]), UTC)
            return Session(caller.access_key, session["SecretAccessKey"], session["SessionToken"], ends)
        if (key := self._iam._access_keys.get_scoped(ACCOUNT, None, caller.access_key)) is not None:  # noqa: SLF001
            return Session(caller.access_key, key["SecretAccessKey"], "", datetime.max.replace(tzinfo=UTC))
        return None

    def _pin(
        self, scope: Scope, headers: dict[str, str], query: dict[str, list[str]], access_key: str, body: bytes
    ) -> None:
        """Do what `ministack.app.app` does before it enforces a request (app.py, version 1.5.33)."""
        client = (scope.get("client") or ("127.0.0.1", 0))[0]
        if access_key:
            self._responses.set_request_account_id(self._ministack._request_account_scope(access_key))  # noqa: SLF001
        self._responses.set_request_region(self._router.extract_region(headers, query))
        self._responses.set_request_client_ip(client)
        # Loopback stands for TLS: nothing leaves the machine, and a TLS-only bucket policy must not lock it out.
        self._evaluator.pin_request_origin(client, secure_transport=True)
        raw_path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        self._evaluator.pin_signed_request(scope["method"], raw_path, query, list(scope["headers"]))
        self._evaluator.pin_request_caller(headers, query)
        self._evaluator.pin_signed_body(body)

    def trusts(self, role_arn: str, principal: str, context: Mapping[str, str]) -> bool:
        """Say whether the role's trust policy lets the service `principal` assume it in this context."""
        role = self._iam._roles.get_scoped(ACCOUNT, None, role_arn.rpartition("/")[2])  # noqa: SLF001
        if role is None:
            return False
        evaluator = self._evaluator
        request = evaluator.EvalContext(
            principal_arn=f"arn:aws:iam::{ACCOUNT}:root",
            principal_type="Service",
            principal_account=ACCOUNT,
            action="sts:AssumeRole",
            resource_arn=role_arn,
            region=self._region,
            service_context={key.lower(): value for key, value in context.items()},
        )
        document = (
            evaluator.json.loads(role["AssumeRolePolicyDocument"])
            if isinstance(role["AssumeRolePolicyDocument"], str)
            else role["AssumeRolePolicyDocument"]
        )
        return bool(evaluator.evaluate_trust_policy(_naming_only(document, principal), request.principal_arn, request))

    def trusts_here(self, role_arn: str, principal: str) -> bool:
        """Say whether the role lets the service in when it acts for this account."""
        service = principal.partition(".")[0]
        return self.trusts(role_arn, principal, {
            "sts:ExternalId": ACCOUNT, "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": f"arn:aws:{service}:{self._region}:{ACCOUNT}:cloudformation",
        })  # fmt: skip

    def open_session(self, role_arn: str, session_name: str, seconds: int) -> Session:
        """Return temporary credentials in a role whose trust was checked by `trusts`."""
        arn, refusal = self._sts._assumed_role_arn(role_arn, session_name)  # noqa: SLF001
        if refusal:
            raise AwsError("AccessDenied", f"the role {role_arn} cannot be assumed", status=403)
        expires = time.time() + seconds
        session = Session(
            "ASIA" + secrets.token_hex(8).upper(),
            secrets.token_urlsafe(30),
            secrets.token_urlsafe(60),
            datetime.now(UTC) + timedelta(seconds=seconds),
        )
        self._sts.register_session(
            session.access_key,
            {
                "Arn": arn,
                "UserId": f"{self._sts._role_id(role_arn)}:{session_name}",  # noqa: SLF001
                "SecretAccessKey": session.secret_key,
                "SessionToken": session.token,
                "Expiration": expires,
                "AccountId": ACCOUNT,
                "PrincipalType": "AssumedRole",
            },
        )
        self.opened()
        return session


def _naming_only(trust: dict[str, Any], principal: str) -> dict[str, Any]:
    """Keep the statements that name the service: MiniStack lets root stand for any service."""
    statements = trust.get("Statement", [])
    statements = [statements] if isinstance(statements, dict) else statements

    def names(statement: dict[str, Any]) -> bool:
        principals = statement.get("Principal", {})
        if principals == "*":
            return True
        services = principals.get("Service", []) if isinstance(principals, dict) else []
        return principal in ([services] if isinstance(services, str) else services)

    return {**trust, "Statement": [each for each in statements if names(each)]}
