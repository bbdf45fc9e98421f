"""The process of a judge run: gets missing scores, checks them, publishes them together.

Resuming means running again: the judge keeps every score in the data folder and requests only
missing ones.
"""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec

from core.changes import judging
from core.errors import JobError
from core.files import atomic
from core.files.hashes import sha256
from core.model.contracts.judge import INCOMPLETE, JudgeProgress, JudgeResult
from core.model.entries import Entry, Job, JudgeLease, Submission
from core.runs import child
from core.runs.attempt import EndedError, JobProcess
from core.runs.end import KEPT, PUBLISHED
from core.runs.judging import command, outcome
from core.runs.judging.command import JudgeFiles
from core.runs.judging.ready import problem as ready_problem
from core.runs.launcher import JOB_MARKER
from core.runs.uploads.packing import content_hash
from core.settings import Settings
from core.store.store import Store

TIME_LIMIT_S = 12 * 3600.0  # shorter than the lease, so that no other run starts meanwhile
# The lease starts when the run is queued: a run that waited longer than this could outlive it.
RENEW_AFTER = judging.LEASE - timedelta(seconds=TIME_LIMIT_S) - timedelta(hours=1)
_MB = 1 << 20


class JudgeRun(JobProcess):
    """One attempt of a judge run."""

    begins: ClassVar[dict[str, float]] = {
        "inputs checked": 0.0,
        "captions judged": 0.01,
        "scores checked": 0.97,
        "done": 0.99,
    }

    def __init__(self, settings: Settings, store: Store, job_id: str) -> None:
        super().__init__(settings, store, job_id)
        self._judge = JudgeFiles(self._results.folder)
        self._revision = ""
        self._lease: JudgeLease | None = None

    def work(self) -> None:
        """Check, judge, check, publish."""
        for stale in (self._judge.result, self._judge.log, self._judge.errors):
            stale.unlink(missing_ok=True)  # so that nobody takes it for this attempt's
        self._say(f"Attempt {self._job.attempt}, {self._job.started}")
        with self._step("inputs checked"):
            submission = self._submission()
            self._check_inputs(submission)
        with self._step("captions judged"):
            self._ask()
        with self._step("scores checked"):
            found = self._check_scores()
        with self._step(PUBLISHED):
            self._publish(submission, found)
            self._say(judging.HELD if found.flagged else "Published.")
        with self._step("done"):
            self._say("Done.")

    def _check_inputs(self, submission: Submission) -> None:
        entry = self._entry()
        self._renew()
        problem = ready_problem(self._settings, self._judge, entry)
        if problem:
            raise JobError(problem)
        most = self._settings.max_upload_mb * _MB
        if content_hash(self._judge.upload.read_bytes(), most) != submission.upload_sha256:
            raise JobError("The kept file is not the one that was submitted. Submit it again.")

    def _entry(self) -> Entry:
        """The entry, as long as this run is the open one."""
        self._revision = self._store.revision()
        state = self._store.read()
        submission = state.submissions.get(self._job.submission_id)
        found = state.by_upload(self._job.submission_id)
        if submission is None or found is None:
            raise JobError("The model is no longer on a board with this upload.")
        lease = submission.judging
        if lease is None or lease.run_id != self._job.job_id:
            raise JobError(
                "Another judge run of this model has started elsewhere; this one stopped."
            )
        self._lease = lease
        return found[1]

    def _renew(self) -> None:
        """Renew the lease if the run waited long in the queue."""
        lease = self._lease
        if lease and abs(datetime.now(UTC) - datetime.fromisoformat(lease.opened)) > RENEW_AFTER:
            renewed = judging.open_run(
                self._job.submission_id, lease.run_id, lease.actor, first=False
            )
            self._store.commit(renewed)

    def _ask(self) -> None:
        atomic.make_folder(command.cache_folder(self._settings))
        # Only the maintainers may spend more than the daily budget.
        by_admin = self._lease is not None and judging.is_admin(self._lease.actor)
        flags = () if by_admin else ("--within-budget",)
        environment = {
            **command.environment(self._settings, with_key=True),
            JOB_MARKER: self._job.job_id,
        }
        arguments = command.arguments(self._settings, self._judge, *flags)
        ended = child.run(
            child.Command(arguments, self._judge.folder, environment),
            self._judge.log,
            self._judge.errors,
            child.Limits(TIME_LIMIT_S, command.MEMORY_BYTES),
            self._follow,
        )
        found = self._read() if self._judge.result.is_file() else None
        if found is not None:
            self._count(found.calls, found.cost_usd)
        if found is not None and ended.status == INCOMPLETE:
            raise EndedError("incomplete", found.state)
        if ended.status != 0 or ended.timed_out or found is None:
            if ended.by_machine:
                why = ended.blame("the judge")
                raise EndedError("interrupted", f"{why} {KEPT[self._job.kind]}")
            raise JobError(command.reason(ended, self._judge, TIME_LIMIT_S))

    def _follow(self, lines: Sequence[str]) -> None:
        if lines:
            self._files.log(self._job.job_id, *lines)
        progress = outcome.progress_of(lines)
        begin, end = self.begins["captions judged"], self.begins["scores checked"]
        if progress is not None and progress.total:
            share = begin + progress.done / progress.total * (end - begin)
            self._say_on_record(lambda job: _judged(job, progress), max(self._job.progress, share))
        else:
            self._beat(self._job.progress)
        if self._store.revision() != self._revision:
            self._entry()

    def _count(self, calls: int, cost: float) -> None:
        """Add this attempt's calls and cost to the earlier attempts'."""
        self._say_on_record(
            lambda job: msgspec.structs.replace(
                job, calls=job.calls + calls, cost_usd=round(job.cost_usd + cost, 4)
            ),
            self._job.progress,
        )

    def _read(self) -> JudgeResult:
        return outcome.read(self._judge.result.read_bytes())

    def _check_scores(self) -> JudgeResult:
        found = self._read()
        outcome.check(
            found,
            truth_sha256=sha256(self._settings.truth_path),
            predictions_sha256=sha256(self._judge.upload),
            least_share=self._settings.judge_min_share,
        )
        return found

    def _publish(self, submission: Submission, found: JudgeResult) -> None:
        """One commit; when it had landed in an earlier attempt it changes nothing."""
        self._entry()
        kept = b'{"judge": %b, "scores": [%b], "records": [%b]}\n' % (
            self._judge.result.read_bytes().strip(),
            b",\n".join(self._judge.scores.read_bytes().splitlines()),
            b",\n".join(self._judge.records.read_bytes().splitlines()),
        )
        atomic.write(self._judge.kept, gzip.compress(kept, mtime=0))
        made = outcome.judgement(
            found, self._job.job_id, calls=self._job.calls, cost_usd=self._job.cost_usd
        )
        self._store.commit(
            judging.publish(
                submission.submission_id,
                made,
                submission.predictions_sha256,
                found.ground_truth_sha256,
            )
        )


def _judged(job: Job, progress: JudgeProgress) -> Job:
    return msgspec.structs.replace(job, judged=progress)
