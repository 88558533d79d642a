"""The options of a run, from the command line and from the environment (`PRODUCER_*`)."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from producer.limits import UNLIMITED, Quota, quota_of
from producer.quantities import burst_in, ramp_in, rate_in, seconds_in, size_in

Seconds = Annotated[float, BeforeValidator(seconds_in)]


class Settings(BaseSettings):
    """Each field is an option (`give_up_after` is `--give-up-after`) and a variable (`PRODUCER_GIVE_UP_AFTER`)."""

    model_config = SettingsConfigDict(
        env_prefix="PRODUCER_", extra="forbid", env_ignore_empty=True, validate_default=False
    )

    delivery_stream: Annotated[
        str, Field(pattern=r"^[a-zA-Z0-9_.-]{1,64}$", description="name of the Firehose delivery stream")
    ]
    region: Annotated[
        str | None,
        Field(
            # boto3 itself reads AWS_DEFAULT_REGION only; containers are given AWS_REGION.
            validation_alias=AliasChoices("region", "PRODUCER_REGION", "AWS_REGION"),
            description="AWS region; else AWS_REGION, AWS_DEFAULT_REGION or the profile's",
        ),
    ] = None

    rate: Annotated[
        float, BeforeValidator(rate_in), Field(gt=0, description="sign-ups a second, or max [default: 50]")
    ] = 50.0
    ramp: Annotated[
        tuple[float, float, float] | None,
        NoDecode,
        BeforeValidator(ramp_in),
        Field(description="climb, instead of --rate: 10:1000/60s"),
    ] = None
    profile: Annotated[
        Literal["day"] | None, Field(description="day: --rate on average, by hour and weekday of Brazil")
    ] = None
    burst: Annotated[
        tuple[int, float] | None,
        NoDecode,
        BeforeValidator(burst_in),
        Field(description="so many at once, again and again, beside the rate: 1000/60s"),
    ] = None
    total: Annotated[int | None, Field(ge=1, description="stop after so many sign-ups")] = None
    for_: Annotated[
        float | None,
        BeforeValidator(seconds_in),
        Field(
            gt=0, validation_alias=AliasChoices("for_", "PRODUCER_FOR"), description="stop after so long: 60s, 5m, 2h"
        ),
    ] = None
    quota: Annotated[
        float | None,
        BeforeValidator(size_in),
        Field(description="bytes a second the stream takes: 5MiB, or none [default: the region's]"),
    ] = None

    seed: Annotated[int | None, Field(ge=0, lt=2**63, description="same seed, same people [default: random]")] = None
    start_at: Annotated[int, Field(ge=0, description="skip so many accounts of the seed [default: 0]")] = 0
    lane: Annotated[int, Field(ge=0, description="which of --lanes producers this is, from 0 [default: 0]")] = 0
    lanes: Annotated[
        int, Field(ge=1, le=1_000_000, description="producers that share a seed without sharing a CPF [default: 1]")
    ] = 1
    producer_id: Annotated[
        str | None,
        Field(
            pattern=r"^[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,63}$",
            description="go on with this producer's sequence [default: a new one each run]",
        ),
    ] = None

    pack: Annotated[bool, Field(description="join sign-ups to records of just under 5 KB: about 10 times cheaper")] = (
        False
    )
    linger: Annotated[Seconds, Field(ge=0, le=60, description="longest wait for a batch to fill [default: 500ms]")] = (
        0.5
    )
    in_flight: Annotated[int, Field(ge=1, le=32, description="requests at the same time [default: 4]")] = 4
    request_timeout: Annotated[
        Seconds, Field(ge=0.1, le=300, description="longest wait for an answer [default: 15s]")
    ] = 15.0
    give_up_after: Annotated[
        Seconds, Field(ge=0, description="resend for so long, then leave it to the journal [default: 60s]")
    ] = 60.0
    drain_timeout: Annotated[
        Seconds, Field(ge=0, description="after SIGTERM, finish within this time [default: 20s]")
    ] = 20.0

    journal: Annotated[bool, Field(description="keep the journal that makes a crash lose nothing [default]")] = True
    journal_directory: Annotated[Path, Field(description="where journals are kept [default: .state/producer]")] = Path(
        ".state/producer"
    )
    dead_letter_file: Annotated[
        Path | None, Field(description="for what can never be sent [default: dead-letters.ndjson beside the journals]")
    ] = None

    interval: Annotated[Seconds, Field(ge=0.1, description="time between two progress lines [default: 5s]")] = 5.0
    log_format: Annotated[
        Literal["auto", "rich", "text", "json"],
        Field(description="auto: rich on a terminal, JSON lines elsewhere [default]"),
    ] = "auto"
    emf: Annotated[bool | None, Field(description="CloudWatch metrics in the JSON lines [default: only on ECS]")] = None
    liveness_file: Annotated[
        Path | None, Field(description="touched every second while the producer works, for health checks")
    ] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.lane >= self.lanes:
            raise ValueError(f"--lane {self.lane} does not exist: --lanes {self.lanes} are numbered from 0")
        if self.ramp and ("rate" in self.model_fields_set or self.profile):
            raise ValueError("--ramp stands in the place of --rate and --profile: give one of them")
        if self.profile and self.rate == float("inf"):
            raise ValueError("--profile day spreads a rate: give a number with --rate, not max")
        if self.ramp and not (self.ramp[0] or self.ramp[1]):
            raise ValueError("--ramp from nothing to nothing sends nothing")
        return self

    def quota_in(self, region: str) -> Quota:
        """Return the quota of `region`, or what --quota makes of it."""
        if self.quota is None:
            return quota_of(region)
        if self.quota == float("inf"):
            return UNLIMITED
        return quota_of(region).scaled(self.quota / quota_of(region).size)
