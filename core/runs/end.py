"""How a job ends: once, and consistently with the boards.

The store decides. Giving up the submission and publishing it exclude each other there, so
a job whose result was committed is completed, whatever happened to its process afterwards,
and a job whose name was released can no longer publish.
"""

from typing import Final, Literal

import msgspec

from core.changes import judging, submitting
from core.errors import RefusedError, StoreError
from core.model.entries import Job, JobKind, Step
from core.model.state import State, now
from core.runs.records import JobFiles
from core.store.store import Store

STEPS = ("name reserved", "file checked", "evaluation", "metrics checked", "published", "done")
JUDGE_STEPS = (
    "registered", "inputs checked", "captions judged", "scores checked", "published", "done",
)  # fmt: skip
PUBLISHED = "published"
NOT_PUBLISHED = "not published"  # the same step of an evaluate-only job

Unfinished = Literal["incomplete", "failed", "cancelled", "interrupted"]
# What an end without a result means for the person who started the job.
KEPT: Final[dict[JobKind, str]] = {
    "evaluation": "Nothing was published; run it again.",
    "judge": "The scores so far are kept: resume the run.",
    "rescore": "The entry's scores are unchanged; start its re-scoring again.",
}


def new_steps(reserved: str, *, evaluate_only: bool) -> tuple[Step, ...]:
    """The six steps, the first one done at `reserved`; for evaluate-only with "not published"."""
    first = Step(name=STEPS[0], started=reserved, ended=reserved)
    names = (NOT_PUBLISHED if evaluate_only and n == PUBLISHED else n for n in STEPS[1:])
    return (first, *(Step(name=name) for name in names))


def rescore_steps() -> tuple[Step, ...]:
    """The steps of a re-scoring, which reserves no name and publishes nothing."""
    return tuple(Step(name=name) for name in (*STEPS[1:4], STEPS[-1]))


def judge_steps(registered: str) -> tuple[Step, ...]:
    """The six steps of a judge run, the first one done at `registered`."""
    first = Step(name=JUDGE_STEPS[0], started=registered, ended=registered)
    return (first, *(Step(name=name) for name in JUDGE_STEPS[1:]))


def end_unfinished(files: JobFiles, store: Store, job: Job, state: Unfinished, reason: str) -> Job:
    """End this attempt of `job` as `state` and release its name; completed if it has a result.

    A job that has ended or was restarted since is not changed. Raises StoreError or JobError when
    nothing could be written.
    """
    with files.locked(job.job_id):
        return _end_locked(files, store, job, state, reason)


def end_own(files: JobFiles, store: Store, job: Job, state: Unfinished, reason: str) -> Job:
    """The same, by the process that owns the job, unless another one has taken it over."""
    with files.locked(job.job_id):
        current = files.fresh(job.job_id)
        if current.process != job.process:
            return current
        return _end_locked(files, store, job, state, reason)


def _end_locked(files: JobFiles, store: Store, job: Job, state: Unfinished, reason: str) -> Job:
    current = files.fresh(job.job_id)
    if current.done or current.attempt != job.attempt:
        return current
    if job.kind == "rescore":  # it reserves no name and publishes nothing
        return files.change_locked(job.job_id, lambda found: ended(found, state, reason))
    spent = uses_up_try(msgspec.structs.replace(current, state=state))
    if release_job(store, job, reason, spent=spent):
        return files.change_locked(job.job_id, completed)
    return files.change_locked(job.job_id, lambda found: ended(found, state, reason))


def complete_landed(files: JobFiles, store: Store, job: Job) -> Job:
    """Complete a job that ended without a result if its result is on the boards.

    The disk may accept a journal line but refuse the boards and the release: the job is "failed",
    and the row appears when there is space again. The journal wins. Any other job is not changed.
    Raises StoreError, JobError.
    """
    with files.locked(job.job_id):
        current = files.fresh(job.job_id)
        if not current.done or current.state == "completed":
            return current
        if not job_has_result(store.read(), job):
            return current
        corrected = completed(current)
        files.correct_locked(corrected)
        return corrected


def fail_refused(files: JobFiles, store: Store, job: Job) -> Job:
    """End a job as failed if its result or name was refused when journals were joined.

    Another machine was first: the boards contradict this job's record, even if it had completed.
    Any other job is not changed. Raises StoreError, JobError.
    """
    with files.locked(job.job_id):
        current = files.fresh(job.job_id)
        reason = why_refused(store, current)
        if not reason or (current.done and current.state != "completed"):
            return current
        failed = msgspec.structs.replace(
            ended(current, "failed", reason),
            ended=current.ended or now(),
            steps=tuple(map(_undone, current.steps)),
        )
        files.correct_locked(failed)
        files.log(job.job_id, f"Failed: {reason}")
        return failed


def why_refused(store: Store, job: Job) -> str:
    """Why another machine's change came before the job's; "" if none did."""
    state = store.read()
    if job.kind == "judge":
        if judging.landed(state, job.submission_id, job.job_id):
            return ""
        line = store.line(judging.result_id(job.job_id), refused=True)
        return line.refused if line else ""
    submission = state.submissions.get(job.submission_id)
    if job.kind != "evaluation" or submission is None or submission.state != "released":
        return ""
    return submission.reason or "Another machine was first."


def _undone(step: Step) -> Step:
    """A step that was undone, if it is one of the last."""
    if step.name not in (PUBLISHED, NOT_PUBLISHED, STEPS[-1]):
        return step
    return msgspec.structs.replace(step, started=None, ended=None)


def release_submission(
    store: Store, submission_id: str, reason: str, *, spent: bool = False
) -> bool:
    """Release the submission's name; True if its result had already been committed.

    If the store cannot be written now, the state as read decides, and the next recovery releases
    the name.
    """
    try:
        state = store.commit(submitting.release(submission_id, reason, spent=spent))
    except RefusedError:
        return False  # there is no such submission, so nothing is reserved
    except StoreError:
        state = store.read()
    return has_result(state, submission_id)


def uses_up_try(job: Job) -> bool:
    """Whether a job that ended without a result counts as a try (core.changes.quota).

    Whoever cancels a started run may already have read its log.
    """
    return job.state == "cancelled" and job.started is not None


def release_job(store: Store, job: Job, reason: str, *, spent: bool = False) -> bool:
    """`release_submission` for any kind of job: a judge run is closed, its entry stays."""
    if job.kind != "judge":
        return release_submission(store, job.submission_id, reason, spent=spent)
    try:
        state = store.commit(judging.close_run(job.submission_id, job.job_id, reason))
    except RefusedError:
        return False  # the submission no longer exists
    except StoreError:
        state = store.read()
    return job_has_result(state, job)


def job_has_result(state: State, job: Job) -> bool:
    """Whether a job of any kind has its result."""
    if job.kind == "judge":
        return judging.landed(state, job.submission_id, job.job_id)
    return has_result(state, job.submission_id)


def has_result(state: State, submission_id: str) -> bool:
    """Whether the submission has a result, on the board or evaluate-only."""
    submission = state.submissions.get(submission_id)
    return submission is not None and submission.state in ("published", "evaluated")


def ended(job: Job, state: Unfinished, reason: str) -> Job:
    """The job as ended without a result; its current step has no end."""
    return msgspec.structs.replace(job, state=state, ended=now(), error=reason)


def completed(job: Job) -> Job:
    """The job as completed; steps left open by a crash end now."""
    time = now()
    steps = tuple(
        msgspec.structs.replace(step, started=step.started or time, ended=step.ended or time)
        for step in job.steps
    )
    return msgspec.structs.replace(
        job, state="completed", ended=time, progress=1.0, steps=steps, error=None
    )
