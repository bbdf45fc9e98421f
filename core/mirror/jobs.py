"""Jobs of cluster workers with their own data folder, through the repo.

The server sends the task (`task.json`), the worker sends the record of its end; each reads only
that from the other. See docs/cluster.md.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from core.errors import EntryError
from core.mirror import paths
from core.mirror.repo import Hub
from core.model.entries import Job
from core.runs.records import JobFiles, decode_job, result_files
from core.store.store import Store


def take(
    hub: Hub, head: str, files: JobFiles, store: Store, wanted: tuple[str, int]
) -> dict[str, str] | None:
    """Download a job and its upload from the repo; returns the marks of the files.

    `wanted` is its id and attempt. None while the repo does not have all files.
    """
    job_id, attempt = wanted
    asked = _read(hub, head, f"jobs/{job_id}/task.json")
    if asked is None or asked.attempt != attempt or asked.job_id != job_id:
        return None
    if asked.submission_id not in store.read().submissions:
        return None
    known = _read(hub, head, f"jobs/{job_id}/job.json")
    ended = known is not None and known.done and known.attempt == attempt
    marks: dict[str, str] = {}
    upload = result_files(files.root, asked.submission_id).upload
    path = upload.relative_to(files.root).as_posix()
    if not ended and not upload.exists():
        if path not in hub.list(head, str(Path(path).parent)):
            return None
        hub.download(head, path, upload)
        marks[path] = paths.mark(upload) or ""
    files.create(known if ended and known is not None else asked)
    return marks


def take_ended(hub: Hub, head: str, files: JobFiles, marks: Mapping[str, str]) -> dict[str, str]:
    """End the local jobs that a worker has ended, by its record in the repo.

    `marks` are those of the files at `head`; returned changed, so that results are downloaded.
    """
    found = dict(marks)
    for job in files.all():
        path = f"jobs/{job.job_id}/job.json"
        if job.done or path not in found:
            continue
        recorded = _read(hub, head, path)
        if recorded is None or not recorded.done or recorded.attempt != job.attempt:
            continue
        results = result_files(files.root, job.submission_id)
        results.remove_outcome()
        for name in paths.OUTCOMES:
            of_it = f"results/{job.submission_id}/{name}"
            if of_it in found:
                found[of_it] = ""
        files.change(job.job_id, partial(_ended_as, recorded=recorded))
        files.log(job.job_id, "Evaluated on a worker of the cluster.", _how(recorded))
        found[path] = paths.mark(files.root / path) or ""
    return found


def _ended_as(job: Job, recorded: Job) -> Job:
    return (
        recorded
        if (recorded.attempt, recorded.submission_id) == (job.attempt, job.submission_id)
        else job
    )


def _how(job: Job) -> str:
    return "Done." if job.state == "completed" else f"{job.state.capitalize()}: {job.error or '-'}"


def _read(hub: Hub, head: str, path: str) -> Job | None:
    data = hub.read(head, [path]).get(path)
    try:
        return None if data is None else decode_job(data)
    except EntryError:
        return None
