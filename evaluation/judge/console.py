"""Shared by the judge's commands: their two input files, and the lines they print.

No line quotes a caption, a reference or the key.
"""

import argparse
import sys

from core.errors import MedVidBenchError
from core.model.contracts.evaluation import error_line
from evaluation import truth
from evaluation.judge import pairs
from evaluation.upload import alignment, reader


def say(text: str) -> None:
    """Prints one line and flushes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(text: str) -> int:
    """Prints the last line of a failed command; returns its exit status."""
    sys.stderr.write(error_line(text))
    return 1


def read_plan(options: argparse.Namespace) -> pairs.Plan:
    """The pairs of the files `options.predictions` and `options.ground_truth`."""
    records = truth.load(options.ground_truth)
    given = reader.load(options.predictions)
    aligned = alignment.align(alignment.places(records, given), given)
    plan = pairs.plan(records, aligned.texts, getattr(options, "tasks", pairs.TASKS))
    if not plan.uses:
        raise MedVidBenchError("no caption can be judged: the file has no matching caption.")
    sample = getattr(options, "sample", None)
    if sample is None:
        return plan
    if sample < 1:
        raise MedVidBenchError(f"--sample: expected at least 1 pair, got {sample}.")
    distinct = len(plan.distinct())
    if sample >= distinct:
        return plan
    say(
        f"Grading a seeded sample of {sample:,} of {distinct:,} distinct pairs; the caption "
        "scores are those of the sample."
    )
    return pairs.sampled(plan, sample)
