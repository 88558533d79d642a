"""MiniStack in this process: started, mended, and what of it the services lean on."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from local.clients import ROOT_KEY
from local.emulator import (
    alarms,
    containers,
    documents,
    logs,
    managed,
    planned,
    policies,
    provisioners,
    queries,
    sessions,
)
from local.emulator.callers import ACCOUNT, Callers, Modules
from local.emulator.events import EventBus
from local.emulator.kept import Kept
from local.emulator.metrics import MetricStore

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
            cloudformation,
            cloudwatch,
            cloudwatch_logs,
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

        folder = state / "control"
        documents.check(folder, persistence)
        sessions.keep(sts)
        self.app: AsgiApp = ministack.app
        self.region = region
        self.callers = Callers(Modules(ministack, iam_evaluator, responses, router, iam, sts), region)
        self.documents = documents.Documents(ministack, persistence, folder)
        self.documents.replace_saving()
        self._cloudformation, self._s3, self._firehose, self._glue = cloudformation, s3, firehose, glue
        policies.mend(iam_evaluator, iam, s3, secretsmanager)
        policies.mend_questions(iam_actions, athena)
        provisioners.mend(theirs, s3, self.callers.trusts_here)
        managed.mend(iam)
        containers.mend(theirs, region)
        logs.mend(cloudwatch_logs)
        queries.mend(athena)
        self._handlers = theirs._RESOURCE_HANDLERS  # noqa: SLF001
        alarms.mend(cloudwatch, sns, theirs)
        self.events = EventBus(eventbridge, sns, self.callers.as_account)
        self.metrics = MetricStore(cloudwatch, ACCOUNT, region)

    def object_path(self, bucket: str, key: str) -> Path:
        """Return where an object's bytes lie on disk."""
        return Path(self._s3._object_disk_path(bucket, key, ACCOUNT))  # noqa: SLF001

    def plan_streams_with(self, plan: planned.Plan) -> None:
        """From now on a template's delivery streams are made only if `plan` raises nothing."""
        planned.hold_streams_to(plan, self._handlers)

    def delivery_streams(self) -> Kept:
        return Kept(self._firehose._streams, ACCOUNT, self.region)  # noqa: SLF001

    def crawlers(self) -> Kept:
        return Kept(self._glue._crawlers, ACCOUNT, self.region)  # noqa: SLF001

    def deploying(self) -> bool:
        """Say whether a stack is being made, changed or deleted just now."""
        stacks = list(self._cloudformation._stacks._data.values())  # noqa: SLF001 - it lists only the scope of the current request
        return any(str(each.get("StackStatus")).endswith("_IN_PROGRESS") for each in stacks)


def _configure(state: Path, port: int, region: str) -> None:
    if "ministack.app" in sys.modules:
        raise RuntimeError("MiniStack is imported already: it reads its settings only once")
    for folder in ("objects", "control"):
        (state / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    documents.finish(state / "control")
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
