"""What the judge's commands share: their two input files, and the lines they print.

No line holds a word of a caption, a reference or the key.
"""

import argparse
import sys

from core.errors import MedVidBenchError
from core.model.contracts.evaluation import error_line
from evaluation import truth
from evaluation.judge import pairs
from evaluation.upload import alignment, reader


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(text: str) -> int:
    """The last line of a command that failed; its exit status."""
    sys.stderr.write(error_line(text))
    return 1


def read_plan(options: argparse.Namespace) -> pairs.Plan:
    """The pairs of the files `options.predictions` and `options.ground_truth`."""
    records = truth.load(options.ground_truth)
    given = reader.load(options.predictions)
    aligned = alignment.align(alignment.places(records), given)
    plan = pairs.plan(records, aligned.texts)
    if not plan.uses:
        raise MedVidBenchError("no caption can be judged: the file holds no matching caption.")
    return plan
