"""The control plane: create, update, describe, list, delete, tag, encrypt.

What CloudFormation does goes to the store directly and is only seen when it is read.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from local.clients import RoleRefused
from local.errors import AwsError
from local.firehose import defaults, limits, merge, model, rules, settings
from local.firehose.describe import DESTINATION_ID, description
from local.firehose.lifecycle import CREATING, DELETING, Lifecycle
from local.firehose.plant import Plant
from local.firehose.settings import Settings
from local.firehose.store import Stored, StreamStore
from local.firehose.tables import Tables, TableUnavailable

_LIST_LIMIT = 10
_MAX_TAGS = 50
_S3_DESTINATIONS = {"ExtendedS3DestinationConfiguration": "ExtendedS3", "S3DestinationConfiguration": "S3"}
_log = logging.getLogger(__name__)

Answer = Mapping[str, Any]


class Control:
    """Answers the operations that are not puts."""

    OPERATIONS = frozenset({
        "CreateDeliveryStream", "UpdateDestination", "DescribeDeliveryStream", "ListDeliveryStreams",
        "DeleteDeliveryStream", "StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption",
        "TagDeliveryStream", "UntagDeliveryStream", "ListTagsForDeliveryStream",
    })  # fmt: skip

    def __init__(
        self, store: StreamStore, plant: Plant, tables: Tables, lifecycle: Lifecycle, most: int | None
    ) -> None:
        """Let there be `most` streams; None: as many as one likes."""
        self._store = store
        self._most = most
        self._lifecycle = lifecycle
        self._plant = plant
        self._tables = tables
        self._read: dict[str, tuple[tuple[Any, ...], Settings | None]] = {}
        self._answer: dict[str, Callable[[Mapping[str, Any]], Awaitable[Answer]]] = {
            "CreateDeliveryStream": self._create,
            "UpdateDestination": self._update,
            "DescribeDeliveryStream": self._describe,
            "ListDeliveryStreams": self._list,
            "DeleteDeliveryStream": self._delete,
            "StartDeliveryStreamEncryption": self._start_encryption,
            "StopDeliveryStreamEncryption": self._stop_encryption,
            "TagDeliveryStream": self._tag,
            "UntagDeliveryStream": self._untag,
            "ListTagsForDeliveryStream": self._list_tags,
        }

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> Answer:
        """Answer one operation; raises AwsError."""
        for name in ("ExtendedS3DestinationConfiguration", "ExtendedS3DestinationUpdate"):
            if isinstance(parameters.get(name), dict):
                rules.check_role_forms(parameters[name])
        model.check(operation, parameters)
        return await self._answer[operation](parameters)

    def existing(self, name: str) -> Stored:
        """Return the stored stream; raises AwsError ResourceNotFoundException."""
        stored = self._store.get(name)
        if stored is None:
            message = f"Firehose {name} under account {self._plant.account} not found."
            raise AwsError("ResourceNotFoundException", message)
        return stored

    def active(self, stored: Stored) -> bool:
        """Say whether the stream takes puts: not while it is being created."""
        return self._lifecycle.status(stored) == "ACTIVE"

    def settings(self, stored: Stored) -> Settings | None:
        """Return the typed settings; None without an S3 destination. Raises AwsError if they make no sense."""
        name = stored["name"]
        state = (stored["created_at"], stored["version"], stored["updated_at"])
        kept = self._read.get(name)
        if kept and kept[0] == state:
            return kept[1]
        try:
            read = settings.read(stored, self._plant.account, self._plant.region)
        except (KeyError, ValueError, TypeError, AttributeError) as reason:
            message = f"The configuration of Firehose {name} cannot be used: {type(reason).__name__}: {reason}"
            raise AwsError("InvalidArgumentException", message) from None
        self._read[name] = state, read
        return read

    def planned(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return what CreateDeliveryStream would store, checked as far as that goes without asking anyone.

        Takes the API's parameters or a template's properties with a name; raises AwsError.
        """
        parameters = model.coerce("CreateDeliveryStreamInput", parameters)
        model.check("CreateDeliveryStream", parameters)
        name = limits.stream_name(parameters)
        kind, config = self._destination(parameters)
        stream_type = parameters.get("DeliveryStreamType", "DirectPut")
        source = parameters.get("KinesisStreamSourceConfiguration")
        if stream_type == "KinesisStreamAsSource" and not source:
            message = "KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type."
            raise AwsError("InvalidArgumentException", message)
        encryption = parameters.get("DeliveryStreamEncryptionConfigurationInput")
        if encryption:
            rules.check_encryption(encryption, stream_type)
        rules.check_destination(config, self._plant.account)
        now = self._plant.clock.now()
        return {
            "name": name,
            "arn": f"arn:aws:firehose:{self._plant.region}:{self._plant.account}:deliverystream/{name}",
            "status": "ACTIVE",
            "type": stream_type,
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "destinations": [_stored_destination(kind, config)],
            "tags": {tag["Key"]: tag.get("Value", "") for tag in parameters.get("Tags", [])},
            "encryption": {"Status": "ENABLED", **encryption} if encryption else None,
            "kinesis_source": {**source, "DeliveryStartTimestamp": now} if source else None,
        }

    def _destination(self, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        given = [name for name in parameters if name.endswith("DestinationConfiguration")]
        if len(given) != 1:
            message = "Exactly one destination configuration is supported for a Firehose"
            raise AwsError("InvalidArgumentException", message)
        if given[0] not in _S3_DESTINATIONS:
            message = f"{given[0]} is not modelled here: streams are delivered to S3 only"
            raise AwsError("InvalidArgumentException", message)
        return _S3_DESTINATIONS[given[0]], parameters[given[0]]

    async def _create(self, parameters: Mapping[str, Any]) -> Answer:
        planned = self.planned(parameters)
        name = planned["name"]
        if self._store.get(name) is not None or self._lifecycle.deleting(name):
            message = f"Firehose {name} under accountId {self._plant.account} already exists"
            raise AwsError("ResourceInUseException", message)
        if self._most is not None and len(self._store.names()) >= self._most:
            names = f"[{', '.join(sorted(self._store.names()))}]"
            message = f"You have already consumed your firehose quota of {self._most} hoses. Firehose names: {names}"
            raise AwsError("LimitExceededException", message)
        await self._check_reachable(planned)
        self._store.put(name, planned)
        self._lifecycle.begin(CREATING, planned)
        return {"DeliveryStreamARN": planned["arn"]}

    async def _check_reachable(self, planned: Stored) -> None:
        """Do as AWS does at create and update: assume the role, read the Glue table."""
        read = settings.read(planned, self._plant.account, self._plant.region)
        assert read is not None
        if read.conversion:
            try:
                await self._plant.thread(self._tables.read, read.conversion.schema)
            except TableUnavailable as refusal:
                raise AwsError("InvalidArgumentException", refusal.message) from None
        role = read.target.role_arn
        try:
            await self._plant.thread(self._plant.client, "s3", role)
        except RoleRefused:
            message = f"Firehose is unable to assume role {role}. Please check the role provided."
            raise AwsError("InvalidArgumentException", message) from None

    async def _update(self, parameters: Mapping[str, Any]) -> Answer:
        name = parameters["DeliveryStreamName"]
        stored = self._unhurried(name, "updated")
        self._check_version(stored, parameters)
        destination = settings.destination_of(stored)
        if destination is None or parameters["DestinationId"] != DESTINATION_ID:
            message = f"Destination Id {parameters['DestinationId']} not found"
            raise AwsError("InvalidArgumentException", message)
        update = parameters.get("ExtendedS3DestinationUpdate") or parameters.get("S3DestinationUpdate")
        if update is None:
            message = "At least one destination or source configuration update must be provided"
            raise AwsError("InvalidArgumentException", message)
        config = model.coerce("ExtendedS3DestinationConfiguration", destination["config"])
        merged = merge.destination(config, update)
        rules.check_destination(merged, self._plant.account)
        if defaults.extended(merged) == defaults.extended(config):
            return {}
        changed = {
            **stored,
            "version": stored["version"] + 1,
            "updated_at": self._plant.clock.now(),
            "destinations": [_stored_destination(destination["type"], merged)],
        }
        await self._check_reachable(changed)
        self._store.put(name, changed)
        return {}

    def _check_version(self, stored: Stored, parameters: Mapping[str, Any]) -> None:
        current, given = str(stored["version"]), parameters["CurrentDeliveryStreamVersionId"]
        if current != given:
            raise AwsError(
                "ConcurrentModificationException",
                f"Cannot update firehose: {stored['name']} since the current version id: {current} and specified"
                f" version id: {given} do not match",
            )

    async def _describe(self, parameters: Mapping[str, Any]) -> Answer:
        name = parameters["DeliveryStreamName"]
        stored = self._store.get(name) or self._lifecycle.deleting(name) or self.existing(name)
        shown = description({**stored, "status": self._lifecycle.status(stored)})
        self._lifecycle.seen(name)
        return {"DeliveryStreamDescription": shown}

    async def _list(self, parameters: Mapping[str, Any]) -> Answer:
        wanted = parameters.get("DeliveryStreamType")
        after = parameters.get("ExclusiveStartDeliveryStreamName", "")
        names = [
            name
            for name in sorted({*self._store.names(), *self._lifecycle.leaving()})
            if name > after and (wanted is None or self._kind(name) == wanted)
        ]
        limit = parameters.get("Limit", _LIST_LIMIT)
        return {"DeliveryStreamNames": names[:limit], "HasMoreDeliveryStreams": len(names) > limit}

    def _kind(self, name: str) -> str:
        return str((self._store.get(name) or self._lifecycle.deleting(name) or {}).get("type"))

    async def _delete(self, parameters: Mapping[str, Any]) -> Answer:
        name = parameters["DeliveryStreamName"]
        if self._store.get(name) is None and self._lifecycle.deleting(name):
            return {}
        stored = self._unhurried(name, "deleted")
        self._store.delete(name)
        self._read.pop(name, None)
        self._lifecycle.begin(DELETING, stored)
        return {}

    def _unhurried(self, name: str, done: str) -> Stored:
        """Return the stored stream unless it is being created; raises AwsError."""
        stored = self.existing(name)
        if not self.active(stored):
            message = f"Firehose {name} under account {self._plant.account} cannot be {done} in CREATING state"
            raise AwsError("ResourceInUseException", message)
        return stored

    async def _start_encryption(self, parameters: Mapping[str, Any]) -> Answer:
        stored = self.existing(parameters["DeliveryStreamName"])
        encryption = parameters.get("DeliveryStreamEncryptionConfigurationInput") or {"KeyType": "AWS_OWNED_CMK"}
        rules.check_encryption(encryption, stored["type"])
        self._store.put(stored["name"], {**stored, "encryption": {"Status": "ENABLED", **encryption}})
        return {}

    async def _stop_encryption(self, parameters: Mapping[str, Any]) -> Answer:
        stored = self.existing(parameters["DeliveryStreamName"])
        self._store.put(stored["name"], {**stored, "encryption": {"Status": "DISABLED"}})
        return {}

    async def _tag(self, parameters: Mapping[str, Any]) -> Answer:
        stored = self.existing(parameters["DeliveryStreamName"])
        tags = {**stored["tags"], **{tag["Key"]: tag.get("Value", "") for tag in parameters["Tags"]}}
        if len(tags) > _MAX_TAGS:
            message = f"Firehose {stored['name']} cannot have more than {_MAX_TAGS} tags"
            raise AwsError("LimitExceededException", message)
        self._store.put(stored["name"], {**stored, "tags": tags})
        return {}

    async def _untag(self, parameters: Mapping[str, Any]) -> Answer:
        stored = self.existing(parameters["DeliveryStreamName"])
        gone = set(parameters["TagKeys"])
        tags = {key: value for key, value in stored["tags"].items() if key not in gone}
        self._store.put(stored["name"], {**stored, "tags": tags})
        return {}

    async def _list_tags(self, parameters: Mapping[str, Any]) -> Answer:
        stored = self.existing(parameters["DeliveryStreamName"])
        after = parameters.get("ExclusiveStartTagKey", "")
        tags = [{"Key": key, "Value": value} for key, value in sorted(stored["tags"].items()) if key > after]
        limit = parameters.get("Limit", _MAX_TAGS)
        return {"Tags": tags[:limit], "HasMoreTags": len(tags) > limit}


def _stored_destination(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Fix what is fixed when written: a processor's role stays although the destination's changes later."""
    written = dict(config)
    if (processing := written.get("ProcessingConfiguration")) is not None:
        written["ProcessingConfiguration"] = defaults.processing_configuration(processing, config["RoleARN"])
    return {"id": DESTINATION_ID, "type": kind, "config": written, "records": []}
