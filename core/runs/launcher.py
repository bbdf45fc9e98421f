"""The interface for running jobs as processes, and its local implementation.

Only a job's id is passed on: the process reads the settings and the truth itself.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from core.errors import JobError
from core.files.ids import is_id
from core.model.entries import Job, ProcessId
from core.runs.child import start_session
from core.runs.processes import booted_after, in_sight, is_alive, stop_session
from core.runs.records import JobFiles
from core.settings import REPOSITORY, Settings

JOB_MARKER = "LEADERBOARD_JOB"  # environment variable that marks a job's processes


class Launcher(Protocol):
    """Starts, watches and stops the processes of jobs."""

    def start(self, job: Job) -> Job:
        """Start the job; returns its record with the process's identity.

        Raises JobError when that is not possible now.
        """

    def alive(self, job: Job) -> bool:
        """Whether the recorded process is still running."""

    def stop(self, job: Job) -> None:
        """End the job's process and everything it started; returns when it has ended."""

    def why_gone(self, job: Job) -> str:
        """One sentence on why a process that should run is not running."""


def task_of(job: Job) -> str:
    """The task of a cluster: the job's id and the number of its attempt."""
    return f"{job.job_id}-{job.attempt}"


def job_of(task: str) -> tuple[str, int]:
    """The job's id and its attempt. Raises JobError for an invalid task."""
    job_id, _, attempt = task.rpartition("-")
    if not is_id(job_id) or not attempt.isdecimal():
        raise JobError("This is not a task of a job. Only the leaderboard's server creates them.")
    return job_id, int(attempt)


# A job sends a heartbeat each second; twice it may wait 30 s for a lock.
SILENT_S = 90.0
RUN_JOB = (sys.executable, "-m", "core.runs")


class LocalLauncher:
    """Processes of this machine, each in its own session: `command` with the job's id."""

    def __init__(self, settings: Settings, command: Sequence[str] = RUN_JOB) -> None:
        self._command = command
        self._files = JobFiles(settings.root)
        self._variables = settings.environment("jobs")
        self._judge = settings.judge_environment
        self._records: dict[str, tuple[Job, float]] = {}  # since when a record is unchanged

    def start(self, job: Job) -> Job:
        try:
            process = start_session(
                [*self._command, job.job_id],
                cwd=REPOSITORY,
                environment={**self._environment(job), JOB_MARKER: job.job_id},
                errors=self._files.of(job.job_id) / "process.txt",
            )
        except OSError as error:
            raise JobError(
                f"Job {job.job_id} could not be started: {error.strerror}. It stays in the queue "
                "and is retried."
            ) from error
        return msgspec.structs.replace(job, process=process)

    def _environment(self, job: Job) -> Mapping[str, str]:
        """The server's settings; the judge's key goes to judge runs only."""
        if job.kind == "judge":
            return {**os.environ, **self._variables, **self._judge}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
        return {**kept, **self._variables}

    def alive(self, job: Job) -> bool:
        """As in the interface; a process that is not visible from here must send heartbeats."""
        process = _process(job)
        if process is None or booted_after(process):
            return False
        return is_alive(process) if in_sight(process) else self._heard(job)

    def _heard(self, job: Job) -> bool:
        """Whether the record has changed recently, by this process's own observation.

        Does not compare clocks: another machine's may be wrong, and this one may have slept.
        """
        now_s = time.monotonic()
        seen = self._records.get(job.job_id)
        if seen is None or seen[0] != job:
            self._records[job.job_id] = seen = (job, now_s)
        return now_s - seen[1] < SILENT_S

    def stop(self, job: Job) -> None:
        """As in the interface; a process not visible from here ends at its next heartbeat."""
        process = _process(job)
        if process is not None and in_sight(process):
            stop_session(process, marker=(JOB_MARKER, job.job_id))

    def why_gone(self, job: Job) -> str:
        if job.task is not None:
            return "It ran on a cluster that this server is no longer connected to."
        process = _process(job)
        if process is not None and booted_after(process):
            return "The machine was restarted while the job ran."
        if process is not None and not in_sight(process):
            return (
                "The job ran in another container or on another machine, and has not responded "
                f"for {SILENT_S:g} s."
            )
        return (
            "The job's process ended without a result: it was killed, its container was stopped, "
            "or the machine ran out of memory or disk space."
        )


def _process(job: Job) -> ProcessId | None:
    """The job's process, if a server started it; the cluster manages its own."""
    return job.process if job.task is None else None
