"""MiniStack in this process: started, asked about callers and roles, saved."""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from local.clients import ROOT_KEY, Session
from local.cloudwatch import emulated
from local.cloudwatch.events import EventBus
from local.emulator import policies, provisioners, streams
from local.emulator.kept import Kept
from local.errors import AccessDenied, AwsError
from local.permissions import SERVED
from local.wire import Caller

ACCOUNT = "000000000000"
Scope = Mapping[str, Any]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


class Emulator:
    """MiniStack in this process. `app` is the ASGI application that everything not answered by us goes to."""

    def __init__(self, state: Path, port: int, region: str) -> None:
        """Configure and import MiniStack; its state lives in `state`. Once per process: it reads the environment."""
        _configure(state, port, region)
        from ministack import app as ministack  # noqa: PLC0415 - it reads its settings from the environment on import
        from ministack.core import iam_actions, iam_evaluator, persistence, responses, router  # noqa: PLC0415
        from ministack.services import (  # noqa: PLC0415
            athena,
            cloudwatch,
            eventbridge,
            firehose,
            glue,
            iam,
            s3,
            secretsmanager,
            sns,
            sts,
        )
        from ministack.services.cloudformation import provisioners as theirs  # noqa: PLC0415

        self.app: AsgiApp = ministack.app
        self.region = region
        self._ministack = ministack
        self._evaluator = iam_evaluator
        self._persistence = persistence
        self._responses = responses
        self._router = router
        self._iam, self._s3, self._sts, self._firehose, self._glue = iam, s3, sts, firehose, glue
        policies.mend(iam_evaluator, iam, s3, secretsmanager)
        policies.mend_questions(iam_actions, athena)
        provisioners.mend(theirs, s3, self._trusts_here)
        self._handlers = theirs._RESOURCE_HANDLERS  # noqa: SLF001
        emulated.mend(cloudwatch, sns, theirs)
        self.events = EventBus(eventbridge, sns, self._as_account)
        self.metrics = emulated.MetricStore(cloudwatch, ACCOUNT, region)

    @contextlib.contextmanager
    def _as_account(self) -> Iterator[None]:
        """Act within the account, as a service of it over TLS."""
        with self._responses.request_scope(ACCOUNT, self.region):
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
            caller.access_key, action, action.partition(":")[0], self.region, resource_arn=resource,
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
            region=self.region,
            service_context={key.lower(): value for key, value in context.items()},
        )
        document = (
            evaluator.json.loads(role["AssumeRolePolicyDocument"])
            if isinstance(role["AssumeRolePolicyDocument"], str)
            else role["AssumeRolePolicyDocument"]
        )
        return bool(evaluator.evaluate_trust_policy(_naming_only(document, principal), request.principal_arn, request))

    def _trusts_here(self, role_arn: str, principal: str) -> bool:
        """Say whether the role lets the service in when it acts for this account."""
        service = principal.partition(".")[0]
        return self.trusts(role_arn, principal, {
            "sts:ExternalId": ACCOUNT, "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": f"arn:aws:{service}:{self.region}:{ACCOUNT}:cloudformation",
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
        return session

    def object_path(self, bucket: str, key: str) -> Path:
        """Return where an object's bytes lie on disk."""
        return Path(self._s3._object_disk_path(bucket, key, ACCOUNT))  # noqa: SLF001

    def plan_streams_with(self, plan: streams.Plan) -> None:
        """From now on a template's delivery streams are made only if `plan` raises nothing."""
        streams.hold_to(plan, self._handlers)

    def delivery_streams(self) -> Kept:
        return Kept(self._firehose._streams, ACCOUNT, self.region)  # noqa: SLF001

    def crawlers(self) -> Kept:
        return Kept(self._glue._crawlers, ACCOUNT, self.region)  # noqa: SLF001

    def save(self) -> None:
        """Write the control plane to disk, as a clean shutdown would; some 20 ms."""
        self._persistence.save_all(self._ministack._build_persistence_save_dict())  # noqa: SLF001


def _configure(state: Path, port: int, region: str) -> None:
    if "ministack.app" in sys.modules:
        raise RuntimeError("MiniStack is imported already: it reads its settings only once")
    for folder in ("objects", "control"):
        (state / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ.update({
        "GATEWAY_PORT": str(port), "MINISTACK_REGION": region, "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",  # both would listen on other ports
        "S3_PERSIST": "1", "PERSIST_STATE": "1",  # a pair: one without the other loses the stack
        "S3_DATA_DIR": str(state / "objects"), "STATE_DIR": str(state / "control"),
        "AUTH": "true", "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",  # no container is ever started or looked for
    })  # fmt: skip
    # Functions inherit the server's environment; an endpoint of ours in it would send them in circles.
    os.environ.pop("AWS_ENDPOINT_URL", None)


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
