"""The process of an evaluation: checks the upload, evaluates it, checks the metrics, publishes.

It publishes its result and ends its record itself, so that it needs neither a page nor a server.
"""

import traceback
from collections.abc import Sequence
from typing import ClassVar

from core import metric_log
from core.changes import submitting
from core.errors import JobError, MedVidBenchError
from core.files import atomic
from core.files.hashes import sha256
from core.model.contracts.evaluation import Results
from core.model.entries import Submission
from core.model.state import now
from core.runs import child
from core.runs.attempt import EndedError, JobProcess
from core.runs.end import KEPT, NOT_PUBLISHED, PUBLISHED
from core.runs.evaluation import command, outcome
from core.runs.launcher import JOB_MARKER
from core.runs.uploads import check as upload_check
from core.runs.uploads import duplicates

CHECK_TIMEOUT_S = 120.0
CHECK_CPU_S = (
    60  # more than on the page, so that a slow machine does not refuse what the page accepted
)
CHECK_MEMORY_BYTES = 2 << 30


class Evaluation(JobProcess):
    """One attempt of an evaluation; the evaluator's progress is scaled to the share of its step."""

    begins: ClassVar[dict[str, float]] = {
        "file checked": 0.01,
        "evaluation": 0.05,
        "metrics checked": 0.95,
        "done": 0.99,
    }

    def work(self) -> None:
        """Check, evaluate, check, publish."""
        submission = self._submission()
        atomic.make_folder(self._results.outcome_folder)
        self._results.remove_outcome()
        self._say(f"Attempt {self._job.attempt}, {self._job.started}")
        with self._step("file checked"):
            self._check_upload(submission)
        with self._step("evaluation"):
            self._evaluate()
        with self._step("metrics checked"):
            found = self._check_metrics()
        self._publish(submission, found)
        with self._step("done"):
            self._say("Done.")

    def _check_upload(self, submission: Submission) -> None:
        upload_check.remove_left(self._results.folder)
        report = upload_check.check(
            self._results.upload,
            questions=self._settings.questions_path,
            timeout_s=CHECK_TIMEOUT_S,
            cpu_s=CHECK_CPU_S,
            memory_bytes=CHECK_MEMORY_BYTES,
        )
        self._say(report.verdict)
        if not report.ready:
            first = report.problems[0].text if report.problems else "Check the file."
            if not report.checked:
                raise EndedError("interrupted", f"{first} {KEPT[self._job.kind]}")
            raise JobError(f"The file {report.verdict}. {first}")
        if report.sha256 != submission.upload_sha256:
            raise JobError("The kept file is not the one that was submitted. Submit it again.")

    def _evaluate(self) -> None:
        if not self._settings.truth_path.is_file():
            raise JobError(
                "The ground truth is missing, so nothing can be evaluated. The operator must "
                "set MEDVIDBENCH_GROUND_TRUTH; then run this again."
            )
        limit = self._settings.evaluation_timeout_s
        environment = child.environment(PYTHONUNBUFFERED="1", **{JOB_MARKER: self._job.job_id})
        ended = child.run(
            child.Command(
                command.arguments(self._settings, self._results),
                self._results.folder,
                environment,
            ),
            self._results.log,
            self._results.errors,
            child.Limits(limit, command.MEMORY_BYTES),
            self._follow,
        )
        if ended.status != 0 or ended.timed_out:
            why = command.reason(ended, self._results, limit)
            if ended.by_machine:
                raise EndedError("interrupted", f"{why} {KEPT[self._job.kind]}")
            raise JobError(why)

    def _follow(self, lines: Sequence[str]) -> None:
        if lines:
            self._files.log(self._job.job_id, *lines)
        progress = command.progress_of(lines)
        begin, end = self.begins["evaluation"], self.begins["metrics checked"]
        share = self._job.progress if progress is None else begin + progress * (end - begin)
        self._beat(max(self._job.progress, share))

    def _check_metrics(self) -> Results:
        found = outcome.read(self._results.evaluation.read_bytes())
        log = metric_log.parse(self._results.log.read_text(encoding="utf-8", errors="replace"))
        outcome.check(
            found,
            log,
            truth_sha256=sha256(self._settings.truth_path),
            predictions_sha256=sha256(self._results.upload),
        )
        return found

    def _publish(self, submission: Submission, found: Results) -> None:
        """One commit; it has no effect if an earlier attempt made it."""
        with self._step(NOT_PUBLISHED if submission.evaluate_only else PUBLISHED):
            if submission.evaluate_only:
                self._store.commit(submitting.evaluated(submission.submission_id))
                self._results.upload.unlink(missing_ok=True)  # not needed without an entry
                self._say("Evaluate only: not published, and the file is not kept.")
            else:
                row = outcome.entry(submission, found, now()[:10])
                self._store.commit(submitting.add(submission.submission_id, row))
                self._say("Published.")
            self._report_duplicates(submission.submission_id)

    def _report_duplicates(self, submission_id: str) -> None:
        """For the admin; a failure to report does not affect the result."""
        try:
            duplicates.report_same_answers(self._store, submission_id)
        except MedVidBenchError:
            traceback.print_exc()
