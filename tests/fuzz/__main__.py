"""Fuzzes the readers of strangers' input: `make fuzz`, for FUZZ_SECONDS (600).

`scripts/fuzz TARGET...` spends all the time on the named targets.

Half of the time Hypothesis generates almost valid inputs; the other half atheris, if it
is installed, is guided by branch coverage. A finding is printed with its bytes and kept in
FINDINGS; status 1. Copy it to tests/data/fuzz/<target>-<what> to make it a test.
"""

import hashlib
import importlib.util
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.strategies import STRATEGIES
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = ROOT / ".fuzz"
_BATCH = 400


def main(names: list[str]) -> int:
    """Fuzz the named targets, or all; 1 if anything was found."""
    unknown = sorted(set(names) - TARGETS.keys())
    if unknown:
        print(f"No such target: {', '.join(unknown)}. There are {', '.join(TARGETS)}.")
        return 2
    targets = names or list(TARGETS)
    seconds = float(os.environ.get("FUZZ_SECONDS") or 600)
    FINDINGS.mkdir(exist_ok=True)
    guided = importlib.util.find_spec("atheris") is not None
    if not guided:
        print("atheris is not installed here: Hypothesis has all the time.")
    share = seconds / len(targets) / (2 if guided else 1)
    found = 0
    for name in targets:
        found += by_hypothesis(name, share)
        if guided:
            found += by_atheris(name, share)
    print(f"{found} finding{'' if found == 1 else 's'}")
    return 1 if found else 0


def by_hypothesis(name: str, seconds: float) -> int:
    """Run batches with new seeds until the time is up; the number of findings (0 or 1)."""
    end, cases = time.monotonic() + seconds, 0

    def one(data: bytes) -> None:
        nonlocal cases
        cases += 1
        try:
            TARGETS[name](data)
        except Exception:
            keep(name, data)
            raise

    while time.monotonic() < end:
        batch = settings(
            max_examples=_BATCH,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )(given(STRATEGIES[name]())(one))
        try:
            seed(random.getrandbits(64))(batch)()
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}"[:2000])
            return 1
    print(f"{name}: {cases:,} cases by Hypothesis", flush=True)
    return 0


def keep(name: str, data: bytes) -> None:
    """The latest finding of a target, which is the smallest after shrinking."""
    (FINDINGS / name).write_bytes(data)


def by_atheris(name: str, seconds: float) -> int:
    """Run libFuzzer on one target, starting with the kept cases and the last run's corpus."""
    corpus = FINDINGS / f"corpus-{name}"
    corpus.mkdir(exist_ok=True)
    for data in (STRATEGIES[name]().example() for _ in range(50)):
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(corpus)]
    limits = [f"-max_total_time={max(1, round(seconds))}", "-max_len=4096", "-rss_limit_mb=1500"]
    run = subprocess.run(
        [*command, *limits, f"-artifact_prefix={FINDINGS}/{name}-", "-timeout=10"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in run.stderr.splitlines() if "DONE" in line or "ERROR" in line]
    print(f"{name}: atheris: {' '.join(told[-1:]) or run.stderr[-1500:]}", flush=True)
    if run.returncode:
        print(run.stderr[-3000:])
    return 1 if run.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
