"""A job as one visitor may see it: the holder of the submission key, or anyone else.

Visitors with only the link see the state: steps, times, place in the queue. Scores, name,
log and reasons are for the owner only until the entry is on the board.
"""

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from core.access.submission_keys import Shown, proof_of
from core.files.ids import is_id
from core.model.entries import Entry, Job, Submission, rounded
from core.model.state import State
from core.publish.cells import shown_cells
from core.publish.result import Result, captions, entry_result, surplus
from core.ranking.board import rank_board
from core.ranking.coverage import low
from core.ranking.what_if import run_ranks
from core.ranking.why import Why, why
from core.runs.evaluation.outcome import read_if_whole
from core.runs.log_scores import without_scores
from core.runs.records import result_files
from core.usecases.own_entries import holding
from core.usecases.own_files import OwnFile, own_files
from core.usecases.own_versions import Comparison, comparison
from core.usecases.services import Services

LOG_LINES = 12
_LOOKED_AT = 400  # lines searched for those to show


@dataclass(frozen=True, slots=True)
class JobView:
    """What may be shown. For visitors other than the owner, `job.error` is None and `log` empty."""

    job: Job
    owner: bool
    evaluate_only: bool
    new_version: bool
    model_name: str | None
    queue_place: int | None
    log: str
    result: Result | None
    kept: bool  # the upload, without which the job cannot be run again
    files: tuple[OwnFile, ...] = ()  # the owner's downloads
    versions: Comparison | None = None  # what the owner may go back to


def job_view(services: Services, job_id: object, shown: Shown) -> JobView | None:
    """The view for a visitor with this proof; None if there is no such job.

    Raises StoreError if the data folder cannot be read.
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
        new_version=submission.replaces is not None,
        model_name=entry.model_name if entry else submission.model_name if owner else None,
        queue_place=services.jobs.queue_place(job_id) if job.state == "queued" else None,
        log=_log(services, job) if owner else "",
        result=_result(services, state, submission, entry, owner) if job.done else None,
        kept=services.jobs.results(job).upload.is_file(),
        files=own_files(services, job, shown) if job.done else (),
        versions=_versions(state, entry) if owner and job.kind == "evaluation" else None,
    )


def _versions(state: State, entry: Entry | None) -> Comparison | None:
    return comparison(state, entry.entry_id) if entry else None


def _log(services: Services, job: Job) -> str:
    """The last lines of the log; without scores unless the run has a result."""
    lines = services.jobs.log_tail(job.job_id, _LOOKED_AT)
    if job.kind != "judge" and job.state != "completed":
        lines = without_scores(lines)
    return "\n".join(lines.splitlines()[-LOG_LINES:])


def _entry(state: State, submission: Submission) -> Entry | None:
    """The entry with a submission's scores, if it is shown on a board."""
    if submission.state != "published":
        return None
    found = state.by_upload(submission.submission_id)
    return found[1] if found and not found[1].hidden else None


def _result(
    services: Services, state: State, submission: Submission, entry: Entry | None, owner: bool
) -> Result | None:
    if entry is not None:
        found = entry_result(state, entry)
        return replace(found, captions=captions(state, entry)) if owner else found
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
        past=_past(state, submission),
        why=_would_be(state, run),
        surplus=surplus(run),
        low=frozenset(low(metrics, run.coverage, state.policy)),
        policy=state.policy,
    )


_PAST: Final = {
    "newer": "A newer version has replaced it; these scores are in the entry's history.",
    "taken_back": "Its owner went back to the previous version; these scores are in the entry's "
    "history.",
}


def _past(state: State, submission: Submission) -> str:
    if submission.state != "published":
        return ""
    found = holding(state, submission)
    told = next((told for name, told in _PAST.items() if getattr(found, name)), "")
    return told or "The entry is not on a board now."


def _would_be(state: State, run: Entry) -> Why | None:
    """The rank that the run would have on the Community board."""
    others = [one for one in state.shown("community") if one.entry_id != run.entry_id]
    return why(rank_board("community", [*others, run], state.policy), run.entry_id)
