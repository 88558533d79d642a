"""The tables of `data` laid out for drawing: one draw is one look-up, and how often an item stands is its weight."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar

from how_fake_accounts.data import ages, jobs, names, places, streets

Item = TypeVar("Item")

SMALL = 1 << 12
LARGE = 1 << 16
"""The lengths of pools: a draw of 16 bits is an index of a large one, its upper 12 bits one of a small one."""


class Given(NamedTuple):
    name: str
    folded: str
    """As in an e-mail address: the first word in ASCII, lower case."""
    jobs: list[str]
    """Small pool of the titles that agree with the name."""


class Surname(NamedTuple):
    name: str
    folded: str


class Place(NamedTuple):
    city: str
    state: str
    dialled: str
    """What mobile numbers begin with: `(11) 9`."""
    first_prefix: int
    prefixes: int
    """The city's CEPs have one of these many prefixes of five digits, from `first_prefix`."""


def fold(text: str) -> str:
    """Return `text` in ASCII and lower case: `São Luís` is `sao luis`."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def spread(weights: Mapping[Item, int], length: int) -> list[Item]:
    """Return a list of `length` in which each item stands as often as its weight says, to the nearest place.

    Whole numbers only: the same on every machine.
    """
    total = sum(weights.values())
    pool: list[Item] = []
    reached = 0
    for item, weight in weights.items():
        reached += weight
        pool += [item] * ((2 * reached * length + total) // (2 * total) - len(pool))
    return pool


def _evenly(items: Iterable[Item], length: int = SMALL) -> list[Item]:
    return spread(dict.fromkeys(items, 1), length)


def _titles(form: int) -> list[str]:
    return _evenly(re.sub(r"\{(\w*)\|(\w*)\}", rf"\{form}", title) for title in jobs.TITLES)


def _given() -> list[Given]:
    masculine, feminine = _titles(1), _titles(2)
    women = [Given(name, fold(name.split()[0]), feminine) for name in names.WOMEN.split(",")]
    men = [Given(name, fold(name.split()[0]), masculine) for name in names.MEN.split(",")]
    women_of_all, men_of_all = names.WOMEN_AND_MEN
    pool = SMALL * women_of_all // (women_of_all + men_of_all)
    return _each(women, pool) + _each(men, SMALL - pool)


def _each(items: list[Item], length: int) -> list[Item]:
    return [items[i * len(items) // length] for i in range(length)]


def _surnames() -> list[Surname]:
    weights = dict.fromkeys(names.SURNAMES.split(","), 1) | dict.fromkeys(names.COMMON.split(","), 10)
    return spread({Surname(name, fold(name.split()[-1])): weight for name, weight in weights.items()}, SMALL)


def _places() -> list[Place]:
    weights: dict[Place, int] = {}
    for state, (_, residents) in places.STATES.items():
        cities = [city for city in places.CITIES if city.state == state]
        counted = sum(city.residents for city in cities)
        for city in cities:
            low, high = city.postal_prefixes
            place = Place(city.name, state, f"({city.area_code}) 9", low, high - low + 1)
            weights[place] = residents * city.residents // counted
    return spread(weights, LARGE)


def _streets() -> list[str]:
    kinds = streets.KINDS.items()
    listed = streets.STREETS.split(",")
    return spread({f"{kind} {name}": weight for kind, weight in kinds for name in listed}, SMALL)


def _districts() -> list[str]:
    others = streets.DISTRICTS.split(",")
    return spread(dict.fromkeys(others, 19) | {streets.CENTRE: len(others)}, SMALL)


@lru_cache(maxsize=4)
def birth_dates(today: date) -> list[str]:
    """Return a large pool of dates of birth, ISO 8601, as old as the adults of Brazil are on `today`."""
    pool: list[str] = []
    groups = spread(ages.GROUPS, LARGE)
    for group in ages.GROUPS:
        youngest, oldest = group
        latest = years_before(today, youngest)
        days = (latest - years_before(today, oldest + 1)).days
        dates = [(latest - timedelta(day)).isoformat() for day in range(days)]
        held = groups.count(group)
        pool += [dates[place * days // held] for place in range(held)]
    return pool


def years_before(day: date, years: int) -> date:
    """Return the same day `years` earlier; for 29 February, 28 February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@lru_cache(maxsize=4)
def year_before(today: date) -> list[str]:
    """Return a small pool of the 365 days before `today`, ISO 8601."""
    return _evenly([(today - timedelta(days)).isoformat() for days in range(365, 0, -1)])


GIVEN = _given()
SURNAMES = _surnames()
PLACES = _places()
STREETS = _streets()
NUMBERS = _evenly(map(str, range(1, 3000)))
DISTRICTS = _districts()
DOMAINS = _evenly(["com", "net", "org"])
MINUTES = _evenly(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60))
SECONDS = _evenly(f"{second:02d}" for second in range(60))
THREE_DIGITS = [f"{number:03d}" for number in range(1000)]
FOUR_DIGITS = [f"{number:04d}" for number in range(10_000)]
MILLISECONDS = _evenly(THREE_DIGITS)
PHONE_PREFIXES = _evenly(FOUR_DIGITS[6000:])
"""After the ninth digit, which is 9, mobile numbers go on with 6 to 9."""
POSTAL_SUFFIXES = _evenly(THREE_DIGITS[10:890])
"""Those of streets; 900 and above are kept for large receivers and post boxes."""
