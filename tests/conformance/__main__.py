"""`python -m tests.conformance`: try every row and print how many hold.

`--endpoint` (or ENDPOINT) names a gateway; `aws` is AWS, with the credentials and region of the usual chain (it takes
an hour, costs cents, and removes what it made); without it a gateway is started for the purpose.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from botocore.exceptions import ClientError

from tests.conformance import peers
from tests.conformance.case import Case
from tests.conformance.lab import Lab
from tests.conformance.table import TABLE
from tests.conformance.without import WITHOUT_A_ROW
from tests.conftest import started

HOLDS, DIFFERS, FAILS, SURPRISES, UNTRIED = "holds", "knowingly differs", "FAILS", "SURPRISES", "not tried"
AT_ONCE_ON_AWS = 4
"""CreateDeliveryStream and its like take 5 calls a second."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description="Try what AWS was seen to do.")
    parser.add_argument("--endpoint", default=os.environ.get("ENDPOINT"), help="a gateway's address, or aws")
    parser.add_argument("words", nargs="*", help="try only facts that contain one of these")
    parser.add_argument(
        "--peers", nargs="*", metavar="NAME=ADDRESS",
        help="compare with what else there is, and with what runs at these addresses, in a Markdown table",
    )  # fmt: skip
    given = parser.parse_args()
    if given.peers is not None:
        peers.compare(given.peers)
        return 0
    cases = [case for case in TABLE if not given.words or any(word in case.name for word in given.words)]
    with ExitStack() as stack:
        endpoint = given.endpoint
        if not endpoint:
            state = stack.enter_context(tempfile.TemporaryDirectory())
            endpoint = stack.enter_context(started(Path(state))).endpoint
        lab = stack.enter_context(Lab(None if endpoint == "aws" else endpoint))
        counts = _try_all(cases, lab)
    if len(cases) == len(TABLE):
        print("\nwithout a row:", *(f"  {fact}: {why}" for fact, why in WITHOUT_A_ROW.items()), sep="\n")
    print(f"\n{counts[HOLDS]} of {len(cases)} facts hold, {counts[DIFFERS]} knowingly differ, {counts[FAILS]} fail")
    return 1 if counts[FAILS] or counts[SURPRISES] else 0


def _try_all(cases: list[Case], lab: Lab) -> Counter[str]:
    counts: Counter[str] = Counter()
    _ = lab.role, lab.bucket, lab.function, lab.database  # made once, before there are threads
    with ThreadPoolExecutor(1 if lab.endpoint else AT_ONCE_ON_AWS) as pool:
        for case, (verdict, why) in zip(cases, pool.map(lambda case: outcome(case, lab), cases), strict=True):
            counts[verdict] += 1
            if verdict != HOLDS:
                print(f"{verdict}: {case.fact}\n    {why}\n    source: {case.source} ({case.confidence})")
    return counts


def outcome(case: Case, lab: Lab) -> tuple[str, str]:
    """Return the verdict on one case, and why."""
    if case.not_on_aws and not lab.endpoint:
        return UNTRIED, case.not_on_aws
    differs = case.differs if lab.endpoint else ""
    try:
        case.check(lab)
    except (AssertionError, ClientError, ValueError, KeyError) as reason:
        why = differs or f"{type(reason).__name__}: {reason}"
        return (DIFFERS if differs else FAILS), why
    return (SURPRISES, "it holds now: take `differs` out of the row") if differs else (HOLDS, "")


if __name__ == "__main__":
    sys.exit(main())
