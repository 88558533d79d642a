"""One stack of one AWS: clients, what the stack is made of, and what time it is there.

Every method blocks, and may raise ClientError and UsageError, unless it says otherwise.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from local.clients import ClientError, for_role
from local.console.actions import Actions, Missing
from local.console.pipeline import Pipeline, discover
from local.errors import UsageError
from local.target import Target

DISCOVERY_SECONDS = 60
CLOCK_SECONDS = 5
OPERATOR_OUTPUT = "OperatorRoleArn"
REFUSED_SECONDS = 60
"""A role that was refused is asked for again after this: somebody may have granted it."""

AWS_TIMES = 4
"""A look at AWS costs requests: it is taken so many times less often."""

T = TypeVar("T")


@dataclass
class Access:
    """Clients with the viewer's own rights and, for error objects, in the stack's operator role."""

    target: Target
    stack: str | None
    state: Path
    read_only: bool = False
    refusal: str = ""
    """Why the operator role could not be assumed, if it could not."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _in_role: dict[str, Callable[[str], Any]] = field(default_factory=dict)
    _refused_at: float = float("-inf")
    _pipeline: Pipeline | None = None
    _discovered_at: float = float("-inf")
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)
    _seen_at: datetime | None = None
    actions: Actions = field(init=False)

    def __post_init__(self) -> None:
        self.actions = Actions(self.target.endpoint)

    @property
    def local(self) -> bool:
        return self.target.endpoint is not None

    def client(self, service: str) -> Any:
        """Return a client with the viewer's own rights."""
        # Making a client takes long and is not thread-safe; using one is.
        with self._lock:
            if (service, "") not in self._clients:
                self._clients[service, ""] = self.target.client(service)
            return self._clients[service, ""]

    def operator(self, service: str) -> Any:
        """Return a client in the role that may read error objects, or where there is none, or it is refused, one's own.

        `refusal` says why it was refused.
        """
        role = self.pipeline().outputs.get(OPERATOR_OUTPUT, "")
        with self._lock:
            if role and self._assumed(role):
                if (service, role) not in self._clients:
                    self._clients[service, role] = self._in_role[role](service)
                return self._clients[service, role]
        return self.client(service)

    def reader(self, key: str) -> Any:
        """Return an S3 client for this key or prefix: error objects are read in the operator role."""
        errors = self.pipeline().errors_prefix
        return self.operator("s3") if errors and key.startswith(errors) else self.client("s3")

    def _assumed(self, role: str) -> bool:
        if role not in self._in_role and time.monotonic() - self._refused_at >= REFUSED_SECONDS:
            try:
                self._in_role[role] = for_role(role, endpoint=self.target.endpoint, region=self.target.region)
                self.refusal = ""
            except ClientError as error:
                self.refusal = str(error.response["Error"].get("Message", ""))
                self._refused_at = time.monotonic()
        return role in self._in_role

    def pipeline(self) -> Pipeline:
        """Return the pipeline as it was at most a minute ago: a deployment may change it."""
        if self._pipeline is None or time.monotonic() - self._discovered_at > DISCOVERY_SECONDS:
            self._pipeline = discover(self.target, self.stack)
            self._discovered_at = time.monotonic()
        return self._pipeline

    @property
    def known(self) -> Pipeline | None:
        """Return the pipeline if it was looked up already; never blocks."""
        return self._pipeline

    def now(self) -> datetime:
        """Return the time of the place: the gateway's clock can be moved forward."""
        ahead = self.often("clock", CLOCK_SECONDS, self._ahead)
        self._seen_at = datetime.fromtimestamp(time.time() + ahead, UTC)
        return self._seen_at

    def _ahead(self) -> float:
        try:
            return float(self.actions.do("clock", advance=0)["now"]) - time.time()
        except (Missing, KeyError):
            return 0.0

    def clock(self) -> datetime:
        """Return the time as it was at the last look; never blocks."""
        return self._seen_at or datetime.now(UTC)

    def often(self, name: str, seconds: float, look: Callable[[], T]) -> T:
        """Return what `look` found at most so many seconds ago."""
        looked, found = self._kept.get(name, (float("-inf"), None))
        if time.monotonic() - looked >= seconds * (1 if self.local else AWS_TIMES):
            found = look()
            self._kept[name] = (time.monotonic(), found)
        return cast("T", found)

    def look_again(self) -> None:
        """Forget what was looked at: something was changed."""
        self._kept.clear()

    def must_write(self) -> None:
        if self.read_only:
            raise UsageError("this page is read-only: it changes nothing on AWS")


def denied(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
