"""A job as one visitor may see it: the holder of the submission key, or anybody else.

Whoever has only the link sees the state: steps, times, place in the queue. Scores,
name, log and reasons are the owner's until the entry stands on the board.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from core.access.submission_keys import Shown, proof_of
from core.changes.versions import NEW_VERSION
from core.files.ids import is_id
from core.model.contracts.evaluation import Coverage, DatasetScore, Surplus
from core.model.entries import Entry, Job, Submission, rounded
from core.model.state import State
from core.model.surplus import held, surplus_of, withheld
from core.publish.cells import cells_of, shown_cells
from core.ranking.board import rank_board, shown_board
from core.ranking.what_if import RunRanks, run_ranks
from core.ranking.why import Why, why
from core.runs.evaluation.outcome import read_if_whole
from core.runs.log_scores import without_scores
from core.runs.records import result_files
from core.usecases.own_files import OwnFile, own_files
from core.usecases.services import Services

LOG_LINES = 12
_LOOKED_AT = 400  # lines, in which those that are shown are looked for
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Result:
    """The scores of a finished evaluation: three decimals, None is undefined.

    All mappings have metric keys. `published`: the entry is on a board now, and
    everybody may see this. `surplus`: what of their
    answers was too much; `held`: the metrics that are shown once an admin has looked at it.
    """

    model_name: str
    metrics: dict[str, float | None]
    strict: dict[str, float | None]
    coverage: dict[str, Coverage]
    by_dataset: dict[str, dict[str, DatasetScore]]
    ranks: RunRanks
    published: bool
    entry_id: str | None = None  # of the entry on the board
    before: Mapping[str, float | None] = field(default_factory=dict)  # of the version before
    why: Why | None = None  # its rank on the board, would-be or real
    surplus: Mapping[str, Surplus] = field(default_factory=dict)
    held: Mapping[str, Surplus] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobView:
    """What may be shown. For a stranger `job.error` is None and `log` empty."""

    job: Job
    owner: bool
    evaluate_only: bool
    model_name: str | None
    queue_place: int | None
    log: str
    result: Result | None
    kept: bool  # the upload, without which the job cannot be run again
    files: tuple[OwnFile, ...] = ()  # to download, for the owner


def job_view(services: Services, job_id: object, shown: Shown) -> JobView | None:
    """The view for somebody by what they show; None when there is no such job.

    Raises StoreError when the data folder cannot be read.
    """
    if not isinstance(job_id, str) or not is_id(job_id):
        return None
    job = services.jobs.get(job_id)
    if job is None:
        return None
    state = services.store.read()
    submission = state.submissions.get(job.submission_id)
    if submission is None:
        return None
    owner = proof_of(shown).opens(submission)
    entry = _entry(state, submission)
    return JobView(
        job=job if owner else msgspec.structs.replace(job, error=None),
        owner=owner,
        evaluate_only=submission.evaluate_only,
        model_name=submission.model_name if owner or entry else None,
        queue_place=services.jobs.queue_place(job_id) if job.state == "queued" else None,
        log=_log(services, job) if owner else "",
        result=_result(services, state, submission, entry, owner) if job.done else None,
        kept=services.jobs.results(job).upload.is_file(),
        files=own_files(services, job, shown) if job.done else (),
    )


def _log(services: Services, job: Job) -> str:
    """The last lines of the log; without scores unless the run has a result."""
    lines = services.jobs.log_tail(job.job_id, _LOOKED_AT)
    if job.kind != "judge" and job.state != "completed":
        lines = without_scores(lines)
    return "\n".join(lines.splitlines()[-LOG_LINES:])


def _entry(state: State, submission: Submission) -> Entry | None:
    """The entry whose scores came of a submission, if it is shown on a board."""
    if submission.state != "published":
        return None
    found = state.by_upload(submission.submission_id)
    return found[1] if found and not found[1].hidden else None


def _result(
    services: Services, state: State, submission: Submission, entry: Entry | None, owner: bool
) -> Result | None:
    if entry is not None:
        return entry_result(state, entry)
    if not owner or submission.state not in ("evaluated", "published"):
        return None
    files = result_files(services.settings.root, submission.submission_id)
    outcome = read_if_whole(files.evaluation)
    if outcome is None:
        return None
    metrics = {name: rounded(value) for name, value in outcome.metrics.items()}
    run = Entry(
        entry_id=submission.replaces or submission.submission_id,
        model_name=submission.model_name,
        organization=submission.organization,
        metrics=metrics,
        coverage=msgspec.to_builtins(outcome.coverage),
        surplus=msgspec.to_builtins(outcome.surplus),
    )
    return Result(
        model_name=submission.model_name,
        metrics=metrics,
        strict={name: rounded(value) for name, value in outcome.strict.items()},
        coverage=outcome.coverage,
        by_dataset=shown_cells(outcome.by_dataset),
        ranks=run_ranks(state, run),
        published=False,
        why=_would_be(state, run),
        surplus=_surplus(run),
    )


def _would_be(state: State, run: Entry) -> Why | None:
    """The run's rank on the Community board if it were published there."""
    others = [one for one in state.shown("community") if one.entry_id != run.entry_id]
    return why(rank_board("community", [*others, run], state.policy), run.entry_id)


def entry_result(state: State, entry: Entry) -> Result:
    """What everybody may see of an entry's scores."""
    found = state.find(entry.entry_id)
    waits = held(entry)
    board = found[0] if found else "community"
    entry = withheld(entry)
    return Result(
        model_name=entry.model_name,
        metrics=entry.metrics,
        strict=entry.strict,
        coverage=_typed(entry.coverage, dict[str, Coverage]),
        by_dataset=cells_of(entry),
        ranks=run_ranks(state, entry, board),
        published=True,
        before=_before(entry),
        why=why(shown_board(state, board), entry.entry_id),
        entry_id=entry.entry_id,
        surplus=_surplus(entry),
        held=waits,
    )


def _before(entry: Entry) -> Mapping[str, float | None]:
    """The metrics that a new version replaced; empty for a first one, or one scored again since."""
    last = entry.history[-1] if entry.history else None
    return last.metrics if last and last.why == NEW_VERSION else {}


def _surplus(entry: Entry) -> dict[str, Surplus]:
    return {key: found for key in entry.surplus if (found := surplus_of(entry, key))}


def _typed(values: dict[str, Any], form: type[dict[str, _T]]) -> dict[str, _T]:
    """Details in their form; empty where an entry came without them or in another form."""
    try:
        return msgspec.convert(values, form)
    except msgspec.ValidationError:
        return {}
