"""An account: one fake person who signed up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    number: str
    district: str
    city: str
    state: str
    """Two letters: `SP`."""
    postal_code: str

    def one_line(self) -> str:
        """Return it as on an envelope: `Rua da Paz, 12 - Centro, Santos - SP, 11010-200`."""
        return f"{self.street}, {self.number} - {self.district}, {self.city} - {self.state}, {self.postal_code}"


@dataclass(frozen=True, slots=True)
class Account:
    registration_date: datetime
    """UTC, whole milliseconds."""
    name: str
    email: str
    phone: str
    """`(DD) 9XXXX-XXXX`"""
    cpf: str
    birth_date: date
    address: Address
    job: str

    def flat(self) -> dict[str, Any]:
        """Return the fields and types of version 1.2.0: the date of registration and the address are text."""
        return {
            "registration_date": self.registration_date.replace(tzinfo=None).isoformat(" "),
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "cpf": self.cpf,
            "birth_date": self.birth_date,
            "address": self.address.one_line(),
            "job": self.job,
        }
