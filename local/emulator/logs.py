"""Log events page by page: MiniStack's FilterLogEvents gives a first page, and no token for what follows it.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
Private to version 1.5.33: in `cloudwatch_logs` `_filter_log_events`, which its request handler looks up by name,
`_log_groups`, `_resolve_log_group_name`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

_MOST = 10_000
"""Events in a page, and what a page has unless a client asks for fewer."""

_INVALID_TOKEN = "The specified nextToken is invalid."  # noqa: S105 - a message

Answer = tuple[int, dict[str, str], bytes]
Filter = Callable[[dict[str, Any]], Answer]


def mend(logs: Any) -> None:
    """Let a client ask for what follows, and for streams by the beginning of their names."""
    logs._filter_log_events = _paged(logs._filter_log_events, logs)  # noqa: SLF001


def _paged(original: Filter, logs: Any) -> Filter:
    def filter_log_events(asked: dict[str, Any]) -> Answer:
        try:
            after, skipped = _position(asked.get("nextToken"))
        except ValueError:
            return logs.error_response_json("InvalidParameterException", _INVALID_TOKEN, 400)  # type: ignore[no-any-return]  # MiniStack is untyped
        limit = min(int(asked.get("limit") or _MOST), _MOST)
        narrowed = {**asked, "limit": min(limit + skipped + 1, _MOST)}
        if after is not None:
            narrowed["startTime"] = after
        if prefix := asked.get("logStreamNamePrefix"):
            narrowed["logStreamNames"] = _streams(logs, asked, prefix)
        status, headers, body = original(narrowed)
        if status != 200:  # noqa: PLR2004 - HTTP
            return status, headers, body
        found = json.loads(body)["events"]
        page = found[skipped : skipped + limit]
        answer: dict[str, Any] = {"events": page, "searchedLogStreams": []}
        if page and (len(found) > skipped + limit or len(found) == _MOST):
            answer["nextToken"] = _token(page, after, skipped)
        return logs.json_response(answer)  # type: ignore[no-any-return]  # MiniStack is untyped

    return filter_log_events


def _streams(logs: Any, asked: Mapping[str, Any], prefix: str) -> list[str]:
    group = logs._log_groups.get(logs._resolve_log_group_name(asked)) or {"streams": {}}  # noqa: SLF001
    # No stream has an empty name: it stands for none, where an empty list would stand for all.
    return [name for name in group["streams"] if name.startswith(prefix)] or [""]


def _token(page: list[dict[str, Any]], after: int | None, skipped: int) -> str:
    """Return where the next page begins: at the last event's moment, behind the events of that moment already given."""
    last = page[-1]["timestamp"]
    given = sum(each["timestamp"] == last for each in page)
    return f"{last}:{given + (skipped if last == after else 0)}"


def _position(token: str | None) -> tuple[int | None, int]:
    """Return (timestamp from which, events of it to leave out); raises ValueError."""
    if not token:
        return None, 0
    timestamp, _, given = token.partition(":")
    return int(timestamp), int(given)
