"""Libraries that are only needed for what only some people want."""

from importlib import import_module
from typing import Any


def need(module: str, requirement: str) -> Any:
    """Return the module, or raise ImportError that says what to install."""
    try:
        return import_module(module)
    except ImportError as reason:
        library = module.partition(".")[0]
        raise ImportError(f"this needs {library}: pip install '{requirement}' ({reason})") from reason
