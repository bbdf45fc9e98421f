"""The worker's side of a Dask cluster: runs a job as a process and stops it on request.

Workers import this by name, so every worker needs this program, and runs jobs with its own
settings and truth.
"""

import os
import sys
from functools import partial

from core.model.entries import ProcessId
from core.runs.child import run_tied
from core.runs.launcher import JOB_MARKER, job_of
from core.runs.processes import stop_session
from core.settings import REPOSITORY

COMPLETED, NOT_COMPLETED, NOT_BEGUN, NOT_SENT = 0, 1, 2, 4  # exit statuses of core.cluster.task

_running: dict[str, ProcessId] = {}


def run(task: str) -> int:
    """Run the job in a child process; returns its exit status.

    The child reads from a pipe that this process holds, so it ends with its worker. Its standard
    error goes to the worker's log, which only the operator reads.
    """
    job_id, _attempt = job_of(task)
    try:
        return run_tied(
            [sys.executable, "-m", "core.cluster.task", task],
            cwd=REPOSITORY,
            environment={**os.environ, JOB_MARKER: job_id},
            started=partial(_running.__setitem__, task),
        )
    finally:
        _running.pop(task, None)


def end(task: str) -> None:
    """End the task's process, if it belongs to this worker; returns when it has ended."""
    process = _running.get(task)
    if process is not None:
        job_id, _attempt = job_of(task)
        stop_session(process, marker=(JOB_MARKER, job_id))
