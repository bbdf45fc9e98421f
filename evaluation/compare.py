"""Compares two predictions files on the same references: is one of two models better?

    medvidbench compare A B --ground-truth FILE [--judge DIR DIR] [--json FILE]

For your own validation split. See docs/statistics.md. Exit status 0, or 1 with one line on
standard error.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from core.benchmark import METRIC_BY_KEY, TASKS
from core.errors import MedVidBenchError, PredictionsError
from core.files import atomic
from core.files.hashes import sha256
from evaluation import paired, truth
from evaluation.output_places import check_outputs
from evaluation.paired import ComparedMetric, Comparison

_TASK_KEYS: Final = tuple(task.key for task in TASKS)
_HEAD: Final = ("metric", "A", "B", "A - B", "95 % interval", "p", "detectable", "records")
_NOTE: Final = """\
p: two-sided, paired by record, clustered by independent recording, corrected over the metrics
(Holm). Detectable: the smallest difference that such a test set shows in 80 of 100 cases at 5 %.
Records: on how many A is better / equal / worse.
"""
_NOT_INSTALLED: Final = (
    "Comparing needs scipy and statsmodels. Install them: pip install scipy statsmodels."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        found = _compared(options)
    except MedVidBenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ImportError:
        sys.stderr.write(f"{_NOT_INSTALLED}\n")
        return 1
    sys.stdout.write(text(found))
    return 0


def _compared(options: argparse.Namespace) -> Comparison:
    """Scores both files, compares them, and writes the --json file. Raises MedVidBenchError."""
    inputs = [options.a, options.b, options.ground_truth]
    if options.json:
        check_outputs([options.json], inputs)
    records = truth.load(options.ground_truth)
    both = [paired.scored(path, records, options.tasks or _TASK_KEYS) for path in inputs[:2]]
    for one, path, folder in zip(both, inputs[:2], options.judge or (), strict=False):
        captions = paired.judged(folder, path, options.ground_truth)
        one.metrics.update(captions.metrics)
        one.columns.update(captions.columns)
    metrics = paired.comparison(*both)
    if not any(one.difference is not None for one in metrics.values()):
        raise PredictionsError(
            f"{options.a.name} and {options.b.name} have no task in common: there is nothing to "
            "compare."
        )
    digests = dict(zip(("a_sha256", "b_sha256", "ground_truth_sha256"), inputs, strict=True))
    found = Comparison(
        a=options.a.name,
        b=options.b.name,
        **{name: sha256(path) for name, path in digests.items()},
        metrics=metrics,
    )
    if options.json:
        data = msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
        atomic.write_all([(options.json, data, None)])
    return found


def text(found: Comparison) -> str:
    """The comparison as a table and a sentence."""
    rows = [_HEAD, *(_row(key, one) for key, one in found.metrics.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [f"A: {found.a}", f"B: {found.b}", ""]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *cells]).rstrip())
    reasons = [
        f"{METRIC_BY_KEY[key].name}: {one.reason}"
        for key, one in found.metrics.items()
        if one.reason
    ]
    return "\n".join([*lines, "", sentence(found.metrics.values()), *reasons, "", _NOTE])


def sentence(metrics: Iterable[ComparedMetric]) -> str:
    """The conclusion as a sentence."""
    verdicts = Counter(one.verdict for one in metrics if one.difference is not None)
    better, worse, still_open = (verdicts[verdict] for verdict in ("better", "worse", "open"))
    if not better and not worse:
        return "No difference between A and B is distinguishable at this test-set size."
    parts = [f"better on {_metrics(better)}"] * bool(better)
    parts += [f"worse on {worse if better else _metrics(worse)}"] * bool(worse)
    told = f"A is {', '.join(parts)}"
    if not still_open:
        return f"{told}."
    return f"{told}; on {still_open} the difference is not distinguishable at this test-set size."


def _metrics(count: int) -> str:
    return f"{count} metric{'s' * (count != 1)}"


def _row(key: str, one: ComparedMetric) -> tuple[str, ...]:
    records = None if one.wins is None else f"{one.wins:,} / {one.ties:,} / {one.losses:,}"
    return (
        METRIC_BY_KEY[key].name,
        _number(one.a),
        _number(one.b),
        _number(one.difference, "+.3f"),
        f"{one.interval[0]:+.3f} to {one.interval[1]:+.3f}" if one.interval else "—",
        "< 0.001" if one.p is not None and one.p < 0.001 else _number(one.p),
        _number(one.detectable),
        records or "—",
    )


def _number(value: float | None, form: str = ".3f") -> str:
    return "—" if value is None else format(value, form)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medvidbench compare",
        description="Compares two MedVidBench predictions files on the same references.",
    )
    add = parser.add_argument
    add("a", type=Path, metavar="A", help="predictions of one model")
    add("b", type=Path, metavar="B", help="predictions of the other")
    add("--ground-truth", type=Path, metavar="FILE", required=True, help="the references")
    add("--tasks", nargs="+", choices=_TASK_KEYS, metavar="TASK", help=", ".join(_TASK_KEYS))
    add(
        "--judge",
        nargs=2,
        type=Path,
        metavar="DIR",
        help="folders of finished judge runs of A and of B, to compare the caption metrics too",
    )
    add("--json", type=Path, metavar="FILE", help="write the comparison as JSON, in full precision")
    return parser


if __name__ == "__main__":
    sys.exit(main())
