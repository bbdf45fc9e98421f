"""A job on a cluster worker: `python -m core.cluster.task TASK`, settings from the environment.

With a shared data folder the job is already there. With its own folder, the worker gets the job
and its upload from the mirror's repo and sends the result there. The process ends with the worker
that started it: its standard input is a pipe from the worker.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from core.cluster.worker import NOT_BEGUN, NOT_SENT
from core.errors import JobError, MedVidBenchError
from core.mirror.sync import Mirror
from core.model.entries import Job
from core.runs.evaluation.run import Evaluation
from core.runs.launcher import job_of
from core.runs.records import JobFiles
from core.settings import Settings, load
from core.store.opened import open_store
from core.store.store import Store

LOG = logging.getLogger(__name__)
ARRIVE_S = 300.0  # the server may have to wait for its next commit
_ASK_EVERY_S = 3.0
SEND_TRIES = 6
_SEND_PAUSE_S = 2.0
_ORPHANED = 5


def main(arguments: Sequence[str]) -> int:
    """Fetch the job, run it, send the result; returns an exit status of cluster.worker."""
    os.umask(0o077)
    threading.Thread(target=_end_with_worker, daemon=True).start()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    try:
        (task,) = arguments
        settings = load()
        store = open_store(settings)
        job = prepare(settings, store, *job_of(task))
        if job.done:
            return send(settings, store, 0)
        runner = Evaluation(settings, store, job.job_id, task)
        signal.signal(signal.SIGTERM, runner.ask_to_stop)
        status = runner.run()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return send(settings, store, status)
    except ValueError:
        print("Usage: python -m core.cluster.task TASK", file=sys.stderr)  # noqa: T201
    except MedVidBenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
    return NOT_BEGUN


def prepare(settings: Settings, store: Store, job_id: str, attempt: int) -> Job:
    """The job in this worker's data folder, fetched from the repo if necessary.

    Raises JobError when it cannot be found.
    """
    files = JobFiles(settings.root)
    found = files.read(job_id)
    if found is not None and found.attempt >= attempt:
        return found
    if not settings.mirrored:
        raise JobError(
            f"{settings.root}: no job {job_id}. Set MEDVIDBENCH_DATA_DIR of this worker to the "
            "folder that the server uses, or MEDVIDBENCH_HUB_REPO and HF_TOKEN to the repo that "
            "its folder is mirrored to."
        )
    mirror = Mirror(settings, store)
    deadline = time.monotonic() + ARRIVE_S
    problem = "the server has not sent it yet"
    while time.monotonic() < deadline:
        try:
            if mirror.take_job(job_id, attempt):
                mirror.fetch_truth()
                return files.fresh(job_id)
        except MedVidBenchError as error:
            problem = str(error)
        time.sleep(_ASK_EVERY_S)
    raise JobError(
        f"Job {job_id} did not arrive in {settings.hub_repo} within {ARRIVE_S:g} s: {problem}"
    )


def send(settings: Settings, store: Store, status: int) -> int:
    """Push new files to the repo, if there is one; returns `status`, or NOT_SENT."""
    if not settings.mirrored:
        return status
    mirror = Mirror(settings, store)
    for tries in range(SEND_TRIES):
        try:
            if mirror.send():
                return status
        except MedVidBenchError as error:
            LOG.warning("mirror: %s", error)
        time.sleep(_SEND_PAUSE_S * 2**tries)
    return NOT_SENT


def _end_with_worker() -> None:
    """Wait for the end of standard input. No cleanup: another worker takes over."""
    while os.read(0, 1):
        continue
    os._exit(_ORPHANED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
