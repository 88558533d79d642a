"""Queries in processes of their own, beside the gateway; only `worker` knows DuckDB.

Each process (`python -m local.engine`) takes one JSON request a line and gives one JSON answer a line. A query
that runs away is stopped by killing its process; others are kept warm.
"""

from local.engine.pool import Engine
from local.engine.session import Effort, EngineError, EngineStopped, ReadTooMuch, Session

__all__ = ["Effort", "Engine", "EngineError", "EngineStopped", "ReadTooMuch", "Session"]
