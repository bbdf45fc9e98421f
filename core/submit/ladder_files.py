"""Ladder mode on disk: whose values an evaluate-only submission shows (core.submit.ladder).

results/<submission>/ladder.json names, per metric, the submission whose value is shown. It is
written before the result can be seen, and stays when the mode is switched off: what was held
back then was tried then.
"""

import gzip
import zlib
from pathlib import Path
from typing import Final

import msgspec

from core import atomic
from core.changes.state import State
from core.entries import Submission
from core.errors import JobError
from core.jobs.job_files import ResultFiles, result_files
from core.jobs.outcome import Outcome, read
from core.submit.ladder import SampleFile, climb
from core.submit.quota import opened

SCHEMA: Final = 1
# What reading a damaged file raises: cut off or flipped bits of gzip, then of JSON; a value that
# is not UTF-8 is a ValueError. None of them is an OSError.
_DAMAGED: Final = (EOFError, zlib.error, ValueError, RecursionError)


class Ladder(msgspec.Struct, frozen=True):
    """Metric key to the submission whose value is shown."""

    schema: int
    rungs: dict[str, str]


def hold(root: Path, state: State, submission: Submission, found: Outcome) -> None:
    """Decide what an evaluate-only submission will show, and write it down."""
    files = result_files(root, submission.submission_id)
    rungs = so_far(root, state, submission)
    others = {name: samples(root, name) for name in set(rungs.values())}
    made = samples(root, submission.submission_id)
    if made is None:
        raise JobError("The evaluation wrote no sample scores. Run it again.")
    known = {name: one for name, one in others.items() if one is not None}
    told = Ladder(SCHEMA, climb(rungs, submission.submission_id, found.metrics, made, known))
    atomic.write(files.ladder, msgspec.json.encode(told))


def so_far(root: Path, state: State, submission: Submission) -> dict[str, str]:
    """The rungs that this submitter has seen before: the best value of each metric."""
    mine = [
        one
        for one in state.submissions.values()
        if one.submitter
        and one.submitter == submission.submitter
        and one.evaluate_only
        and one.state == "evaluated"
        and one.submission_id != submission.submission_id
    ]
    rungs: dict[str, str] = {}
    best: dict[str, float] = {}
    for one in sorted(mine, key=opened):
        shown = rungs_of(root, one.submission_id) or {}
        outcome = outcome_of(root, one.submission_id)
        for key, value in (outcome.metrics if outcome else {}).items():
            climbed = not shown or shown.get(key) == one.submission_id
            if value is not None and climbed and (shown or value > best.get(key, -1.0)):
                rungs[key], best[key] = one.submission_id, value
    return rungs


def rungs_of(root: Path, submission_id: str) -> dict[str, str] | None:
    """What a submission shows; None when it shows all its own values."""
    try:
        data = result_files(root, submission_id).ladder.read_bytes()
        return msgspec.json.decode(data, type=Ladder).rungs
    except FileNotFoundError:
        return None
    except (OSError, *_DAMAGED):
        return {}  # unreadable: shows nothing rather than too much


def outcome_of(root: Path, submission_id: str) -> Outcome | None:
    """What the evaluation of a submission wrote; None when there is nothing readable."""
    try:
        return read(result_files(root, submission_id).evaluation.read_bytes())
    except (FileNotFoundError, JobError):
        return None


def samples(root: Path, submission_id: str) -> SampleFile | None:
    """The private sample scores of a submission; None when there is nothing readable."""
    try:
        data = gzip.decompress(result_files(root, submission_id).samples.read_bytes())
        return msgspec.json.decode(data, type=SampleFile)
    except (OSError, *_DAMAGED):
        return None


def shown(root: Path, files: ResultFiles, own: Outcome, rungs: dict[str, str]) -> Outcome:
    """The outcome as its owner sees it: every metric with all its figures from its rung."""
    outcomes = {name: outcome_of(root, name) for name in set(rungs.values())}
    outcomes[files.folder.name] = own
    taken = {key: found for key, name in rungs.items() if (found := outcomes.get(name)) is not None}
    return msgspec.structs.replace(
        own,
        metrics={key: taken[key].metrics.get(key) if key in taken else None for key in own.metrics},
        strict={key: found.strict.get(key) for key, found in taken.items()},
        coverage={k: found.coverage[k] for k, found in taken.items() if k in found.coverage},
        by_dataset={key: found.by_dataset.get(key, {}) for key, found in taken.items()},
    )
