"""What the transform costs, beside a handler in the style of AWS's blueprints: `python benchmarks/transform.py`.

The peer parses each record, masks its CPF and writes it again. It neither makes a token nor looks for a CPF anywhere
else, and it cannot read a packed record. Both are called whole, from event to answer, in turn, best of the rounds;
seconds are those of the processor. Takes under a minute.
"""

import base64
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True  # what lies in functions/ is deployed
sys.path.insert(0, str(ROOT))  # run as a script: the rooms are beside this folder

from functions.mask_cpf.handler import build  # noqa: E402 - after the path is set
from schemas.cpf import check_digits  # noqa: E402

SIGNUPS = 3_000
PACKED = 13
ROUNDS = 25
STARTS = 9

Event = dict[str, Any]
Handler = Callable[[Event, object], Event]


def blueprint(event: Event, _context: object) -> Event:
    """Mask as https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html teaches to transform."""
    output = []
    for record in event["records"]:
        document = json.loads(base64.b64decode(record["data"]).decode("utf-8"))
        document["cpf"] = f"***{document['cpf'][3:12]}**"
        document["arrived_at"] = record["approximateArrivalTimestamp"]
        data = base64.b64encode((json.dumps(document) + "\n").encode("utf-8")).decode("utf-8")
        output.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": output}


def main() -> None:
    print(f"{platform.machine()}, Python {platform.python_version()}, {SIGNUPS:,} sign-ups an invocation\n")
    signups = _signups(Random(20261123))
    ours = build(
        {"TOKEN_KEY_SECRET": "a name"}, fetch=lambda _: "a key of thirty-two characters..", now=lambda: 0.0, write=len
    )
    single = _event(signups)
    packed = _event(["\n".join(signups[at : at + PACKED]) for at in range(0, SIGNUPS, PACKED)])
    # One letter beyond Latin-1 is enough to leave the shortcut.
    careful = _event([signup.replace("Flores", "\N{HEAVY BLACK HEART}") for signup in signups])
    peer, *costs = _costs(((blueprint, single), (ours, single), (ours, packed), (ours, careful)))
    print(f"{'':44}us per sign-up   ratio to the peer")
    print(f"{'peer: parse, mask, write':44}{peer:14.2f}")
    for title, cost in zip(
        ("one sign-up a record", f"{PACKED} sign-ups a record", "unusual letters: the careful way"), costs, strict=True
    ):
        print(f"{'transform, ' + title:44}{cost:14.2f}{peer / cost:20.2f}")
    print()
    _print_starts()


def _signups(random: Random) -> list[str]:
    return [_signup(random, number) for number in range(1, SIGNUPS + 1)]


def _signup(random: Random, number: int) -> str:
    node = f"{random.getrandbits(74):019x}"
    base = f"{random.randrange(10**9):09d}"
    return json.dumps(
        {
            "signup_id": f"019ab3c4-5d6e-7{node[:3]}-8{node[3:6]}-{node[6:18]}",
            "created_at": "2026-11-23T19:05:11.900Z",
            "name": "João da Conceição",
            "email": f"joao.conceicao.{number}@example.com",
            "phone": f"(11) 9{random.randrange(10**4):04d}-{random.randrange(10**4):04d}",
            "birth_date": "1990-05-12",
            "job": "Engenheiro",
            "address": {
                "street": "Rua das Flores",
                "number": str(random.randrange(1, 2000)),
                "district": "Centro",
                "city": "São Paulo",
                "state": "SP",
                "postal_code": "01310-100",
            },
            "cpf": f"{base[:3]}.{base[3:6]}.{base[6:]}-{check_digits(base)}",
            "producer_id": "benchmark",
            "sequence": number,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _event(records: list[str]) -> Event:
    return {
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/signups",
        "records": [
            {
                "recordId": f"{place:062d}",
                "approximateArrivalTimestamp": 1_795_460_712_123 + place // 10,
                "data": base64.b64encode(record.encode()).decode(),
            }
            for place, record in enumerate(records)
        ],
    }


def _costs(calls: tuple[tuple[Handler, Event], ...]) -> list[float]:
    """Return the least microseconds a sign-up, every call in every round, so that a busy machine is fair to all."""
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for place, (handler, event) in enumerate(calls):
            started = time.process_time()
            handler(event, None)
            best[place] = min(best[place], (time.process_time() - started) / SIGNUPS * 1e6)
    return best


def _print_starts() -> None:
    """Print what importing costs in a fresh interpreter, over a bare one and over what any handler imports."""
    titles = {
        "pass": "bare interpreter",
        "import json, base64": "peer's imports",
        "import mask_cpf.handler": "transform",
        "import boto3": "boto3, when the key is due",
    }
    bare = 0.0
    print(f"{'cold import':44}ms over a bare interpreter")
    for code, title in titles.items():
        cost = median(_start(code) for _ in range(STARTS))
        bare = bare or cost
        print(f"{title:44}{cost - bare:14.1f}")


def _start(code: str) -> float:
    # Bytecode is kept outside the folder that is deployed.
    cache = ROOT / ".state" / "benchmark-bytecode"
    command = [sys.executable, "-X", f"pycache_prefix={cache}", "-c", code]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT / "functions", env=environment, check=True)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
