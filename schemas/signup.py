"""The sign-up, before and after the transform.

Field order is the order on the wire and of the columns of the Glue table.
"""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from schemas.cpf import valid_cpf


def _utc_milliseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[AwareDatetime, PlainSerializer(_utc_milliseconds, when_used="json")]
"""ISO 8601, UTC with `Z`, three decimals: the one form that Firehose, Athena and people all read."""

IsoDate = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(lambda text: str(date.fromisoformat(text)))
]
"""A date kept as text, because what Firehose makes of a `date` column was never seen."""

State = Annotated[str, Field(pattern=r"^(A[CLMP]|BA|CE|DF|ES|GO|M[AGST]|P[ABEIR]|R[JNORS]|S[CEP]|TO)$")]
"""One of the 27 federative units."""

Text = Annotated[str, Field(min_length=1, max_length=200)]


class Contract(BaseModel):
    """Fields that are not in the contract are refused: they would be dropped silently on the way."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Address(Contract):
    street: Text
    number: Text
    district: Text
    city: Text
    state: State
    postal_code: Annotated[str, Field(pattern=r"^\d{5}-\d{3}$")]


class _Person(Contract):
    signup_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    created_at: Instant
    name: Text
    # RFC 2606 reserves these domains: no mail can reach a person.
    email: Annotated[str, Field(pattern=r"^[a-z0-9._+-]+@example\.(com|org|net)$")]
    phone: Annotated[str, Field(pattern=r"^\(\d{2}\) 9\d{4}-\d{4}$")]
    birth_date: IsoDate
    job: Text
    address: Address


class Signup(_Person):
    """What the producer may send."""

    cpf: Annotated[str, Field(pattern=r"^\d{3}\.\d{3}\.\d{3}-\d{2}$"), AfterValidator(valid_cpf)]
    producer_id: Text
    sequence: Annotated[int, Field(ge=1, lt=2**63)]


class DeliveredSignup(_Person):
    """What may land in the bucket: the CPF masked, its token and the time of arrival added."""

    cpf: Annotated[str, Field(pattern=r"^\*{3}\.\d{3}\.\d{3}-\*{2}$")]
    producer_id: Text
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    cpf_token: str | None
    arrived_at: Instant
