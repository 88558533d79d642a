"""Accounts as a function of a seed and a position: coherent, valid, unique, reproducible.

Account number `i` of a seed is the same whoever asks for it, from wherever, on every Python: nothing is remembered and
nothing is read from the process. CPFs never repeat within a seed, and e-mail addresses end in the account's number.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from how_fake_accounts.account import Account, Address
from how_fake_accounts.cpf import CPFS, CpfWalk
from how_fake_accounts.draws import draws
from how_fake_accounts.pools import (
    DISTRICTS,
    DOMAINS,
    FOUR_DIGITS,
    GIVEN,
    MILLISECONDS,
    MINUTES,
    NUMBERS,
    PHONE_PREFIXES,
    PLACES,
    POSTAL_SUFFIXES,
    SECONDS,
    STREETS,
    SURNAMES,
    birth_dates,
    year_before,
)

REFERENCE_DATE = date(2026, 1, 1)
"""Ages are counted up to this day and registrations fall in the year before it, unless another `today` is given."""

_EARLIEST = 1900


class _Fields(NamedTuple):
    registration_date: str
    name: str
    email: str
    phone: str
    cpf: str
    birth_date: str
    job: str
    street: str
    number: str
    district: str
    city: str
    state: str
    postal_code: str


class AccountGenerator:
    """The accounts of `seed` from number `start_at` of one of `lanes` disjoint lanes.

    There are as many accounts as there are CPFs, 999,999,990, shared out evenly to the lanes; a lane ends when its CPFs
    do. Raises ValueError for a lane, a start or a `today` that cannot be.
    """

    def __init__(
        self, seed: int, *, start_at: int = 0, lane: int = 0, lanes: int = 1, today: date = REFERENCE_DATE
    ) -> None:
        if not 0 <= lane < lanes:
            raise ValueError(f"there is no lane {lane} of {lanes}: lanes are numbered from 0 to their number less one")
        length = CPFS // lanes
        if not 0 <= start_at < length:
            raise ValueError(f"a lane has accounts 0 to {length - 1}: it cannot start at {start_at}")
        if today.year < _EARLIEST:
            raise ValueError(f"today is {today}: it must be in the year {_EARLIEST} or later")
        self._seed = seed
        self._first = lane * length + start_at
        self._end = (lane + 1) * length
        self._today = date(today.year, today.month, today.day)

    @property
    def remaining(self) -> int:
        """How many accounts there are from `start_at` to the end of the lane."""
        return self._end - self._first

    def members(self) -> Iterator[str]:
        """Yield accounts as JSON members without braces, to be completed to a document by whoever sends it.

        `"name":…,"email":…,"phone":…,"birth_date":…,"job":…,"address":{…},"cpf":…`: no spaces, UTF-8 kept as it is.
        """
        for each in self._fields():
            yield (
                f'"name":"{each.name}","email":"{each.email}","phone":"{each.phone}","birth_date":"{each.birth_date}",'
                f'"job":"{each.job}","address":{{"street":"{each.street}","number":"{each.number}",'
                f'"district":"{each.district}","city":"{each.city}","state":"{each.state}",'
                f'"postal_code":"{each.postal_code}"}},"cpf":"{each.cpf}"'
            )

    def records(self) -> Iterator[str]:
        """Yield accounts as JSON documents, one line each, with the date of registration first."""
        for each in self._fields():
            yield (
                f'{{"registration_date":"{each.registration_date}","name":"{each.name}","email":"{each.email}",'
                f'"phone":"{each.phone}","cpf":"{each.cpf}","birth_date":"{each.birth_date}",'
                f'"address":{{"street":"{each.street}","number":"{each.number}","district":"{each.district}",'
                f'"city":"{each.city}","state":"{each.state}","postal_code":"{each.postal_code}"}},"job":"{each.job}"}}'
            )

    def accounts(self) -> Iterator[Account]:
        for fields in self._fields():
            yield Account(
                registration_date=datetime.fromisoformat(fields.registration_date).astimezone(UTC),
                name=fields.name,
                email=fields.email,
                phone=fields.phone,
                cpf=fields.cpf,
                birth_date=date.fromisoformat(fields.birth_date),
                address=Address(
                    fields.street, fields.number, fields.district, fields.city, fields.state, fields.postal_code
                ),
                job=fields.job,
            )

    def _fields(self) -> Iterator[_Fields]:
        births, days = birth_dates(self._today), year_before(self._today)
        numbers = range(self._first + 1, self._end + 1)
        walk = CpfWalk(self._seed).cpfs(self._first)
        for number, cpf, drawn in zip(numbers, walk, draws(self._seed, self._first), strict=False):
            (
                day,
                minute,
                second,
                millisecond,
                given_name,
                middle_name,
                last_name,
                domain,
                where,
                prefix,
                suffix,
                phone_prefix,
                phone_line,
                birth,
                occupation,
                street,
                house,
                district,
            ) = drawn
            given, given_folded, jobs = GIVEN[given_name >> 4]
            last, last_folded = SURNAMES[last_name >> 4]
            city, state, area_code, first_prefix, prefixes = PLACES[where]
            yield _Fields(
                f"{days[day >> 4]}T{MINUTES[minute >> 4]}:{SECONDS[second >> 4]}.{MILLISECONDS[millisecond >> 4]}Z",
                f"{given} {SURNAMES[middle_name >> 4].name} {last}",
                f"{given_folded}.{last_folded}{number}@example.{DOMAINS[domain >> 4]}",
                f"({area_code}) 9{PHONE_PREFIXES[phone_prefix >> 4]}-{FOUR_DIGITS[phone_line * 10000 >> 16]}",
                cpf,
                births[birth],
                jobs[occupation >> 4],
                STREETS[street >> 4],
                NUMBERS[house >> 4],
                DISTRICTS[district >> 4],
                city,
                state,
                f"{first_prefix + (prefix * prefixes >> 16):05d}-{POSTAL_SUFFIXES[suffix >> 4]}",
            )
