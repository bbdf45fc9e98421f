"""The use cases of judge runs: start, cancel, resume; by the key's holder or an admin."""

from typing import Final

from core.access.submission_keys import KEY_FIELD, Shown, proof_of
from core.changes import judging
from core.changes.act import PARTICIPANT
from core.errors import JobError, RefusedError
from core.files.ids import is_id
from core.model.entries import BoardName, Entry, Job
from core.model.published import own_run
from core.model.state import State, now
from core.runs.judging.command import JudgeFiles
from core.runs.judging.ready import problem
from core.runs.records import result_files
from core.usecases.services import Services

RUN_FIELD: Final = "judge"


def find(state: State, entry_id: object) -> tuple[BoardName, Entry] | None:
    """The visible entry with an id, and its board."""
    found = state.find(str(entry_id))
    return None if found is None or found[1].hidden else found


def files_of(services: Services, entry: Entry) -> JudgeFiles | None:
    """The folder of the entry's upload; None for an entry that cannot have one."""
    if not is_id(entry.upload_id):
        return None
    return JudgeFiles(result_files(services.settings.root, entry.upload_id).folder)


def last_run(services: Services, entry: Entry) -> Job | None:
    """The entry's latest judge run on this server."""
    jobs = [
        job
        for job in services.jobs.list()
        if job.kind == "judge" and job.submission_id == entry.upload_id
    ]
    return jobs[-1] if jobs else None


def owns(state: State, entry: Entry, shown: Shown) -> bool:
    """Whether the proof (a key, an account) is that of the owner of the entry's submission."""
    submission = state.submissions.get(entry.upload_id)
    return submission is not None and proof_of(shown).opens(submission)


def start(services: Services, entry_id: str, shown: Shown) -> Job:
    """Queue a judge run for the owner, proved by a submission key or an account.

    Raises RefusedError if it may not start, StoreError or JobError if the machine failed.
    """
    return _start(services, _owned(services, entry_id, shown), PARTICIPANT)


def start_as_admin(services: Services, entry_id: str, actor: str = judging.ADMIN) -> Job:
    """Queue a judge run, even of a model that is already judged. `actor`: "admin[:account]"."""
    if not judging.is_admin(actor):
        raise RefusedError({RUN_FIELD: "Only an admin can do this."})
    found = find(services.store.read(), entry_id)
    if found is None:
        raise RefusedError({RUN_FIELD: _GONE})
    return _start(services, found[1], actor)


def cancel(services: Services, entry_id: str, shown: Shown) -> Job:
    """End the run in progress; its scores so far are kept. Returns when it has stopped."""
    entry = _owned(services, entry_id, shown)
    return services.jobs.cancel(_run_of(services, entry).job_id)


def resume(services: Services, entry_id: str, shown: Shown) -> Job:
    """Queue another attempt of a run that ended without a result; grades only what is missing."""
    entry = _owned(services, entry_id, shown)
    _refuse_unready(services, entry)
    return services.jobs.rerun(_run_of(services, entry).job_id, actor=PARTICIPANT)


def refusal(services: Services, entry: Entry, actor: str) -> str | None:
    """Why no run of the entry can start now, as one sentence; None if one can."""
    state = services.store.read()
    submission = state.submissions.get(entry.upload_id)
    files = files_of(services, entry)
    if submission is None or files is None or own_run(entry):
        return OWN_RUN if own_run(entry) else NO_UPLOAD
    lease = submission.judging
    if lease is not None and _live_here(services, lease.run_id):
        return judging.IN_PROGRESS  # even if it has waited longer than its lease
    return judging.why_not(state, submission, "", actor, now()) or problem(
        services.settings, files, entry
    )


_GONE = "There is no such model on the boards. Choose one from the list."
OWN_RUN: Final = (
    "This model’s scores are from the maintainers’ own run. The uploaded captions are "
    "no longer judged."
)
NO_UPLOAD: Final = (
    "No predictions are kept here for this model: its scores were entered without an "
    "upload, so there is nothing to judge."
)


def _owned(services: Services, entry_id: str, shown: Shown) -> Entry:
    state = services.store.read()
    found = find(state, entry_id)
    if found is None:
        raise RefusedError({RUN_FIELD: _GONE})
    if not owns(state, found[1], shown):
        raise RefusedError({KEY_FIELD: "This is not the submission key of this model."})
    return found[1]


def _start(services: Services, entry: Entry, actor: str) -> Job:
    problem_now = refusal(services, entry, actor)
    if problem_now:
        raise RefusedError({RUN_FIELD: problem_now})
    # The store decides: if two start at the same time, it refuses one.
    return services.jobs.enqueue("judge", entry.upload_id, actor)


def _live_here(services: Services, run_id: str) -> bool:
    return any(job.job_id == run_id and not job.done for job in services.jobs.list())


def _run_of(services: Services, entry: Entry) -> Job:
    job = last_run(services, entry)
    if job is None:
        raise JobError("There is no judge run of this model. Start one.")
    return job


def _refuse_unready(services: Services, entry: Entry) -> None:
    files = files_of(services, entry)
    said = NO_UPLOAD if files is None else problem(services.settings, files, entry)
    if said:
        raise RefusedError({RUN_FIELD: said})
