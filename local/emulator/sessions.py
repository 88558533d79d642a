"""Temporary credentials outlive the process, as they do on AWS: MiniStack 1.5.33 forgets them.

Private to that version: in `sts` `_sessions`, `get_state`, `load_persisted_state`.
"""

import time
from typing import Any


def keep(sts: Any) -> None:
    """Let sessions be saved and restored with the rest; those that have expired are left behind."""

    def valid(sessions: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        now = time.time()
        return {key: each for key, each in list(sessions.items()) if float(each.get("Expiration") or now) > now}

    sts.get_state = lambda: {"sessions": valid(sts._sessions)}  # noqa: SLF001
    sts.load_persisted_state = lambda state: sts._sessions.update(valid(state.get("sessions", {})))  # noqa: SLF001
