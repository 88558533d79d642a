"""Accounts as a function of a seed and a position: coherent, valid, unique, reproducible.

Account number `i` of a seed is the same whoever asks for it, from wherever, on every Python: nothing is remembered and
nothing is read from the process. CPFs never repeat within a seed, and e-mail addresses end in the account's number.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import repeat
from typing import TypeVar

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

Form = TypeVar("Form")


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
        return self._each(_members, repeat(""))

    def records(self) -> Iterator[str]:
        """Yield accounts as JSON documents, one line each, with the date of registration first."""
        return self._each(_record, self._registrations())

    def accounts(self) -> Iterator[Account]:
        return self._each(_account, self._registrations())

    def _registrations(self) -> Iterator[str]:
        days = year_before(self._today)
        for day, minute, second, millisecond in draws(self._seed, "registration", 4, self._first):
            yield f"{days[day >> 4]}T{MINUTES[minute >> 4]}:{SECONDS[second >> 4]}.{MILLISECONDS[millisecond >> 4]}Z"

    def _each(self, form: Callable[..., Form], registrations: Iterator[str]) -> Iterator[Form]:
        births = birth_dates(self._today)
        numbers = range(self._first + 1, self._end + 1)
        walk = CpfWalk(self._seed).cpfs(self._first)
        people = draws(self._seed, "person", 14, self._first)
        for number, cpf, registered, drawn in zip(numbers, walk, registrations, people, strict=False):
            name, middle, last, domain, place, prefix, suffix, phone, line, birth, job, street, house, district = drawn
            given, given_folded, jobs = GIVEN[name >> 4]
            surname, surname_folded = SURNAMES[last >> 4]
            city, state, dialled, first_prefix, prefixes = PLACES[place]
            yield form(
                registered,
                f"{given} {SURNAMES[middle >> 4].name} {surname}",
                f"{given_folded}.{surname_folded}{number}@example.{DOMAINS[domain >> 4]}",
                f"{dialled}{PHONE_PREFIXES[phone >> 4]}-{FOUR_DIGITS[line * 10_000 >> 16]}",
                cpf,
                births[birth],
                jobs[job >> 4],
                STREETS[street >> 4],
                NUMBERS[house >> 4],
                DISTRICTS[district >> 4],
                city,
                state,
                f"{first_prefix + (prefix * prefixes >> 16):05d}-{POSTAL_SUFFIXES[suffix >> 4]}",
            )


# The forms are called once an account, with the fields in this order: keywords would cost a tenth of the speed.
# Nothing needs escaping: no text in the pools holds a quotation mark, a backslash or a control character.


def _members(  # noqa: PLR0917 - see above
    _registered: str,
    name: str,
    email: str,
    phone: str,
    cpf: str,
    birth_date: str,
    job: str,
    street: str,
    number: str,
    district: str,
    city: str,
    state: str,
    postal_code: str,
) -> str:
    return (
        f'"name":"{name}","email":"{email}","phone":"{phone}","birth_date":"{birth_date}","job":"{job}",'
        f'"address":{{"street":"{street}","number":"{number}","district":"{district}","city":"{city}",'
        f'"state":"{state}","postal_code":"{postal_code}"}},"cpf":"{cpf}"'
    )


def _record(  # noqa: PLR0917 - see above
    registered: str,
    name: str,
    email: str,
    phone: str,
    cpf: str,
    birth_date: str,
    job: str,
    street: str,
    number: str,
    district: str,
    city: str,
    state: str,
    postal_code: str,
) -> str:
    return (
        f'{{"registration_date":"{registered}","name":"{name}","email":"{email}","phone":"{phone}","cpf":"{cpf}",'
        f'"birth_date":"{birth_date}","address":{{"street":"{street}","number":"{number}","district":"{district}",'
        f'"city":"{city}","state":"{state}","postal_code":"{postal_code}"}},"job":"{job}"}}'
    )


def _account(  # noqa: PLR0917 - see above
    registered: str,
    name: str,
    email: str,
    phone: str,
    cpf: str,
    birth_date: str,
    job: str,
    *address: str,
) -> Account:
    return Account(
        registration_date=datetime.fromisoformat(registered),
        name=name,
        email=email,
        phone=phone,
        cpf=cpf,
        birth_date=date.fromisoformat(birth_date),
        address=Address(*address),
        job=job,
    )
