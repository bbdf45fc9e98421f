#!/usr/bin/env python3
"""Run every bench and make one table of the figures: `make bench`.

Prints the table and writes it into docs/performance.md, between its two marks. With names of
benches it runs only those, and writes only with --write; the page then lists those not run.
Exit status 1 when a target was missed or a bench failed.
Usage: python scripts/bench.py [--write] [NAME ...]
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from scripts.figures import KEPT, Figure, met, shown, target  # noqa: E402

PAGE = REPOSITORY / "docs" / "performance.md"
BEGIN, END = "<!-- make bench writes from here -->\n", "<!-- to here -->"
# Name, heading in the table, and the module.
BENCHES: Mapping[str, tuple[str, str]] = {
    "evaluation": ("Evaluation", "scripts.bench_evaluation"),
    "ranking": ("Ranking", "scripts.bench_ranking"),
    "store": ("Store", "scripts.bench_store"),
    "growth": ("Growth", "scripts.bench_growth"),
    "speed": ("Statistics, speed", "scripts.bench_statistics_speed"),
    "judge": ("Caption judge", "scripts.bench_judge"),
    "pages": ("Pages", "scripts.bench_pages"),
    "readers": ("Many readers", "tests.server.readers_bench"),
    "others": ("Beside a costly upload", "tests.server.others_bench"),
    "uploads": ("Costly uploads", "tests.evaluation.hostile_uploads"),
    "mirror": ("Mirror", "tests.hub.soak"),
    "simulation": ("Statistics, error rates", "scripts.bench_statistics"),
}


def run(name: str, kept: Path) -> tuple[list[Figure], int]:
    """The figures that a bench noted, and its exit status."""
    kept.unlink(missing_ok=True)
    environment = {**os.environ, KEPT: str(kept), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", BENCHES[name][1]]
    status = subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return [json.loads(line) for line in lines], status


def table(figures: Mapping[str, Sequence[Figure]]) -> str:
    """All figures as a Markdown table."""
    rows = ["| what | figure | target | how |", "| --- | ---: | --- | --- |"]
    for name, found in figures.items():
        rows.append(f"| **{BENCHES[name][0]}** | | | |")
        rows += [
            f"| {one['what']} | {shown(one['value'], one['unit'])} | "
            f"{'' if one['most'] is None else target(one)} | {one['how']} |"
            for one in found
        ]
    return "\n".join(rows) + "\n"


def machine() -> str:
    """When and on which machine the figures were measured."""
    day = datetime.datetime.now(datetime.UTC).date()
    load = os.getloadavg()[0]
    return (
        f"Measured on {day}, {os.cpu_count()} processors ({platform.machine()}), Python "
        f"{platform.python_version()}; load at the start {load:.1f}.\n"
    )


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--write", action="store_true", help="write the page for some benches too")
    chosen = parser.parse_args()
    names = chosen.names
    if unknown := set(names) - set(BENCHES):
        parser.error(f"No bench is named {', '.join(sorted(unknown))}. Known: {', '.join(BENCHES)}")
    began = machine()
    figures, failed = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for name in names or BENCHES:
            figures[name], status = run(name, Path(folder) / "figures")
            if status:
                failed.append(name)
    made = table(figures)
    sys.stdout.write(f"\n{began}\n{made}")
    if chosen.write or not names:
        if left_out := [name for name in BENCHES if name not in figures]:
            began = f"{began.rstrip()} Not run: {', '.join(left_out)}.\n"
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{began}\n{made}\n{END}{after}", encoding="utf-8")
    missed = [one["what"] for found in figures.values() for one in found if not met(one)]
    if missed:
        sys.stdout.write(f"Missed: {'; '.join(missed)}\n")
    if failed:
        sys.stdout.write(f"Ended with an error or a missed target: {', '.join(failed)}\n")
    return int(bool(missed or failed))


if __name__ == "__main__":
    sys.exit(main())
