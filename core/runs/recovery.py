"""Recovery after crashes, restarts and full disks: corrects records and releases names.

Any server on the data folder may run it at any time; running jobs are not affected.
"""

import logging
from datetime import UTC, datetime, timedelta

from core.changes import judging
from core.changes.quota import moment
from core.errors import MedVidBenchError
from core.model.entries import Job, Submission
from core.runs.end import (
    KEPT,
    complete_landed,
    end_unfinished,
    fail_refused,
    job_has_result,
    release_job,
    release_submission,
    uses_up_try,
    why_refused,
)
from core.runs.launcher import Launcher
from core.runs.records import JobFiles
from core.store.store import Store

LOG = logging.getLogger(__name__)
# A submission whose job was never created (its page died in between) is given up after this.
ORPHAN_AFTER = timedelta(minutes=10)
# One received by another machine on the same mirror is left to that machine for this long.
FOREIGN_AFTER = timedelta(hours=24)


class Recovery:
    """Recovery of the jobs of one data folder; remembers what need not be read again."""

    def __init__(self, files: JobFiles, store: Store, launcher: Launcher) -> None:
        self._files = files
        self._store = store
        self._launcher = launcher
        self._active: tuple[str, tuple[Submission, ...]] = ("", ())
        self._ours: dict[str, bool] = {}
        self._contradicted: tuple[str, frozenset[str]] = ("", frozenset())
        self._asked: dict[str, str] = {}

    def run(self) -> None:
        """Reconcile records and boards with running processes. Cheap when all is well.

        Running jobs without a process become interrupted, or completed if they have a result; live
        ones are not affected, whoever started them. Names reserved by ended jobs are released; a
        failed job whose row is in the journal becomes completed. A job that lost to another machine
        when their journals were joined becomes failed.
        """
        jobs = self._files.all()
        for job in jobs:
            if job.state == "running" and not self._launcher.alive(job):
                self._end_gone(job)
        self._release_orphaned({j.submission_id: j for j in jobs if j.kind == "evaluation"})
        self._close_orphaned({job.job_id: job for job in jobs if job.kind == "judge"})
        self._complete_with_results()
        self._fail_refused(jobs)

    def _end_gone(self, job: Job) -> None:
        why = self._launcher.why_gone(job)
        self._launcher.stop(job)  # left behind by a killed process
        try:
            ended = end_unfinished(
                self._files,
                self._store,
                job,
                "cancelled" if job.cancel_requested else "interrupted",
                f"{why} {KEPT[job.kind]}",
            )
        except MedVidBenchError as error:
            LOG.error("job %s could not be ended, will retry: %s", job.job_id, error)
        else:
            LOG.info("job %s: its process has ended, now %s", job.job_id, ended.state)

    def _release_orphaned(self, jobs: dict[str, Job]) -> None:
        """Release names without a job: it ended on a full disk, or was never queued."""
        for submission in self._active_submissions():
            if submission.state != "open":
                continue
            job = jobs.get(submission.submission_id)
            wanted = submission.submission_id
            if job is None and self._is_orphaned(f"submit-{wanted}", submission.created):
                release_submission(
                    self._store, submission.submission_id, "No evaluation was started."
                )
            elif job is not None and job.done and job.state != "completed":
                self._release_ended(job)

    def _close_orphaned(self, jobs: dict[str, Job]) -> None:
        """Close judge runs without a job: it ended on a full disk, or was never created."""
        for submission in self._active_submissions():
            lease = submission.judging
            if lease is None:
                continue
            job = jobs.get(lease.run_id)
            if job is not None and job.done and job.state != "completed":
                self._release_ended(job)
            elif job is None and self._is_orphaned(judging.open_id(lease.run_id), lease.opened):
                self._store.commit(
                    judging.close_run(
                        submission.submission_id, lease.run_id, "No judge run was started."
                    )
                )

    def _complete_with_results(self) -> None:
        """Complete failed jobs whose row has appeared since."""
        unfinished = [
            job
            for job in self._files.all()
            if job.done and job.state != "completed" and job.kind != "rescore"
        ]
        if not unfinished:
            return
        state = self._store.read()
        for job in unfinished:
            if job_has_result(state, job):
                current = complete_landed(self._files, self._store, job)
                LOG.info("job %s: its result is on the boards, now %s", job.job_id, current.state)

    def _fail_refused(self, jobs: list[Job]) -> None:
        """End jobs that lost their name or judge run to another machine."""
        revision = self._store.revision()
        if revision != self._contradicted[0]:
            found = self._store.read().submissions.values()
            released = frozenset(s.submission_id for s in found if s.state == "released")
            self._contradicted = (revision, released)
        for job in jobs:
            if not self._may_be_refused(job, revision) or not why_refused(self._store, job):
                continue
            if not job.done:
                self._launcher.stop(job)
            if fail_refused(self._files, self._store, job).state == "failed":
                LOG.info("job %s: another machine was first, now failed", job.job_id)

    def _may_be_refused(self, job: Job, revision: str) -> bool:
        if job.done and job.state != "completed":
            return False
        if job.kind == "evaluation":
            return job.submission_id in self._contradicted[1]
        if job.kind != "judge" or not job.done or self._asked.get(job.job_id) == revision:
            return False
        self._asked[job.job_id] = revision
        return True

    def _is_orphaned(self, change_id: str, since: str) -> bool:
        """Whether a change at `since` has waited long enough for its job."""
        now_utc = datetime.now(UTC)
        # A time further in the future is from a wrong clock and counts as old.
        waited = abs(now_utc - moment(since))
        if waited <= ORPHAN_AFTER:
            return False
        if change_id not in self._ours:
            self._ours[change_id] = self._store.wrote(change_id)
        return self._ours[change_id] or waited > FOREIGN_AFTER

    def _active_submissions(self) -> tuple[Submission, ...]:
        """Submissions that reserve a name or are being judged; read again only after changes."""
        revision = self._store.revision()
        if revision != self._active[0]:
            found = self._store.read().submissions.values()
            active = tuple(s for s in found if s.state == "open" or s.judging is not None)
            self._active = (revision, active)
        return self._active[1]

    def _release_ended(self, job: Job) -> None:
        """Release under the job's lock, since a new attempt may be starting."""
        with self._files.locked(job.job_id):
            if self._files.fresh(job.job_id).done:
                reason = job.error or "The job ended."
                release_job(self._store, job, reason, spent=uses_up_try(job))
