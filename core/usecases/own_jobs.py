"""The owner's acts on a job: cancel, run again."""

from core.access.submission_keys import KEY_FIELD, Shown, proof_of
from core.changes import admission
from core.errors import RefusedError
from core.files.ids import is_id
from core.model.entries import Job
from core.model.state import State
from core.usecases.services import Services


def owned(services: Services, job_id: str, shown: Shown) -> Job:
    """The job if the proof opens it; else raises RefusedError on field `key`."""
    job = services.jobs.get(job_id) if is_id(job_id) else None
    submission = services.store.read().submissions.get(job.submission_id) if job else None
    if job is None or submission is None or not proof_of(shown).opens(submission):
        raise RefusedError({KEY_FIELD: "This is not the key of this submission."})
    return job


def cancel(services: Services, job_id: str, shown: Shown) -> Job:
    """End a queued or running job for its owner and release its name."""
    return services.jobs.cancel(owned(services, job_id, shown).job_id)


def run_again(services: Services, job_id: str, shown: Shown) -> Job:
    """Queue another attempt of a job that ended without a result, for its owner.

    Raises RefusedError if the name has been taken or no try is left, JobError if it cannot run.
    """
    job = owned(services, job_id, shown)

    def guard(state: State) -> None:
        submission = state.submissions[job.submission_id]
        admission.refuse(state, submission.submitter, without=submission.submission_id)

    return services.jobs.rerun(job.job_id, guard)
