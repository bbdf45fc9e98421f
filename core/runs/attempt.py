"""One attempt of a job as a process: claims its record, reports progress, ends it once.

Shared by all kinds of jobs; `work` of their classes does the work (core.runs.evaluation,
core.runs.judging). Imports neither pandas nor Streamlit, since these processes start often.
"""

import contextlib
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import msgspec

from core.errors import JobError, MedVidBenchError, RefusedError, StoreError
from core.model.entries import Job, Step, Submission
from core.model.state import now
from core.runs.end import KEPT, Unfinished, completed, end_own
from core.runs.launcher import task_of
from core.runs.processes import this_process
from core.runs.records import JobFiles, result_files
from core.settings import Settings
from core.store.store import Store

_HEARTBEAT_S = 1.0


class SupersededError(Exception):
    """This process no longer owns the record: it was ended, or restarted elsewhere."""


class StoppedError(Exception):
    """The process was asked to end."""


class EndedError(Exception):
    """The work ended without a result that can be published."""

    def __init__(self, state: Unfinished, reason: str) -> None:
        super().__init__(reason)
        self.state: Unfinished = state


class JobProcess(ABC):
    """One attempt of one job, from claiming its record to ending it."""

    # The share of work done when a step starts, by step name.
    begins: ClassVar[Mapping[str, float]] = {}

    def __init__(
        self, settings: Settings, store: Store, job_id: str, task: str | None = None
    ) -> None:
        """`task`: the cluster's task; None for a process that a server started here."""
        self._settings = settings
        self._files = JobFiles(settings.root)
        self._store = store
        self._me = this_process()
        self._task = task
        self._stop = False
        self._written = 0.0
        self._job = self._files.change(job_id, self._claim)
        self._results = result_files(settings.root, self._job.submission_id)

    def ask_to_stop(self, *_signal: object) -> None:
        """A signal handler: the work ends at the next safe moment, never during a commit."""
        self._stop = True

    def run(self) -> int:
        """Run the job; returns 0 if its record ended as completed."""
        if not self._mine(self._job):
            return 0  # another process owns it, or it was cancelled in the queue
        try:
            self.work()
            self._job = self._files.change(self._job.job_id, completed)
            return 0
        except SupersededError:
            return 1
        except StoppedError:
            return self._end_stopped()
        except EndedError as error:
            return self._end(error.state, str(error))
        except RefusedError as error:
            return self._end("failed", str(error))
        except StoreError as error:
            return self._end("failed", self._disk(error.__cause__))
        except OSError as error:
            return self._end("failed", self._disk(error))
        except MedVidBenchError as error:
            return self._end("failed", str(error))
        except Exception as error:
            # For the operator: this file is not shown, so it may contain anything.
            traceback.print_exc()
            return self._end(
                "failed",
                f"The job's program failed ({type(error).__name__}). The details are kept for the "
                "operator in the job's folder. Run it again.",
            )

    @abstractmethod
    def work(self) -> None:
        """Do the work; raises on any other end."""

    def _submission(self) -> Submission:
        found = self._store.read().submissions.get(self._job.submission_id)
        if found is None:
            raise JobError("The submission is unknown here. Submit the file again.")
        return found

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._say_on_record(
            lambda job: _timed(job, name, started=now()), self.begins.get(name, 0.97)
        )
        yield
        self._say_on_record(lambda job: _timed(job, name, ended=now()), self._job.progress)

    def _beat(self, progress: float) -> None:
        """Send a heartbeat, at most once a second."""
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
        if self._job.cancel_requested:
            raise StoppedError

    def _raise_if_stopped(self) -> None:
        if self._stop:
            raise StoppedError

    def _claim(self, job: Job) -> Job:
        """Claim a queued job, or one that the starting server recorded for this process.

        A cluster runs a task again when its worker is lost: the newest process takes over the
        record, and an older one that is still alive finds that it no longer owns it.
        """
        waits = job.state == "queued" and self._task in (None, task_of(job))
        again = job.state == "running" and self._task is not None and job.task == self._task
        if job.cancel_requested or not (waits or again):
            return job
        return msgspec.structs.replace(
            job,
            state="running",
            started=now(),
            task=self._task,
            process=self._me,
        )

    def _mine(self, job: Job) -> bool:
        return (
            job.state == "running" and job.process == self._me and job.attempt == self._job.attempt
        )

    def _end_stopped(self) -> int:
        if self._files.fresh(self._job.job_id).cancel_requested:
            return self._end("cancelled", "Cancelled.")
        return self._end(
            "interrupted",
            f"The machine asked the job to stop. {KEPT[self._job.kind]}",
        )

    def _end(self, state: Unfinished, reason: str) -> int:
        job = end_own(self._files, self._store, self._own(), state, reason)
        if not job.done:
            return 1  # another process owns it, and removed the files that failed here
        with contextlib.suppress(OSError):  # the record has it; a full disk may refuse the log
            self._say(f"{job.state.capitalize()}: {job.error or 'the result was published.'}")
        return 0 if job.state == "completed" else 1

    def _own(self) -> Job:
        """The job as claimed by this process, even if another process owns it now."""
        return msgspec.structs.replace(self._job, process=self._me)

    def _say(self, line: str) -> None:
        self._files.log(self._job.job_id, line)

    def _disk(self, error: BaseException | None) -> str:
        """One sentence without the server's paths."""
        why = error.strerror if isinstance(error, OSError) and error.strerror else "see its log"
        return (
            f"The server could not write to its disk ({why}). {KEPT[self._job.kind]} The operator "
            "must free some space first."
        )


def _timed(job: Job, name: str, *, started: str | None = None, ended: str | None = None) -> Job:
    def timed(step: Step) -> Step:
        if step.name != name:
            return step
        return msgspec.structs.replace(
            step, started=started or step.started, ended=ended or step.ended
        )

    return msgspec.structs.replace(job, steps=tuple(map(timed, job.steps)))
