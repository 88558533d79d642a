"""How fast accounts are made and how far they agree with themselves, beside the peers.

`python benchmarks/generator.py` takes under two minutes, the first time included.
Peers are installed into environments of their own, kept in the temporary folder, with the Python that runs this.
In-process: the best of fifteen rounds of JSON lines of the same eight fields. Whole process: the command, from start
to file, the best of three. Seconds are those of a processor, so that a busy machine changes little.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script: the rooms are beside this folder

from benchmarks.generator_quality import percentages  # noqa: E402 - after the path is set

SAMPLE = 20_000
ROUND_SECONDS = 0.2
TURNS = 3
"""How often each peer is measured, in turn with the others, so that all see the same machine."""


@dataclass(frozen=True)
class Peer:
    title: str
    maker: str
    """Its function in generator_peers.py."""
    requirements: tuple[str, ...] = ()
    """None for this checkout."""


OURS = Peer("this checkout", "ours")
OLD = Peer("how-fake-accounts 1.2.0", "old", ("how-fake-accounts==1.2.0", "faker==40.54.0"))
PEERS = (
    OURS,
    OLD,
    Peer("Faker 40.54.0 pt_BR", "faker", ("faker==40.54.0",)),
    Peer("mimesis 18.0.0", "mimesis", ("mimesis==18.0.0",)),
    Peer("mimesis 22.2.0 (has no CPF)", "mimesis", ("mimesis==22.2.0",)),
)


@dataclass
class Result:
    rate: float = 0.0
    quality: dict[str, float] = field(default_factory=dict)


def main() -> None:
    print(f"{platform.machine()} {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}")
    print(f"{platform.python_implementation()} {platform.python_version()}\n")
    pythons = {peer: _python(peer) for peer in PEERS}
    results = {peer: Result() for peer in PEERS}
    for _ in range(TURNS):
        for peer, result in results.items():
            _measure(peer, pythons[peer], result)
    _print_rates(results)
    _print_quality(results)
    _print_whole_process(pythons)


def _measure(peer: Peer, python: Path, result: Result) -> None:
    """Raise the rate if this turn was faster; the first turn fills in the quality."""
    sample = 0 if result.quality else SAMPLE
    script = Path(__file__).with_name("generator_peers.py")
    command = [str(python), str(script), peer.maker, str(sample), str(ROUND_SECONDS)]
    printed = subprocess.run(command, env=_environment(peer), check=True, capture_output=True, text=True).stdout
    rate, *lines = printed.splitlines()
    result.rate = max(result.rate, float(rate))
    if lines:
        # Ours are as old as they are on the generator's own day; the others on the real one.
        today = date(2026, 1, 1) if peer is OURS else datetime.now(UTC).date()
        result.quality = percentages(lines, today)


def _print_rates(results: dict[Peer, Result]) -> None:
    print("in-process".ljust(32), "JSON lines/s".rjust(14), "this is faster by".rjust(20))
    for peer, result in results.items():
        ratio = "" if peer is OURS else f"{results[OURS].rate / result.rate:.1f} x"
        print(peer.title.ljust(32), f"{result.rate:14,.0f}", ratio.rjust(20))


def _print_quality(results: dict[Peer, Result]) -> None:
    print(f"\nper cent of {SAMPLE:,} accounts".ljust(33), *(title[:15].rjust(16) for title in _titles(results)))
    for claim in results[OURS].quality:
        shares = (f"{result.quality[claim]:16.1f}" for result in results.values())
        print(claim.ljust(32), *shares)


def _titles(results: dict[Peer, Result]) -> list[str]:
    return [peer.title.replace("how-fake-accounts", "hfa").partition(" (")[0] for peer in results]


def _print_whole_process(pythons: dict[Peer, Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        new_count, old_count = 500_000, 25_000
        new = [str(pythons[OURS]), "-m", "how_fake", "-n", str(new_count), "--seed", "7", "-o", "x.ndjson"]
        old = [str(pythons[OLD].with_name("how_fake")), "-n", str(old_count), "-p", "."]
        new_rate = new_count / _best_seconds(new, OURS, folder)
        old_rate = old_count / _best_seconds(old, OLD, folder)
    print("\nwhole process".ljust(33), "accounts/s".rjust(14), "this is faster by".rjust(20))
    print(f"how_fake -n {new_count} -o x.ndjson".ljust(32), f"{new_rate:14,.0f}")
    print(f"1.2.0: how_fake -n {old_count}".ljust(32), f"{old_rate:14,.0f}", f"{new_rate / old_rate:.1f} x".rjust(20))


def _best_seconds(command: list[str], peer: Peer, folder: str) -> float:
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, env=_environment(peer), check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def _python(peer: Peer) -> Path:
    """Return the Python that has the peer, making its environment the first time."""
    if not peer.requirements:
        return Path(sys.executable)
    name = f"{'+'.join(peer.requirements)}-py{platform.python_version()}"
    folder = Path(tempfile.gettempdir(), f"how-fake-benchmarks-{os.getuid()}", name)
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        print(f"installing {', '.join(peer.requirements)} ...", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", *peer.requirements], check=True)
        complete.touch()
    return python


def _environment(peer: Peer) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return inherited | ({"PYTHONPATH": str(ROOT / "src")} if peer is OURS else {})


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
