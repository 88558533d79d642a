"""What ends a run early, as a person reads it, and the exit code that says so to a script."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; `--help` lists them."""

    DELIVERED = 0
    """Every sign-up was delivered."""
    BROKEN = 1
    """A defect of this program."""
    USAGE = 2
    """An option is misspelt, out of range or contradicts another."""
    REFUSED = 3
    """AWS refused for a reason that no retry cures: no such stream, access denied, a bad key, no credentials."""
    UNFINISHED = 4
    """Sign-ups wait in the journal or lie in the dead-letter file."""
    STORAGE = 5
    """The journal or the dead-letter file cannot be read or written."""


class ProducerError(Exception):
    """Root of this program's errors; never raised itself. `str()` is one sentence that says what to do."""

    exit_code = Exit.BROKEN


class UsageError(ProducerError):
    """An option is misspelt, out of range or contradicts another."""

    exit_code = Exit.USAGE


class Refused(ProducerError):
    """The request can never succeed as things are."""

    exit_code = Exit.REFUSED


class StorageError(ProducerError):
    """The journal or the dead-letter file cannot be read or written."""

    exit_code = Exit.STORAGE


class Busy(StorageError):
    """Another process works on the journal."""
