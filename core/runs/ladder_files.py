"""Ladder mode on disk: whose values an evaluate-only submission shows (core.runs.ladder).

results/<submission>/ladder.json names, per metric, the submission whose value is shown. It is
written before the result can be seen, and stays when the mode is switched off: what was held
back then was tried then. What cannot be compared with every earlier try reveals nothing.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from core.changes import operations
from core.changes.quota import opened
from core.errors import JobError
from core.files import atomic
from core.model.entries import Submission
from core.model.state import State
from core.runs.evaluation_outcome import Outcome, read
from core.runs.ladder import SampleFile, climb
from core.runs.records import JobFiles, ResultFiles, result_files
from core.store.store import Store

SCHEMA: Final = 1
# What reading a damaged file raises: cut off or flipped bits of gzip, then of JSON; a value that
# is not UTF-8 is a ValueError. None of them is an OSError.
_DAMAGED: Final = (EOFError, zlib.error, ValueError, RecursionError)
_LOCK_TIMEOUT_S = 60.0


class Ladder(msgspec.Struct, frozen=True):
    """Metric key to the submission whose value is shown."""

    schema: int
    rungs: dict[str, str]


def decide(
    root: Path, store: Store, submission: Submission, found: Outcome, *, mirrored: bool
) -> None:
    """End an evaluate-only submission as evaluated; in ladder mode, first what it will show.

    One after the other in a data folder: of two at once the second sees what the first shows.
    `mirrored`: jobs may also run in other folders (`unknown`). Raises JobError, StoreError.
    """
    with _alone(root):
        state = store.read()
        if state.policy.ladder:
            hold(root, state, submission, found, mirrored=mirrored)
        store.commit(operations.evaluated(submission.submission_id))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    try:
        with FileLock(root / "ladder.lock", timeout=_LOCK_TIMEOUT_S, mode=0o600):
            yield
    except Timeout as error:
        raise JobError(
            f"Another evaluation has kept this one waiting for {_LOCK_TIMEOUT_S:g} s. Run it again."
        ) from error


def hold(
    root: Path, state: State, submission: Submission, found: Outcome, *, mirrored: bool = False
) -> None:
    """Decide what an evaluate-only submission will show, and write it down."""
    files = result_files(root, submission.submission_id)
    rungs = so_far(root, state, submission)
    hidden = unknown(root, state, submission, mirrored=mirrored)
    if hidden:
        # Whose value that is shows once it is here: nothing that was not seen before.
        computed = [key for key, value in found.metrics.items() if value is not None]
        told = Ladder(SCHEMA, {**dict.fromkeys(computed, hidden[-1].submission_id), **rungs})
        atomic.write(files.ladder, msgspec.json.encode(told))
        return
    others = {name: samples(root, name) for name in set(rungs.values())}
    made = samples(root, submission.submission_id)
    if made is None:
        raise JobError("The evaluation wrote no sample scores. Run it again.")
    known = {name: one for name, one in others.items() if one is not None}
    told = Ladder(SCHEMA, climb(rungs, submission.submission_id, found.metrics, made, known))
    atomic.write(files.ladder, msgspec.json.encode(told))


def so_far(root: Path, state: State, submission: Submission) -> dict[str, str]:
    """The rungs that this submitter has seen before: the best value of each metric."""
    rungs: dict[str, str] = {}
    best: dict[str, float] = {}
    for one in _others(state, submission):
        if one.state != "evaluated":
            continue
        shown = rungs_of(root, one.submission_id) or {}
        outcome = outcome_of(root, one.submission_id)
        for key, value in (outcome.metrics if outcome else {}).items():
            climbed = not shown or shown.get(key) == one.submission_id
            if value is not None and climbed and (shown or value > best.get(key, -1.0)):
                rungs[key], best[key] = one.submission_id, value
    return rungs


def unknown(
    root: Path, state: State, submission: Submission, *, mirrored: bool
) -> list[Submission]:
    """Tries of this submitter that a new one cannot be compared with here, oldest first.

    Their results are not here; or, in a `mirrored` folder, they began earlier and may be
    running in another one. Of two that run at once the later one waits: never both reveal.
    """
    running = {job.submission_id for job in JobFiles(root).all() if not job.done}
    found = []
    for one in _others(state, submission):
        name = one.submission_id
        if one.state == "evaluated":
            hidden = outcome_of(root, name) is None or samples(root, name) is None
        else:
            earlier = one.state == "open" and _order(one) < _order(submission)
            hidden = mirrored and earlier and name not in running
        if hidden:
            found.append(one)
    return found


def needed(root: Path, state: State, submission: Submission) -> list[str]:
    """The files, below `root`, of the earlier tries that a new one is compared with and that
    are not here. In the order to fetch them: what is shown is never known after the values."""
    if not (submission.evaluate_only and state.policy.ladder):
        return []
    paths = []
    for one in _others(state, submission):
        if one.state == "evaluated":
            files = result_files(root, one.submission_id)
            paths += [files.ladder, files.evaluation, files.samples]
    return [path.relative_to(root).as_posix() for path in paths if not path.exists()]


def _others(state: State, submission: Submission) -> list[Submission]:
    """The other evaluate-only submissions of the same submitter, oldest first."""
    mine = (
        one
        for one in state.submissions.values()
        if one.submitter
        and one.submitter == submission.submitter
        and one.evaluate_only
        and one.submission_id != submission.submission_id
    )
    return sorted(mine, key=_order)


def _order(submission: Submission) -> tuple[datetime, str]:
    return opened(submission), submission.submission_id


def rungs_of(root: Path, submission_id: str) -> dict[str, str] | None:
    """What a submission shows; None when it shows all its own values."""
    try:
        data = result_files(root, submission_id).ladder.read_bytes()
        return msgspec.json.decode(data, type=Ladder).rungs
    except FileNotFoundError:
        return None
    except (OSError, JobError, *_DAMAGED):
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


def shown(
    root: Path, state: State, files: ResultFiles, own: Outcome, rungs: dict[str, str]
) -> Outcome:
    """The outcome as its owner sees it: every metric with all its figures from its rung."""
    mine = files.folder.name
    names = {
        key: mine if name == mine else _leads_to(root, state, name, key)
        for key, name in rungs.items()
    }
    outcomes = {name: outcome_of(root, name) for name in set(names.values()) if name}
    outcomes[mine] = own
    taken = {
        key: found for key, name in names.items() if (found := outcomes.get(name or "")) is not None
    }
    return msgspec.structs.replace(
        own,
        metrics={key: taken[key].metrics.get(key) if key in taken else None for key in own.metrics},
        strict={key: found.strict.get(key) for key, found in taken.items()},
        coverage={k: found.coverage[k] for k, found in taken.items() if k in found.coverage},
        by_dataset={key: found.by_dataset.get(key, {}) for key, found in taken.items()},
    )


def _leads_to(root: Path, state: State, name: str, key: str) -> str | None:
    """The submission whose value another one shows in a metric; None when it shows none.

    A try that waited for another names it before that one has decided what it shows.
    """
    passed: set[str] = set()
    while name not in passed:
        passed.add(name)
        one = state.submissions.get(name)
        if one is None or one.state != "evaluated":
            return None
        rungs = rungs_of(root, name)
        if rungs is None or rungs.get(key) == name:
            return name
        name = rungs.get(key, "")
    return None
