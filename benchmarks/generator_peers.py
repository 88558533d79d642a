"""One peer, measured in the environment it is installed in: `python generator_peers.py PEER SAMPLE SECONDS`.

Writes to standard output one line with the JSON lines a second of processor time (best of five rounds), and then SAMPLE
accounts, one JSON document each with the fields of how-fake-accounts 1.2.0.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

Lines = Iterator[str]


def ours() -> Lines:
    generator = importlib.import_module("how_fake_accounts.generator")
    records: Lines = generator.AccountGenerator(7).records()
    return records


def old() -> Lines:
    """how-fake-accounts 1.2.0 has no iterator: it makes lists."""
    fake = importlib.import_module("how_fake_accounts").fake
    while True:
        for account in fake.generate_accounts(100):
            yield json.dumps(account, default=str, ensure_ascii=False)


def faker() -> Lines:
    fake = importlib.import_module("faker").Faker("pt_BR")
    while True:
        yield json.dumps(
            {
                "registration_date": str(fake.date_time_between("-1y", "now")),
                "name": fake.name(),
                "email": fake.email(),
                "phone": fake.cellphone_number(),
                "cpf": fake.cpf(),
                "birth_date": str(fake.date_of_birth()),
                "address": fake.address(),
                "job": fake.job(),
            },
            ensure_ascii=False,
        )


def mimesis() -> Lines:
    """Mimesis makes Brazilian people and places; since 19 it has no CPF."""
    package = importlib.import_module("mimesis")
    locale = importlib.import_module("mimesis.locales").Locale.PT_BR
    person, address, clock = package.Person(locale), package.Address(locale), package.Datetime(locale)
    cpf = _mimesis_cpf()
    while True:
        place = f"{address.address()}\n{address.postal_code()} {address.city()} / {address.state(abbr=True)}"
        yield json.dumps(
            {
                "registration_date": str(clock.datetime(2025, 2025)),
                "name": person.full_name(),
                "email": person.email(domains=["example.com"]),
                "phone": person.phone_number(mask="(##) 9####-####"),
                "cpf": cpf(),
                "birth_date": str(person.birthdate()),
                "address": place,
                "job": person.occupation(),
            },
            ensure_ascii=False,
        )


def _mimesis_cpf() -> Callable[[], str]:
    try:
        builtins = importlib.import_module("mimesis.builtins")
    except ImportError:
        return lambda: ""
    cpf: Callable[[], str] = builtins.BrazilSpecProvider().cpf
    return cpf


def best_rate(lines: Lines, seconds: float) -> float:
    """Return lines a second of processor time, best of five rounds of about `seconds`, after warming up."""
    start = time.process_time()
    for _ in islice(lines, 500):
        pass
    size = max(500, int(500 * seconds / (time.process_time() - start)))
    best = 0.0
    for _ in range(5):
        start = time.process_time()
        for _ in islice(lines, size):
            pass
        best = max(best, size / (time.process_time() - start))
    return best


def main(peer: str, sample: str, seconds: str) -> None:
    makers: dict[str, Callable[[], Lines]] = {"ours": ours, "old": old, "faker": faker, "mimesis": mimesis}
    lines: Any = makers[peer]()
    print(best_rate(lines, float(seconds)))
    sys.stdout.writelines(f"{line}\n" for line in islice(lines, int(sample)))


if __name__ == "__main__":
    main(*sys.argv[1:])
