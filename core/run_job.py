"""The process of one job: `python -m core.run_job JOB_ID`, settings from the environment.

Checks the upload, evaluates it, checks the metrics, publishes them itself and
ends its record, so that neither a page nor a server has to be there. Imports
neither pandas nor Streamlit: many of these start.
"""

import contextlib
import hashlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from core import (
    atomic,
    duplicates,
    evaluator,
    ladder_files,
    metric_log,
    operations,
    outcome,
    upload_check,
)
from core.entries import Job, Step, Submission
from core.errors import JobError, MedVidBenchError, RefusedError, StoreError
from core.job_end import NOT_PUBLISHED, PUBLISHED, Unfinished, completed, settle
from core.job_files import JobFiles, result_files
from core.jobs import open_store
from core.launcher import JOB_MARKER
from core.operations import now
from core.processes import this_process
from core.settings import Settings, load

CHECK_TIMEOUT_S = 120.0
CHECK_MEMORY_BYTES = 2 << 30
_HEARTBEAT_S = 1.0
_PIECE = 1 << 20
# The share of the whole that is done when a step begins; the evaluation fills its own.
_BEGINS = {"file checked": 0.01, "evaluation": 0.05, "metrics checked": 0.95, "done": 0.99}


class SupersededError(Exception):
    """The record is no longer this process's: it was ended, or begun again elsewhere."""


class StoppedError(Exception):
    """The process was asked to end."""


class Runner:
    """One attempt of one job, from claiming its record to ending it."""

    def __init__(self, settings: Settings, job_id: str) -> None:
        self._settings = settings
        self._files = JobFiles(settings.root)
        self._store = open_store(settings)
        self._me = this_process()
        self._stop = False
        self._written = 0.0
        self._job = self._files.change(job_id, self._claim)
        files = result_files(settings.root, self._job.submission_id)
        self._results = files.rescored if self._job.kind == "rescore" else files

    def ask_to_stop(self, *_signal: object) -> None:
        """A signal handler: the work ends at the next safe moment, never within a commit."""
        self._stop = True

    def run(self) -> int:
        """Do the job; 0 when its record ended as completed."""
        if not self._mine(self._job):
            return 0  # another process has it, or it was cancelled in the queue
        try:
            self._work()
            self._job = self._files.change(self._job.job_id, completed)
            return 0
        except SupersededError:
            return 1
        except StoppedError:
            return self._end_stopped()
        except RefusedError as error:
            return self._end("failed", str(error))
        except StoreError as error:
            return self._end("failed", _disk(error.__cause__))
        except OSError as error:
            return self._end("failed", _disk(error))
        except MedVidBenchError as error:
            return self._end("failed", str(error))
        except Exception as error:
            # For the operator: this file is not shown, so it may hold anything.
            traceback.print_exc()
            return self._end(
                "failed",
                f"The job's program failed ({type(error).__name__}). The details are kept for the "
                "operator in the job's folder. Run it again.",
            )

    def _work(self) -> None:
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
        if self._job.kind != "rescore":
            self._publish(submission, found)
        with self._step("done"):
            self._say("Done.")

    def _submission(self) -> Submission:
        found = self._store.read().submissions.get(self._job.submission_id)
        if found is None:
            raise JobError("The submission is not known here. Submit the file again.")
        return found

    def _check_upload(self, submission: Submission) -> None:
        report = upload_check.check(
            self._results.upload,
            questions=self._settings.questions_path,
            timeout_s=CHECK_TIMEOUT_S,
            memory_bytes=CHECK_MEMORY_BYTES,
        )
        self._say(report.verdict)
        if not report.ready:
            first = report.problems[0].text if report.problems else "Check the file."
            raise JobError(f"The file {report.verdict}. {first}")
        if report.sha256 != submission.predictions_sha256:
            raise JobError("The kept file is not the one that was submitted. Submit it again.")

    def _evaluate(self) -> None:
        if not self._settings.truth_path.is_file():
            raise JobError(
                "The ground truth is not there, so nothing can be evaluated. The operator must "
                "set MEDVIDBENCH_GROUND_TRUTH; then run this again."
            )
        limit = self._settings.evaluation_timeout_s
        ended = evaluator.run(
            evaluator.command(self._settings, self._results),
            evaluator.environment((JOB_MARKER, self._job.job_id)),
            self._results,
            timeout_s=limit,
            tick=self._follow,
        )
        if ended.status != 0 or ended.timed_out:
            raise JobError(evaluator.reason(ended, self._results, limit))

    def _follow(self, lines: Sequence[str]) -> None:
        if lines:
            self._files.log(self._job.job_id, *lines)
        told = evaluator.progress_of(lines)
        begin, end = _BEGINS["evaluation"], _BEGINS["metrics checked"]
        share = self._job.progress if told is None else begin + told * (end - begin)
        self._beat(max(self._job.progress, share))

    def _check_metrics(self) -> outcome.Outcome:
        found = outcome.read(self._results.evaluation.read_bytes())
        log = metric_log.parse(self._results.log.read_text(encoding="utf-8", errors="replace"))
        outcome.check(
            found,
            log,
            truth_sha256=_sha256(self._settings.truth_path),
            predictions_sha256=_sha256(self._results.upload),
        )
        return found

    def _publish(self, submission: Submission, found: outcome.Outcome) -> None:
        """One commit; when it had landed in an earlier attempt it changes nothing."""
        with self._step(NOT_PUBLISHED if submission.evaluate_only else PUBLISHED):
            if submission.evaluate_only:
                state = self._store.read()
                if state.policy.ladder:
                    ladder_files.hold(self._settings.root, state, submission, found)
                self._store.commit(operations.evaluated(submission.submission_id))
                self._say("Evaluate only: not published.")
            else:
                row = outcome.entry(submission, found, now()[:10])
                self._store.commit(operations.add(submission.submission_id, row))
                self._say("Published.")
            self._tell_same_file(submission.submission_id)

    def _tell_same_file(self, submission_id: str) -> None:
        """For the admin; the result stands whether or not this can be told now."""
        try:
            duplicates.tell(self._store, submission_id)
        except MedVidBenchError:
            traceback.print_exc()

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._say_on_record(lambda job: _timed(job, name, started=now()), _BEGINS.get(name, 0.97))
        yield
        self._say_on_record(lambda job: _timed(job, name, ended=now()), self._job.progress)

    def _beat(self, progress: float) -> None:
        """Tell that the process lives, at most once a second."""
        self._raise_if_stopped()
        if time.monotonic() - self._written >= _HEARTBEAT_S:
            self._say_on_record(lambda job: job, progress)

    def _say_on_record(self, how: Callable[[Job], Job], progress: float) -> None:
        self._raise_if_stopped()

        def change(job: Job) -> Job:
            if not self._mine(job):
                return job
            return msgspec.structs.replace(how(job), heartbeat=now(), progress=round(progress, 3))

        self._job = self._files.change(self._job.job_id, change)
        self._written = time.monotonic()
        if not self._mine(self._job):
            raise SupersededError

    def _raise_if_stopped(self) -> None:
        if self._stop:
            raise StoppedError

    def _claim(self, job: Job) -> Job:
        """Take a queued job; one that the starting server recorded for this process is taken."""
        if job.state != "queued" or job.cancel_requested:
            return job
        return msgspec.structs.replace(
            job, state="running", started=now(), pid=self._me.pid, pid_started=self._me.started
        )

    def _mine(self, job: Job) -> bool:
        return (
            job.state == "running" and job.pid == self._me.pid and job.attempt == self._job.attempt
        )

    def _end_stopped(self) -> int:
        if self._files.fresh(self._job.job_id).cancel_requested:
            return self._end("cancelled", "Cancelled.")
        return self._end(
            "interrupted",
            "The machine asked the job to stop. Nothing was published; the upload is kept, run it "
            "again.",
        )

    def _end(self, state: Unfinished, reason: str) -> int:
        job = settle(self._files, self._store, self._job, state, reason)
        with contextlib.suppress(OSError):  # the record says it; a full disk may refuse the log
            self._say(f"{job.state.capitalize()}: {job.error or 'the result was published.'}")
        return 0 if job.state == "completed" else 1

    def _say(self, line: str) -> None:
        self._files.log(self._job.job_id, line)


def _timed(job: Job, name: str, *, started: str | None = None, ended: str | None = None) -> Job:
    def timed(step: Step) -> Step:
        if step.name != name:
            return step
        return msgspec.structs.replace(
            step, started=started or step.started, ended=ended or step.ended
        )

    return msgspec.structs.replace(job, steps=tuple(map(timed, job.steps)))


def _disk(error: BaseException | None) -> str:
    """One sentence without the server's paths."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else "see its log"
    return (
        f"The server could not write to its disk ({why}). Nothing was published; the upload is "
        "kept, run it again when the operator has made room."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Run the job named on the command line; 0 when it completed."""
    os.umask(0o077)
    try:
        (job_id,) = arguments
        runner = Runner(load(), job_id)
        signal.signal(signal.SIGTERM, runner.ask_to_stop)
        return runner.run()
    except ValueError:
        print("Usage: python -m core.run_job JOB_ID", file=sys.stderr)  # noqa: T201
    except MedVidBenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
