"""Measures the evaluation against a baseline, on the full synthetic benchmark.

    python -m scripts.bench_evaluation [--pairs N]

The baseline is a program that imports numpy and msgspec, decodes both files and exits. Both
run as whole processes, alternating, so that a busy machine slows both. Targets: at most 2
times the baseline and 300 MB where every next-action answer is a label; with 150 answers
that are not labels, at most 1.5 s and 300 MB more. Prints the measurements; exit status 1
when a target is missed.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from evaluation import truth
from evaluation.demo import benchmark
from evaluation.tasks import next_action
from evaluation.upload.records import Prediction
from scripts.figures import note

SCRIPT = Path(truth.__file__).with_name("evaluate_predictions.py")
OFF_LABELS = 150
MAX_WORDS = 12
MAX_RATIO, MAX_MB, MAX_MORE_SECONDS, MAX_MORE_MB = 2.0, 300.0, 1.5, 300.0
_FLOOR = (
    "import sys, numpy, msgspec\n"
    "for name in sys.argv[1:]:\n"
    "    with open(name, 'rb') as file:\n"
    "        msgspec.json.decode(file.read())\n"
)
_WORDS = (
    *("the", "surgeon", "nurse", "will", "now", "then", "with", "and", "before", "after"),
    *("cut", "tie", "rinse", "hold", "lift", "close", "clean", "prepare", "check", "move"),
    *("tissue", "skin", "wound", "needle", "thread", "forceps", "camera", "flap", "patient"),
    *("carefully", "slowly", "next", "step", "using", "both", "hands", "bag", "tube"),
)


class Run(msgspec.Struct, frozen=True):
    """One whole process: wall and processor time in seconds, largest resident memory in MB."""

    seconds: float
    processor: float
    megabytes: float


def measure(command: Sequence[str]) -> Run:
    """Runs a command to completion, discarding its output. RuntimeError when it fails."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        start = time.perf_counter()
        child = os.posix_spawn(
            command[0],
            list(command),
            {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
            file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)],
        )
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
    finally:
        os.close(null)
    if status != 0:
        raise RuntimeError(f"{' '.join(command[:3])} … ended with status {status}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def prepare(folder: Path) -> tuple[Path, Path, Path]:
    """The truth, and predictions with labels only and with 150 answers that are not labels."""
    benchmark.generate(folder / "demo")
    truth_path = folder / "demo" / "ground_truth.json"
    given = msgspec.json.decode(
        (folder / "demo" / "sample_good.json").read_bytes(), type=list[Prediction]
    )
    rows = [
        (index, record, given[index].text)
        for index, record in enumerate(truth.load(truth_path))
        if record.task == "next_action"
    ]
    texts = {case.index: _label(case) for case in next_action.cases(rows)}
    made = random.Random(7)  # noqa: S311 - a seed, not a secret
    others = {index: _sentence(made) for index in made.sample(sorted(texts), OFF_LABELS)}
    paths = folder / "labels_only.json", folder / "off_labels.json"
    for path, replaced in zip(paths, (texts, texts | others), strict=True):
        changed = [
            Prediction(id=one.id, qa_type=one.qa_type, text=replaced.get(index, one.text))
            for index, one in enumerate(given)
        ]
        path.write_bytes(_encode(changed))
    return truth_path, *paths


def _encode(given: Sequence[Prediction]) -> bytes:
    return msgspec.json.encode(
        [{"id": one.id, "qa_type": one.qa_type, "prediction": one.text} for one in given]
    )


def _label(case: next_action.Case) -> str:
    return case.answer if case.answer in case.classes else case.classes[0]


def _sentence(made: random.Random) -> str:
    return " ".join(made.choices(_WORDS, k=made.randint(3, MAX_WORDS)))


def compare(truth_path: Path, paths: Sequence[Path], pairs: int) -> list[list[Run]]:
    """Runs the baseline and the evaluations alternately; returns the runs of each command."""
    python = sys.executable
    commands = [[python, "-c", _FLOOR, str(truth_path), str(paths[0])]]
    # As the server runs it: the file was checked when it arrived.
    flags = ["--ground-truth", str(truth_path), "--skip-llm-judge", "--skip-check", "--json"]
    commands += [
        [python, str(SCRIPT), str(path), *flags, str(path.with_suffix(".out"))] for path in paths
    ]
    for command in commands:
        measure(command)  # fills the disk cache and writes the bytecode
    runs: list[list[Run]] = [[] for _ in commands]
    for _ in range(pairs):
        for command, found in zip(commands, runs, strict=True):
            found.append(measure(command))
    return runs


def noted(runs: Sequence[Sequence[Run]]) -> bool:
    """Note each measurement; whether all targets are met."""
    floor, known, other = runs
    seconds = [statistics.median(run.seconds for run in found) for found in runs]
    memory = [max(run.megabytes for run in found) for found in runs]
    ratio = statistics.median(
        one.seconds / base.seconds for one, base in zip(known, floor, strict=True)
    )
    more = statistics.median(
        one.seconds - base.seconds for one, base in zip(other, known, strict=True)
    )
    how = (
        f"{seconds[1]:.2f} s of {seconds[0]:.2f} s for importing numpy and msgspec and decoding "
        f"both files; whole processes, full synthetic set, median of {len(floor)} alternating runs"
    )
    good = (
        note("evaluation, every next action a label", ratio, "×", MAX_RATIO, how),
        note("its memory", memory[1], "MB", MAX_MB, "largest resident"),
        note(f"{OFF_LABELS} answers that are not labels: more time", more, "s", MAX_MORE_SECONDS),
        note("their memory", memory[2] - memory[1], "MB", MAX_MORE_MB, "more than without them"),
    )
    return all(good)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit status 0 when every target is met."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_evaluation", description=__doc__)
    parser.add_argument("--pairs", type=int, default=9, help="runs of each (default 9)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        truth_path, *paths = prepare(Path(folder))
        good = noted(compare(truth_path, paths, options.pairs))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
