"""Glue's crawlers: started, stopped, scheduled and followed; definitions stay where the emulator keeps them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler.html
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from local.clients import Clients, RoleRefused
from local.clock import Clock
from local.crawler.crawl import Crawl, Summary
from local.crawler.history import Crawls
from local.crawler.lake import LOG_GROUP, CrawlFailed, Lake
from local.crawler.policy import check, check_supported
from local.crawler.schedule import BadSchedule, schedule
from local.crawler.shapes import (
    DEFAULTS,
    STATE_CHANGE,
    crawl_shown,
    defined,
    failed_event,
    matches,
    page,
    schedule_of,
    started_event,
    succeeded_event,
    summary_text,
)
from local.errors import AwsError
from local.wire import Call

log = logging.getLogger(__name__)

_LONGEST_SLEEP = 60.0
Operation = Callable[[Call], Coroutine[Any, Any, Mapping[str, Any]]]


class Definitions(Protocol):
    """The crawlers that CreateCrawler or CloudFormation made, as GetCrawler shows them."""

    def names(self) -> list[str]: ...

    def get(self, name: str) -> dict[str, Any] | None: ...

    def put(self, name: str, crawler: dict[str, Any]) -> None: ...


Announce = Callable[[str, dict[str, str]], None]
"""Takes an event's detail type and detail."""


def _nobody(_detail_type: str, _detail: dict[str, str]) -> None:
    """Announce to nobody."""


class CrawlerService:
    """One of the gateway's services."""

    name = "glue"

    def __init__(
        self, *, clients: Clients, clock: Clock, definitions: Definitions, state: Path, announce: Announce = _nobody,
    ) -> None:  # fmt: skip
        """Keep the history of crawls in the folder `state`; `announce` is called on the event loop."""
        self._announce = announce
        self._clients = clients
        self._clock = clock
        self._definitions = definitions
        self._history = Crawls(state / "crawls.json")
        self._running: dict[str, tuple[Crawl | None, asyncio.Task[None]]] = {}
        self._scheduler: asyncio.Task[None] | None = None
        self._handlers: dict[str, Operation] = {
            "CreateCrawler": self._create,
            "UpdateCrawler": self._update,
            "GetCrawler": self._get,
            "GetCrawlers": self._get_all,
            "BatchGetCrawlers": self._batch_get,
            "ListCrawlers": self._list,
            "StartCrawler": self._start,
            "StopCrawler": self._stop,
            "ListCrawls": self._list_crawls,
            "GetCrawlerMetrics": self._metrics,
            "StartCrawlerSchedule": self._start_schedule,
            "StopCrawlerSchedule": self._stop_schedule,
            "UpdateCrawlerSchedule": self._update_schedule,
        }
        self.operations = frozenset(self._handlers)

    async def start(self) -> None:
        """Fire the schedules from now on; a crawl that a crash cut short is over."""
        for name in self._definitions.names():
            if (crawler := self._definitions.get(name)) and crawler.get("State") != "READY":
                self._definitions.put(name, {**crawler, "State": "READY"})
        self._scheduler = asyncio.create_task(self._follow_schedules())

    async def stop(self) -> None:
        tasks = [task for _, task in self._running.values()]
        for crawl, _ in self._running.values():
            if crawl is not None:
                crawl.stop()
        if self._scheduler is not None:
            self._scheduler.cancel()
            tasks.append(self._scheduler)
        await asyncio.gather(*tasks, return_exceptions=True)

    def resources(self, call: Call) -> list[str]:
        """Crawlers are allowed or denied by name."""
        name = call.parameters.get("Name") or call.parameters.get("CrawlerName") or "*"
        return [f"arn:aws:glue:{call.region}:{self._clients.account}:crawler/{name}"]

    async def call(self, call: Call) -> Mapping[str, Any]:
        return await self._handlers[call.operation](call)

    # --- definitions

    def _known(self, name: str) -> dict[str, Any]:
        if (crawler := self._definitions.get(name)) is None:
            raise AwsError("EntityNotFoundException", f"Crawler with name {name} does not exist")
        return crawler

    async def _create(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        name = asked.get("Name") or ""
        if self._definitions.get(name) is not None:
            raise AwsError("AlreadyExistsException", f"Crawler with name {name} already exists")
        check(asked)
        now = self._clock.now()
        self._definitions.put(
            name, {**DEFAULTS, **defined(asked), "Name": name, "CreationTime": now, "LastUpdated": now}
        )
        if asked.get("Tags"):
            arn = f"arn:aws:glue:{call.region}:{self._clients.account}:crawler/{name}"
            await asyncio.to_thread(self._clients.own("glue").tag_resource, ResourceArn=arn, TagsToAdd=asked["Tags"])
        return {}

    async def _update(self, call: Call) -> Mapping[str, Any]:
        known = self._known(call.parameters["Name"])
        if known["Name"] in self._running:
            raise AwsError("CrawlerRunningException", f"Cannot update Crawler while running: {known['Name']}")
        changed = {**known, **defined(call.parameters)}
        check(changed)
        self._changed(changed)
        return {}

    def _changed(self, crawler: dict[str, Any]) -> None:
        version = int(crawler.get("Version") or 1) + 1
        self._definitions.put(crawler["Name"], {**crawler, "LastUpdated": self._clock.now(), "Version": version})

    async def _get(self, call: Call) -> Mapping[str, Any]:
        return {"Crawler": self._shown(self._known(call.parameters["Name"]))}

    async def _get_all(self, call: Call) -> Mapping[str, Any]:
        names, more = page(sorted(self._definitions.names()), call.parameters)
        return {"Crawlers": [self._shown(self._known(name)) for name in names], **more}

    async def _batch_get(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters["CrawlerNames"]
        found = [self._shown(crawler) for name in asked if (crawler := self._definitions.get(name)) is not None]
        missing = [name for name in asked if self._definitions.get(name) is None]
        return {"Crawlers": found, "CrawlersNotFound": missing}

    async def _list(self, call: Call) -> Mapping[str, Any]:
        names, more = page(sorted(self._definitions.names()), call.parameters)
        return {"CrawlerNames": names, **more}

    def _shown(self, crawler: Mapping[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in crawler.items() if value not in (None, "", {})}
        if planned := shown.get("Schedule"):
            shown["Schedule"] = {"State": "SCHEDULED", **planned}
        if (started := self._history.began(crawler["Name"])) is not None and crawler["State"] != "READY":
            shown["CrawlElapsedTime"] = int((self._clock.now() - started) * 1000)
        return shown

    # --- crawls

    async def _start(self, call: Call) -> Mapping[str, Any]:
        self._begin(self._known(call.parameters["Name"]))
        return {}

    def _begin(self, crawler: dict[str, Any]) -> None:
        name = crawler["Name"]
        if name in self._running:
            raise AwsError("CrawlerRunningException", f"Crawler with name {name} has already started")
        identifier = str(uuid.uuid4())
        record = {
            "CrawlId": identifier, "State": "RUNNING", "StartTime": self._clock.now(),
            "LogGroup": LOG_GROUP, "LogStream": name, "MessagePrefix": identifier,
        }  # fmt: skip
        self._history.add(name, record)
        self._definitions.put(name, {**crawler, "State": "RUNNING", "CrawlElapsedTime": 0})
        started = datetime.fromtimestamp(record["StartTime"], UTC)
        self._announce(STATE_CHANGE, started_event(name, self._clients.account, started))
        task = asyncio.create_task(self._run(crawler, record))
        self._running[name] = (None, task)
        task.add_done_callback(lambda _: self._running.pop(name, None))

    async def _run(self, crawler: dict[str, Any], record: dict[str, Any]) -> None:
        lines: list[tuple[float, str]] = []

        def say(level: str, message: str) -> None:
            lines.append((self._clock.now(), f"[{record['CrawlId']}] {level} : {message}"))

        say("BENCHMARK", f"Running Start Crawl for Crawler {crawler['Name']}")
        status, message, summary = "COMPLETED", "", Summary()
        try:
            check(crawler)
            check_supported(crawler)
            lake = await asyncio.to_thread(Lake, self._clients, crawler["Role"], crawler["Name"])
            crawl = Crawl(crawler, lake, self._clock.now, say)
            self._running[crawler["Name"]] = (crawl, self._running[crawler["Name"]][1])
            summary = crawl.summary
            await asyncio.to_thread(crawl.run)
        except CrawlFailed as error:
            stopped = (running := self._running[crawler["Name"]][0]) is not None and running.stopped
            status, message = ("STOPPED", "") if stopped else ("FAILED", str(error))
        except (AwsError, ClientError, BotoCoreError, ValueError) as error:
            status, message = "FAILED", str(error)
        except RoleRefused as error:
            status = "FAILED"
            message = f"Service is unable to assume provided role. Please verify role's TrustPolicy. {error}"
        if message:
            say("ERROR", message)
        say("BENCHMARK", "Crawler has finished running and is in state READY")
        await asyncio.to_thread(self._write_log, crawler, lines)
        self._end(crawler["Name"], record, status, message, summary)

    def _write_log(self, crawler: Mapping[str, Any], lines: list[tuple[float, str]]) -> None:
        """Write the log as the role; a role that may not log has crawled all the same."""
        try:
            Lake(self._clients, crawler["Role"], crawler["Name"]).log(crawler["Name"], lines)
        except (ClientError, BotoCoreError, RoleRefused) as error:
            log.warning("crawler %s could not write its log: %s", crawler["Name"], error)

    def _end(self, name: str, record: dict[str, Any], status: str, message: str, summary: Summary) -> None:
        now = self._clock.now()
        counts = {"created": len(summary.created), "updated": len(summary.updated), "deleted": len(summary.deleted)}
        record |= {"State": status, "EndTime": now, "Summary": summary_text(summary), "tables": counts}
        if message:
            record["ErrorMessage"] = message
        self._history.save()
        last = {
            "Status": {"COMPLETED": "SUCCEEDED", "STOPPED": "CANCELLED"}.get(status, "FAILED"),
            "LogGroup": LOG_GROUP,
            "LogStream": name,
            "MessagePrefix": record["CrawlId"],
            "StartTime": record["StartTime"],
        }
        if message:
            last["ErrorMessage"] = message
        if (crawler := self._definitions.get(name)) is not None:
            elapsed = int((now - record["StartTime"]) * 1000)
            self._definitions.put(name, {**crawler, "State": "READY", "LastCrawl": last, "CrawlElapsedTime": elapsed})
        if status == "FAILED":
            self._announce(STATE_CHANGE, failed_event(name, self._clients.account, message))
        elif status == "COMPLETED":
            ended, seconds = datetime.fromtimestamp(now, UTC), now - record["StartTime"]
            self._announce(STATE_CHANGE, succeeded_event(name, self._clients.account, ended, seconds, summary))

    async def _stop(self, call: Call) -> Mapping[str, Any]:
        crawler = self._known(call.parameters["Name"])
        if (running := self._running.get(crawler["Name"])) is None:
            raise AwsError("CrawlerNotRunningException", f"Crawler with name {crawler['Name']} isn't running")
        if running[0] is not None:
            running[0].stop()
        self._definitions.put(crawler["Name"], {**crawler, "State": "STOPPING"})
        return {}

    async def _list_crawls(self, call: Call) -> Mapping[str, Any]:
        self._known(call.parameters["CrawlerName"])
        found = [crawl_shown(record) for record in self._history.of(call.parameters["CrawlerName"])]
        for wanted in call.parameters.get("Filters", []):
            found = [each for each in found if matches(each, wanted)]
        crawls, more = page(found, call.parameters)
        return {"Crawls": crawls, **more}

    async def _metrics(self, call: Call) -> Mapping[str, Any]:
        names = call.parameters.get("CrawlerNameList") or sorted(self._definitions.names())
        return {"CrawlerMetricsList": [self._metric(name) for name in names if self._definitions.get(name) is not None]}

    def _metric(self, name: str) -> dict[str, Any]:
        done = [record for record in self._history.of(name) if "EndTime" in record]
        seconds = [record["EndTime"] - record["StartTime"] for record in done]
        counts = {
            verb: sum(record.get("tables", {}).get(verb, 0) for record in done)
            for verb in ("created", "updated", "deleted")
        }
        return {
            "CrawlerName": name,
            "TimeLeftSeconds": 0.0,
            "StillEstimating": False,
            "LastRuntimeSeconds": seconds[0] if seconds else 0.0,
            "MedianRuntimeSeconds": median(seconds) if seconds else 0.0,
            "TablesCreated": counts["created"],
            "TablesUpdated": counts["updated"],
            "TablesDeleted": counts["deleted"],
        }

    # --- schedules

    async def _start_schedule(self, call: Call) -> Mapping[str, Any]:
        return self._switch(call.parameters["CrawlerName"], "SCHEDULED")

    async def _stop_schedule(self, call: Call) -> Mapping[str, Any]:
        return self._switch(call.parameters["CrawlerName"], "NOT_SCHEDULED")

    def _switch(self, name: str, state: str) -> Mapping[str, Any]:
        crawler = self._known(name)
        if not (crawler.get("Schedule") or {}).get("ScheduleExpression"):
            raise AwsError("NoScheduleException", f"There is no schedule for crawler {name}")
        if crawler["Schedule"].get("State", "SCHEDULED") == state:
            code = "SchedulerRunningException" if state == "SCHEDULED" else "SchedulerNotRunningException"
            raise AwsError(code, f"The schedule of crawler {name} is {state} already")
        self._changed({**crawler, "Schedule": {**crawler["Schedule"], "State": state}})
        return {}

    async def _update_schedule(self, call: Call) -> Mapping[str, Any]:
        crawler = self._known(call.parameters["CrawlerName"])
        changed = {**crawler, "Schedule": schedule_of(call.parameters.get("Schedule") or "")}
        check(changed)
        self._changed(changed)
        return {}

    async def _follow_schedules(self) -> None:
        seen = self._clock.now()
        while True:
            await self._clock.sleep_until(self._next_moment(seen))
            now = self._clock.now()
            for name in self._definitions.names():
                if name not in self._running and (due := self._due(name, seen)) is not None and due <= now:
                    self._begin(self._known(name))
            seen = now

    def _next_moment(self, seen: float) -> float:
        """Return when to look again: a crawler may be made or changed in between, so soon."""
        moments = [due for name in self._definitions.names() if (due := self._due(name, seen)) is not None]
        return min([*moments, seen + _LONGEST_SLEEP])

    def _due(self, name: str, after: float) -> float | None:
        crawler = self._definitions.get(name) or {}
        planned = crawler.get("Schedule") or {}
        if not planned.get("ScheduleExpression") or planned.get("State", "SCHEDULED") != "SCHEDULED":
            return None
        try:
            found = schedule(planned["ScheduleExpression"]).after(datetime.fromtimestamp(after, UTC))
        except BadSchedule as error:
            log.warning("crawler %s: %s", name, error)
            return None
        return None if found is None else found.timestamp()
