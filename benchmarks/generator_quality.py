"""How far accounts agree with themselves: percentages over a sample, whoever made them."""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from schemas.cpf import valid_cpf

Account = dict[str, Any]

# Which states have which area codes: https://www.anatel.gov.br/setorregulado/codigo-nacional
_AREA_CODES = (
    "SP 11-19 RJ 21,22,24 ES 27,28 MG 31-35,37,38 PR 41-46 SC 47-49 RS 51,53-55 DF 61 GO 61,62,64 TO 63 MT 65,66 MS 67"
    " AC 68 RO 69 BA 71,73-75,77 SE 79 PE 81,87 AL 82 PB 83 RN 84 CE 85,88 PI 86,89 PA 91,93,94 AM 92,97 RR 95 AP 96"
    " MA 98,99"
)
# Which states have which postal codes, first five digits: https://buscacepinter.correios.com.br/app/faixa_cep_uf_localidade/
_POSTAL_CODES = (
    "SP 1000-19999 RJ 20000-28999 ES 29000-29999 MG 30000-39999 BA 40000-48999 SE 49000-49999 PE 50000-56999"
    " AL 57000-57999 PB 58000-58999 RN 59000-59999 CE 60000-63999 PI 64000-64999 MA 65000-65999 PA 66000-68899"
    " AP 68900-68999 AM 69000-69299,69400-69899 RR 69300-69399 AC 69900-69999 DF 70000-72799,73000-73699"
    " GO 72800-72999,73700-76799 RO 76800-76999 TO 77000-77999 MT 78000-78899 MS 79000-79999 PR 80000-87999"
    " SC 88000-89999 RS 90000-99999"
)


def percentages(lines: Sequence[str], today: date) -> dict[str, float]:
    """Return, for each claim, how many per cent of the accounts keep it. Addresses are objects or text."""
    accounts = [json.loads(line) for line in lines]
    claims: dict[str, Callable[[Account], bool]] = {
        "valid CPF": _has_valid_cpf,
        "area code of the state": lambda account: _within(_AREA_CODES, account, _area_code(account)),
        "CEP of the state": lambda account: _within(_POSTAL_CODES, account, _postal_prefix(account)),
        "e-mail from the name": _has_email_of_its_name,
        "adult": lambda account: _age(date.fromisoformat(account["birth_date"]), today) >= 18,
        "ninth digit": lambda account: bool(re.search(r"\d{2}\D*9\d{4}-?\d{4}$", account["phone"])),
    }
    kept = {claim: 100 * sum(map(holds, accounts)) / len(accounts) for claim, holds in claims.items()}
    return kept | {f"distinct {field}": 100 * _distinct(accounts, field) for field in ("cpf", "email")}


def _has_valid_cpf(account: Account) -> bool:
    if not re.fullmatch(r"\d{3}\.\d{3}\.\d{3}-\d{2}", account["cpf"]):
        return False
    try:
        return bool(valid_cpf(account["cpf"]))
    except ValueError:
        return False


def _has_email_of_its_name(account: Account) -> bool:
    """Tell whether a given name and a surname, or the initial and the surname, are what the address begins with."""
    words = set(re.findall(r"[a-z]+", _fold(account["name"]))) - {"da", "das", "de", "do", "dos"}
    local = re.sub(r"[^a-z]", "", account["email"].partition("@")[0])
    return any(local in {first + last, first[0] + last} for first in words for last in words if first != last)


def _within(table: str, account: Account, number: int) -> bool:
    words = table.split()
    ranges = dict(zip(words[::2], words[1::2], strict=True)).get(_state(account), "0-0")
    for each in ranges.split(","):
        low, _, high = each.partition("-")
        if int(low) <= number <= int(high or low):
            return True
    return False


def _area_code(account: Account) -> int:
    return int(re.sub(r"\D", "", account["phone"].removeprefix("+55"))[:2])


def _postal_prefix(account: Account) -> int:
    address = account["address"]
    text = address["postal_code"] if isinstance(address, dict) else re.findall(r"\d{5}-?\d{3}", address)[-1]
    return int(text[:5])


def _state(account: Account) -> str:
    address = account["address"]
    return str(address["state"]) if isinstance(address, dict) else str(address)[-2:]


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _distinct(accounts: Sequence[Account], field: str) -> float:
    return len({account[field] for account in accounts}) / len(accounts)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
