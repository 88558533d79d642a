"""Error objects: which wait, what is in them, and sending it again, with the ledger that the command line uses."""

from dataclasses import dataclass
from pathlib import Path

from local.clients import ClientError
from local.console import lake
from local.console.access import OPERATOR_OUTPUT, Access, denied
from local.console.failures import Failure, failure
from local.console.flow import Waiting
from local.errors import UsageError
from local.redrive.documents import Document
from local.redrive.ledger import Ledger, path_of
from local.redrive.places import ERROR_TYPES, Place
from local.redrive.sending import Sent, send
from local.redrive.stream import Report, contents, redrive, remove_sent

LISTED = 1_000
ATTEMPTS = 3
"""A person waits for the answer; the command line is more patient."""


@dataclass(frozen=True)
class Opened:
    """What is in error objects."""

    failures: list[Failure]
    unreadable: list[str]


class Backlog:
    """Blocks; raises ClientError and UsageError."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def waiting(self) -> Waiting:
        """Return what lies in the error prefix; says why, instead of raising, when the viewer may not know."""
        pipeline = self._access.pipeline()
        try:
            found = lake.all_objects(
                self._access.operator("s3"), pipeline.bucket, pipeline.errors_prefix, limit=LISTED + 1
            )
        except ClientError as error:
            if not denied(error):
                raise
            return Waiting(problem=self._refused())
        with self._ledger(read_only=True) as ledger:
            left = [each for each in found if not ledger.holds_all(self._place.name(each.key))]
        return Waiting(left[:LISTED], len(found) - len(left), len(found) > LISTED)

    def open(self, keys: list[str]) -> Opened:
        """Return the failed records of these objects, those too that were sent again."""
        try:
            found = [contents(self._access.operator("s3"), self._place, key) for key in keys]
        except ClientError as error:
            if not denied(error):
                raise
            raise UsageError(self._refused()) from None
        with self._ledger(read_only=True) as ledger:
            return Opened(
                [
                    failure(document, sent=ledger.holds(document.object, document.place))
                    for each in found
                    for document in each.documents
                ],
                [each for one in found for each in one.unreadable],
            )

    def send(self, documents: list[Document]) -> Sent:
        """Send these records again, those that nobody has sent before."""
        self._access.must_write()
        with self._ledger() as ledger:
            done = send(self._access.operator("firehose"), self._place.stream, documents, ledger, attempts=ATTEMPTS)
        self._access.look_again()
        return done

    def send_all(self) -> Report:
        """Send every record of every error object again, as `python -m local redrive` does."""
        self._access.must_write()
        report = redrive(self._access.operator, self._place.stream, None, False, self._path)  # noqa: FBT003 - no dry run
        self._access.look_again()
        return report

    def remove_sent(self) -> int:
        """Delete the objects all of whose records were sent again: they may hold raw CPFs."""
        self._access.must_write()
        with self._ledger() as ledger:
            removed = remove_sent(self._access.operator("s3"), self._place, ERROR_TYPES, ledger)
        self._access.look_again()
        return len(removed)

    @property
    def _place(self) -> Place:
        pipeline = self._access.pipeline()
        return Place(pipeline.bucket, pipeline.error_prefix, pipeline.stream)

    @property
    def _path(self) -> Path:
        return path_of(self._access.state, self._access.pipeline().stream)

    def _ledger(self, *, read_only: bool = False) -> Ledger:
        return Ledger(self._path, read_only=read_only)

    def _refused(self) -> str:
        role = self._access.pipeline().outputs.get(OPERATOR_OUTPUT)
        if role is None:
            return "Error objects may hold raw CPFs, and your credentials may not read them."
        because = f" ({self._access.refusal})" if self._access.refusal else ""
        return (
            "Error objects may hold raw CPFs and are for operators only: open this page with credentials that may"
            f" assume {role}; yours may not{because}."
        )
