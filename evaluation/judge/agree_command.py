"""`agree`: agreement of two runs (another model, another rubric, repeats)."""

import argparse
import datetime
from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.benchmark import TASK_BY_KEY
from core.errors import MedVidBenchError
from core.model.contracts.judge import SCORES_FILE, Agreement, AgreementReport, AgreementSide
from evaluation import output
from evaluation.judge.agree import by_task
from evaluation.judge.console import say
from evaluation.judge.scores import Score, decode_scores

_COLUMNS = ("scores", "b - a", "exact", "within 1", "kappa", "Spearman")


def agree(options: argparse.Namespace) -> int:
    """Runs the command and returns its exit status."""
    a, b = read(options.a), read(options.b)
    both = len(a.keys() & b.keys())
    if not both:
        raise MedVidBenchError(
            f"{options.a} and {options.b} have no pair in common, so there is nothing to "
            "compare. Give two runs of the same predictions."
        )
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    report = AgreementReport(today, _side(a.values()), _side(b.values()), both, by_task(a, b))
    for line in table(report):
        say(line)
    if options.json:
        data = msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
        output.write_all([(options.json, data, False)])
    return 0


def read(path: Path) -> dict[str, Score]:
    """The scores of a run's folder or of a score file, by the pair's key; the last one wins."""
    file = path / SCORES_FILE if path.is_dir() else path
    try:
        found = {score.pair: score for score in decode_scores(file.read_bytes())}
    except OSError as error:
        raise MedVidBenchError(
            f"{file} cannot be read ({error.strerror}). Give the --out folder of a run, or its "
            f"{SCORES_FILE}."
        ) from None
    if not found:
        raise MedVidBenchError(f"{file} has no scores. Give the --out folder of a run.")
    return found


def table(report: AgreementReport) -> list[str]:
    """The report as lines."""
    lines = [
        f"{name}: {', '.join(side.models)}, rubric {', '.join(side.rubrics)}, {side.pairs:,} pairs"
        for name, side in (("a", report.a), ("b", report.b))
    ]
    lines += [f"{report.pairs_in_both:,} pairs in both, five scores each", ""]
    lines.append(f"{'':<24}" + "".join(f"{column:>10}" for column in _COLUMNS))
    for task, found in report.tasks.items():
        name = TASK_BY_KEY[task].name if task in TASK_BY_KEY else "All"
        lines.append(f"{name:<24}{found.n:>10,}" + "".join(f"{one:>10}" for one in _shown(found)))
    lines.append("kappa: quadratic weights; —: undefined, because one side gave a single value")
    return lines


def _shown(found: Agreement) -> tuple[str, ...]:
    return (
        f"{found.mean_difference:+.2f}",
        f"{found.exact:.1%}",
        f"{found.within_one:.1%}",
        *("—" if value is None else f"{value:.3f}" for value in (found.kappa, found.spearman)),
    )


def _side(scores: Iterable[Score]) -> AgreementSide:
    known = list(scores)
    return AgreementSide(
        sorted({one.model for one in known}), sorted({one.rubric for one in known}), len(known)
    )
