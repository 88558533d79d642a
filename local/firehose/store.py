"""Where delivery streams are kept: the emulator's control plane, seen through four functions.

CloudFormation writes to it without passing by the gateway, so it alone says which streams exist and how
they are configured. Whoever implements this is the one file that knows the emulator's insides.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

Stored = Mapping[str, Any]
"""A delivery stream as the control plane keeps it, plain JSON values:

    name, arn: str · status: "ACTIVE" (or another DeliveryStreamStatus)
    type: "DirectPut" | "KinesisStreamAsSource"
    version: int, 1 at creation, +1 at each change of the destination
    created_at, updated_at: float, epoch seconds; equal until the first update
    destinations: [{"id": str, "type": "ExtendedS3" | "S3" | …, "config": {…}, "records": []}]
    tags: {key: value} · encryption: None | {"Status", "KeyType", "KeyARN"?} · kinesis_source: None | {…}

`config` is the …DestinationConfiguration of the API or of a template: numbers and booleans may be strings,
defaults missing. Readers normalise it (`settings.read`), so that it does not matter how a stream came in.
"""


class StreamStore(Protocol):
    """The delivery streams of this account and region.

    Every method is called from the event loop as well as from worker threads, for every put: it must not
    block, and `get` must cost no more than a look-up in a dictionary.
    """

    def names(self) -> Collection[str]:
        """Return the names of all delivery streams, in any order."""

    def get(self, name: str) -> Stored | None:
        """Return the stream as it is stored now, or None.

        The mapping may be the live one: callers never change it. A stream that was deleted and made again
        has another `created_at`; one that was changed has another `version` or `updated_at`.
        """

    def put(self, name: str, stream: dict[str, Any]) -> None:
        """Create or replace the stream; it must be on disk soon after (debounced saving is fine)."""

    def delete(self, name: str) -> None:
        """Forget the stream; an unknown name is no error."""
