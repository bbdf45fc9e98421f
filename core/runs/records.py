"""Job records on disk: one folder per job, changed under a lock, written atomically.

A terminal state is final: `change` does not modify an ended job. Only a record that the
boards contradict is corrected.
"""

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from core.errors import EntryError, JobError, StoreError
from core.files import atomic
from core.files.ids import is_id
from core.files.locks import held, stale_advice
from core.files.schema import upgraded
from core.model.entries import Job

LOG = logging.getLogger(__name__)
_LOCK_TIMEOUT_S = 30.0
_TAIL_BYTES = 64 * 1024
# Reserved space, so that a job's end can be recorded on a full disk.
_RESERVE_BYTES = 16 * 1024
# Controls, other line ends, and bidirectional marks.
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]|[\u2028-\u202e\u2066-\u2069]")


def decode_job(data: bytes) -> Job:
    """A record of any schema, migrated to the current one. Raises EntryError."""
    try:
        record = msgspec.json.decode(data, type=dict[str, Any])
        return msgspec.convert(upgraded(record, _STEPS, first=0), Job)
    except ValueError as error:  # not JSON, not UTF-8, or another structure
        raise EntryError("This is not a job record.") from error


def _from_0(record: dict[str, Any]) -> dict[str, Any]:
    """Records had no schema number when every job was a process of this machine."""
    return {**record, "task": None, "host": None}


def _from_1(record: dict[str, Any]) -> dict[str, Any]:
    """A process was a pid and a clock time, which is not enough to find it."""
    pid, host = record.pop("pid", None), record.pop("host", None)
    record.pop("pid_started", None)
    unknown = {"pid": pid, "started": 0, "boot": "", "space": "", "host": host or ""}
    return {**record, "process": None if pid is None else unknown}


_STEPS = (_from_0, _from_1)


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The paths of an upload and its results: results/<submission_id>/.

    `part` is a subfolder for an outcome that is not the entry's: of a re-scoring before it is
    applied, or the replaced one afterwards.
    """

    folder: Path
    part: str = ""

    @property
    def outcome_folder(self) -> Path:
        """The folder of the results; the upload itself is always in `folder`."""
        return self.folder / self.part if self.part else self.folder

    @property
    def upload(self) -> Path:
        return self.folder / "input.json.gz"

    @property
    def log(self) -> Path:
        """The evaluator's output; has no text of the truth."""
        return self.outcome_folder / "eval_output.txt"

    @property
    def errors(self) -> Path:
        """The evaluator's standard error; only for the operator, since it may quote the truth."""
        return self.outcome_folder / "eval_errors.txt"

    @property
    def evaluation(self) -> Path:
        return self.outcome_folder / "evaluation.json"

    @property
    def samples(self) -> Path:
        """Sample scores; private, since they show which answers are right."""
        return self.outcome_folder / "samples.json.gz"

    def remove_outcome(self) -> None:
        """Delete an earlier evaluation's files, so that they are not taken for this attempt's."""
        for path in self.outcome:
            path.unlink(missing_ok=True)

    @property
    def outcome(self) -> tuple[Path, ...]:
        """The files of an evaluation, and `ladder.json` of earlier versions."""
        old = self.outcome_folder / "ladder.json"
        return (self.log, self.errors, self.evaluation, self.samples, old)

    @property
    def rescored(self) -> "ResultFiles":
        """The same upload with a separate outcome."""
        return ResultFiles(self.folder, "rescored")


def result_files(root: Path, submission_id: str) -> ResultFiles:
    """The files of a submission. Raises JobError when the id is malformed."""
    if not is_id(submission_id):
        raise JobError("This is not a submission id. Check the link.")
    return ResultFiles(root / "results" / submission_id)


@dataclass
class JobFiles:
    """All jobs under one data folder; safe for several processes and threads."""

    root: Path
    _seen: dict[str, tuple[tuple[int, int, int], Job]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / "jobs"

    def of(self, job_id: str) -> Path:
        """The folder of one job. Raises JobError when the id is malformed."""
        if not is_id(job_id):
            raise JobError("This is not a job id. Check the link.")
        return self.folder / job_id

    def create(self, job: Job) -> None:
        """Write a new job. Raises StoreError when the disk refuses."""
        folder = self.of(job.job_id)
        atomic.make_folder(folder)
        self._reserve(folder)
        self._write(job)

    def write_task(self, job: Job) -> None:
        """Write the task for a worker with its own data folder; the mirror sends it."""
        atomic.write(self.of(job.job_id) / "task.json", msgspec.json.encode(job))

    def read(self, job_id: str) -> Job | None:
        """The job as last written, None if it is missing or damaged."""
        path = self.of(job_id) / "job.json"
        try:
            found = path.stat()
            signature = (found.st_mtime_ns, found.st_ino, found.st_size)
            seen = self._seen.get(job_id)
            if seen is not None and seen[0] == signature:
                return seen[1]
            job = decode_job(path.read_bytes())
        except (FileNotFoundError, EntryError):
            return None
        self._seen[job_id] = (signature, job)
        return job

    def all(self) -> list[Job]:
        """Every readable job, oldest first. Cheap: unchanged files are not read again."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        jobs = [self.read(name) for name in names if is_id(name)]
        return sorted(
            (job for job in jobs if job is not None), key=lambda job: (job.created, job.job_id)
        )

    @contextlib.contextmanager
    def locked(self, job_id: str) -> Iterator[None]:
        """Lock the job, so that nobody else changes its state.

        Raises JobError when another process keeps the lock for long, or there is no such job.
        """
        folder = self.of(job_id)
        if not folder.is_dir():
            raise JobError(f"There is no job {job_id}. Check the link.")
        lock = FileLock(folder / "job.lock", timeout=_LOCK_TIMEOUT_S)
        try:
            with held(lock):
                yield
        except Timeout as error:
            if advice := stale_advice(lock):  # for the operator, since it has a path
                LOG.error("job %s: its lock is not released. %s", job_id, advice)
            raise JobError(
                f"Job {job_id} is locked by another process for {_LOCK_TIMEOUT_S:g} s. Try again."
            ) from error

    def change(self, job_id: str, how: Callable[[Job], Job]) -> Job:
        """Apply `how` under the job's lock. An ended job is not changed."""
        with self.locked(job_id):
            return self.change_locked(job_id, how)

    def change_locked(self, job_id: str, how: Callable[[Job], Job]) -> Job:
        """Like `change`, for a caller that holds the lock."""
        job = self.fresh(job_id)
        if job.done:
            return job
        changed = how(job)
        if changed != job:
            self._write(changed)
        return changed

    def reopen_locked(self, job: Job) -> None:
        """Write a new attempt of an ended job; the caller holds the lock."""
        self._reserve(self.of(job.job_id))
        self._write(job)

    def correct_locked(self, job: Job) -> None:
        """Replace a final state that the boards contradict.

        The caller holds the lock and has checked the boards.
        """
        self._write(job)

    def fresh(self, job_id: str) -> Job:
        """The job as on disk now. Raises JobError when its record is missing or damaged."""
        self._seen.pop(job_id, None)
        job = self.read(job_id)
        if job is None:
            raise JobError(f"Job {job_id} has no readable record. Submit again.")
        return job

    def log(self, job_id: str, *lines: str) -> None:
        """Append lines to the participant's log; control characters become spaces."""
        text = "".join(_UNPRINTABLE.sub(" ", line) + "\n" for line in lines)
        with (self.of(job_id) / "log.txt").open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)

    def log_tail(self, job_id: str, lines: int) -> str:
        """The last lines of the log; empty without one."""
        try:
            with (self.of(job_id) / "log.txt").open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL_BYTES))
                text = file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:]) if lines > 0 else ""

    def _reserve(self, folder: Path) -> None:
        atomic.write(folder / "reserve", bytes(_RESERVE_BYTES))

    def _write(self, job: Job) -> None:
        """Replace job.json; on a full disk a terminal state uses the reserved space."""
        folder = self.of(job.job_id)
        data = msgspec.json.format(msgspec.json.encode(job), indent=1)
        try:
            atomic.write(folder / "job.json", data)
        except StoreError:
            if not job.done:
                raise
            (folder / "reserve").unlink(missing_ok=True)
            atomic.write(folder / "job.json", data)
        if job.done:
            (folder / "reserve").unlink(missing_ok=True)
