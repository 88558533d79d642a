"""Quantities as people type them. Each reader raises ValueError with a sentence that shows how."""

import re
from typing import Any

from producer.limits import MEBIBYTE

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZES = {"B": 1, "KiB": 1024, "MiB": MEBIBYTE}


def seconds_in(text: Any) -> Any:
    """Return the seconds in `60s`, `5m`, `500ms`; a bare number is seconds. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|)", str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is not a time: write 500ms, 60s, 5m or 2h")
    return float(match[1]) * _UNITS[match[2] or "s"]


def rate_in(text: Any) -> Any:
    """Return sign-ups a second, infinity for `max`. Raises ValueError."""
    if str(text).strip().lower() == "max":
        return float("inf")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number of sign-ups a second: write 50, 0.5 or max") from None


def ramp_in(text: Any) -> Any:
    """Return (start, stop, seconds) of `10:1000/60s`. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)/(\S+)", str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is not a ramp: write 10:1000/60s for 10 to 1,000 a second within a minute")
    return float(match[1]), float(match[2]), _positive(seconds_in(match[3]))


def burst_in(text: Any) -> Any:
    """Return (count, seconds) of `1000/60s`. Raises ValueError."""
    match = re.fullmatch(r"(\d+)/(\S+)", str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is not a burst: write 1000/60s for 1,000 at once every minute")
    return int(match[1]), _positive(seconds_in(match[2]))


def _positive(value: float) -> float:
    if not value > 0:
        raise ValueError("the time must be longer than nothing")
    return value


def size_in(text: Any) -> Any:
    """Return the bytes a second of `5MiB`, infinity for `none`. Raises ValueError."""
    if str(text).strip().lower() == "none":
        return float("inf")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(KiB|MiB)", str(text).strip())
    if not match or (size := float(match[1]) * _SIZES[match[2]]) < 16 * 1024:
        raise ValueError(f"{text!r} is not a quota: write 5MiB or 512KiB a second (16KiB at least), or none")
    return size
