"""Alarms are evaluated on demand through the gateway's own action `alarms`."""

from collections.abc import Callable
from typing import Any

import pytest

Evaluate = Callable[[], dict[str, str]]


@pytest.fixture(scope="session")
def evaluate(gateway) -> Evaluate:
    """Return a function that evaluates all alarms and gives their states by name."""

    def now() -> dict[str, Any]:
        return dict(gateway.act("alarms"))

    return now
