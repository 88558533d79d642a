"""Faults to switch on and off, so that one can watch what they do. Nothing is on unless somebody switched it on."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from local.errors import AwsError


@dataclass(slots=True)
class Faults:
    """What is broken on purpose just now."""

    throttling: bool = False
    """Every put is answered with `Slow down.`, as over a quota."""
    function_fails: bool = False
    """Every invocation ends in an unhandled error, before the function sees the event."""
    function_slow: bool = False
    """Every invocation takes longer than the function's timeout."""
    bucket_denied: bool = False
    """Roles may not put objects: what is to be delivered waits."""

    async def act(self, members: dict[str, Any]) -> dict[str, bool]:
        """Set the faults named in `members` on or off; return them all. Raises AwsError."""
        known = {each.name for each in fields(self)}
        for name, wish in members.items():
            if name not in known or not isinstance(wish, bool):
                raise AwsError(
                    "BadRequest", f"'{name}': {wish!r} is no fault; true or false for: {', '.join(sorted(known))}"
                )
        for name, wish in members.items():
            setattr(self, name, wish)
        return asdict(self)
