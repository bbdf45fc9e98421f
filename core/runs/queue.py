"""Jobs for pages and the server: queue, start, watch, cancel, run again.

A job is a process (`python -m core.runs`) with a record on disk. Any server on the same data
folder can queue, start, stop and recover the same jobs.
"""

import logging
from collections.abc import Callable, Sequence

import msgspec
from filelock import FileLock, Timeout

from core.changes import judging, submitting
from core.changes.act import PARTICIPANT, SYSTEM, Change
from core.errors import JobError, MedVidBenchError
from core.files import atomic
from core.files.ids import new_id
from core.files.locks import held, stale_advice
from core.model.entries import Job, JobKind, Step, Submission
from core.model.state import State, now
from core.runs.end import (
    completed,
    end_unfinished,
    judge_steps,
    new_steps,
    release_job,
    rescore_steps,
    uses_up_try,
)
from core.runs.launcher import Launcher
from core.runs.records import JobFiles, ResultFiles, result_files
from core.runs.recovery import Recovery
from core.settings import Settings
from core.store.store import Store

LOG = logging.getLogger(__name__)
QUEUE_LOCK_TIMEOUT_S = 1.0  # its holder starts jobs


class Jobs:
    """All jobs of one data folder. Cheap to create; keeps only a cache of unchanged files."""

    def __init__(self, settings: Settings, store: Store, launcher: Launcher) -> None:
        self._settings = settings
        self._files = JobFiles(settings.root)
        self._store = store
        self._launcher = launcher
        self._recovery = Recovery(self._files, self._store, self._launcher)
        self._limits: dict[tuple[JobKind, ...], int] = {
            ("evaluation", "rescore"): settings.max_running,
            ("judge",): settings.judge_max_running,
        }

    def enqueue(self, kind: JobKind, submission_id: str, actor: str = SYSTEM) -> Job:
        """Queue a job for a submission in the store; any server may start it.

        A judge run is opened in the store first, which refuses one of two simultaneous starts
        (RefusedError). Raises JobError for an unknown submission, StoreError when the disk refuses.
        """
        submission = self._submission(submission_id)
        job = Job(
            job_id=new_id(),
            kind=kind,
            submission_id=submission_id,
            state="queued",
            created=now(),
            steps=_steps(kind, submission, submission.created),
        )
        if kind == "judge":
            self._store.commit(judging.open_run(submission_id, job.job_id, actor))
        try:
            self._files.create(job)
        except MedVidBenchError:
            if kind == "judge":
                release_job(self._store, job, "It could not be queued.")
            raise
        self._write_task(job)
        return job

    def get(self, job_id: str) -> Job | None:
        """The job, None when there is none. Raises JobError when the id is malformed."""
        return self._files.read(job_id)

    def list(self) -> list[Job]:
        """Every job, oldest first."""
        return self._files.all()

    def results(self, job: Job) -> ResultFiles:
        """The paths of the job's upload and results."""
        return result_files(self._settings.root, job.submission_id)

    def queue_place(self, job_id: str) -> int:
        """1 for the next job of its kind to start; 0 for one that is not waiting."""
        queued = self._waiting()
        kind = next((job.kind for job in queued if job.job_id == job_id), None)
        waiting = [job.job_id for job in queued if job.kind == kind]
        return waiting.index(job_id) + 1 if job_id in waiting else 0

    def log_tail(self, job_id: str, lines: int = 30) -> str:
        """The last lines of the participant's log; empty before the job runs."""
        return self._files.log_tail(job_id, lines)

    def cancel(self, job_id: str) -> Job:
        """End a waiting or running job and release its name. An ended job is not changed.

        Returns when all its processes have ended.
        """
        job = self._files.change(
            job_id, lambda found: msgspec.structs.replace(found, cancel_requested=True)
        )
        if job.state == "running":
            self._launcher.stop(job)
        return end_unfinished(self._files, self._store, job, "cancelled", "Cancelled.")

    def rerun(
        self,
        job_id: str,
        guard: Callable[[State], None] | None = None,
        *,
        actor: str = PARTICIPANT,
    ) -> Job:
        """Queue a new attempt of a job that ended without a result, from the kept upload.

        `guard` may refuse, as in Store.commit.
        Raises JobError when it may not run again, RefusedError when its name was taken.
        """
        with self._files.locked(job_id):
            job = self._files.fresh(job_id)
            if not job.done:
                raise JobError(f"The job is {job.state}. Wait until it has ended.")
            if job.kind == "rescore":
                raise JobError("Start a new re-scoring of this entry instead.")
            if job.state == "completed":
                raise JobError("The job is completed. Submit a new file to be evaluated again.")
            if not self.results(job).upload.is_file():
                raise JobError("The uploaded file is no longer kept. Submit it again.")
            # An attempt that ended on a full disk may still reserve the name: release it first.
            if release_job(self._store, job, "Run again.", spent=uses_up_try(job)):
                self._files.correct_locked(completed(job))
                raise JobError("The job's result is on the boards: it is completed.")
            self._store.commit(_reopened(job, actor), guard)
            submission = self._submission(job.submission_id)
            again = Job(
                job_id=job.job_id,
                kind=job.kind,
                submission_id=job.submission_id,
                state="queued",
                created=now(),
                attempt=job.attempt + 1,
                steps=_steps(job.kind, submission, now()),
                judged=job.judged,
                calls=job.calls,
                cost_usd=job.cost_usd,
            )
            self._files.reopen_locked(again)
            self._write_task(again)
            return again

    def start_waiting(self) -> None:
        """Start waiting jobs in order, up to the limit.

        Several servers may call this at once: one starts jobs, the others return. Raises JobError
        or StoreError when a job could not be started; it keeps its place.
        """
        if not self._waiting():
            return
        lock = FileLock(self._files.folder / "queue.lock", timeout=QUEUE_LOCK_TIMEOUT_S)
        try:
            atomic.make_folder(self._files.folder)
            with held(lock):
                for kinds, most in self._limits.items():
                    of_kind = [job for job in self.list() if job.kind in kinds]
                    running = [job for job in of_kind if job.state == "running"]
                    free = most - sum(map(self._launcher.alive, running))
                    for job in [j for j in of_kind if j.state == "queued"][: max(0, free)]:
                        self._start(job)
        except Timeout:
            advice = stale_advice(lock)
            level = logging.WARNING if advice else logging.INFO
            LOG.log(level, "another server is starting jobs right now. %s", advice)

    def recover(self) -> None:
        """Reconcile records and boards with running processes. Cheap when all is well."""
        self._recovery.run()

    def _waiting(self) -> Sequence[Job]:
        return [job for job in self.list() if job.state == "queued"]

    def _submission(self, submission_id: str) -> Submission:
        found = self._store.read().submissions.get(submission_id)
        if found is None:
            raise JobError(f"There is no submission {submission_id}. Submit the file again.")
        return found

    def _write_task(self, job: Job) -> None:
        """Write the task for workers that have only the repo."""
        if job.kind == "evaluation" and self._settings.scheduler and self._settings.mirrored:
            self._files.write_task(job)

    def _start(self, waiting: Job) -> None:
        """Start one job and record its process, unless it was cancelled meanwhile.

        If a server dies in between, its process claims the job by itself.
        """

        def started(job: Job) -> Job:
            if job.state != "queued" or job.cancel_requested:
                return job
            placed = self._launcher.start(job)
            return msgspec.structs.replace(placed, state="running", started=now())

        job = self._files.change(waiting.job_id, started)
        LOG.info("job %s: %s, attempt %d", job.job_id, job.state, job.attempt)


def _steps(kind: JobKind, submission: Submission, since: str) -> tuple[Step, ...]:
    if kind == "judge":
        return judge_steps(now())
    if kind == "rescore":
        return rescore_steps()
    return new_steps(since, evaluate_only=submission.evaluate_only)


def _reopened(job: Job, actor: str) -> Change:
    """The change that starts another attempt; the store may refuse it."""
    if job.kind == "judge":
        return judging.open_run(job.submission_id, job.job_id, actor, first=False)
    return submitting.reopen(job.submission_id, actor)
