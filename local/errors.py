"""What can go wrong, as AWS says it on the wire, and as a person reads it."""

from typing import Any


class LocalError(Exception):
    """Root of this program's errors; never raised itself."""


class AwsError(LocalError):
    """An answer other than 200, in AWS's words. `code` is the exception's name in the service model."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members
        """Further members of the error's body, such as `code` of InvalidKMSResourceException."""


class AccessDenied(AwsError):
    """The caller's policies do not allow the action on the resource."""

    def __init__(self, principal: str, action: str, resource: str) -> None:
        super().__init__(
            "AccessDeniedException",
            f"User: {principal} is not authorized to perform: {action} on resource: {resource}"
            f" because no identity-based policy allows the {action} action",
        )


class UsageError(LocalError):
    """The person at the command line can mend this; the message says how. It is printed as one line."""
