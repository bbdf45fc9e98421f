"""A worker's part of a Dask cluster: a job as a process of its own, ended when it is to be.

Workers import this by name, so every worker needs this program, and starts jobs with its
own settings and its own truth.
"""

import contextlib
import os
import subprocess
import sys

import psutil

from core.runs.child import ProcessId, stop_session
from core.runs.launcher import JOB_MARKER, job_of
from core.settings import REPOSITORY

COMPLETED, NOT_COMPLETED, NOT_BEGUN, NOT_SENT = 0, 1, 2, 4  # exit statuses of core.cluster.task

_running: dict[str, "subprocess.Popen[bytes]"] = {}


def run(task: str) -> int:
    """Do the job in a process of its own; its exit status.

    The process reads from a pipe that this one holds, and ends when the pipe does: with
    its worker. Its standard error goes to the worker's log, which only the operator reads.
    """
    job_id, _attempt = job_of(task)
    child = subprocess.Popen(
        [sys.executable, "-m", "core.cluster.task", task],
        cwd=REPOSITORY,
        env={**os.environ, JOB_MARKER: job_id},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    _running[task] = child
    try:
        return child.wait()
    finally:
        _running.pop(task, None)
        if child.stdin is not None:
            child.stdin.close()


def end(task: str) -> None:
    """End the task's process, if it is this worker's; returns when it has ended."""
    child = _running.get(task)
    if child is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process = ProcessId(child.pid, psutil.Process(child.pid).create_time())
        job_id, _attempt = job_of(task)
        stop_session(process, marker=(JOB_MARKER, job_id))
