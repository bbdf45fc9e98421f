"""A worker's part of a Dask cluster: a job as a process of its own, ended when it is to be.

Workers import this by name, so every worker needs this program, and starts jobs with its
own settings and its own truth.
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
    """Do the job in a process of its own; its exit status.

    The process reads from a pipe that this one holds, and ends when the pipe does: with
    its worker. Its standard error goes to the worker's log, which only the operator reads.
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
    """End the task's process, if it is this worker's; returns when it has ended."""
    process = _running.get(task)
    if process is not None:
        job_id, _attempt = job_of(task)
        stop_session(process, marker=(JOB_MARKER, job_id))
