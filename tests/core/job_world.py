"""A small real world for job tests: truth and upload from the parity file, a store, a queue."""

import gzip
import hashlib
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from core.access.submission_keys import hash_key
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import Job, Submission
from core.model.state import now
from core.runs.launcher import JOB_MARKER, LocalLauncher
from core.runs.queue import Jobs
from core.runs.records import JobFiles, result_files
from core.settings import Settings
from core.store.opened import open_store
from core.usecases.services import services_with

PARITY = Path(__file__).resolve().parent.parent / "data" / "evaluation.json"
KEY = "mvb_key-of-every-test-submission"
HANG_GUARD_S = 240.0  # only to avoid hanging forever; not a measurement
SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


class SleepLauncher(LocalLauncher):
    """Real processes in real sessions that do nothing, so that a test decides when they end."""

    def __init__(self, settings: Settings, command: tuple[str, ...] = SLEEP) -> None:
        super().__init__(settings, command)
        self.started: list[str] = []

    def start(self, job: Job) -> Job:
        self.started.append(job.job_id)
        return super().start(job)


class World:
    """One data folder with its truth. `close` ends all its processes."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        parity = json.loads(PARITY.read_text(encoding="utf-8"))
        self.truth: list[dict[str, Any]] = parity["ground_truth"]
        self.predictions: list[dict[str, Any]] = parity["predictions"]
        self.expected: dict[str, float] = parity["expected"]
        truth = folder / "truth.json"
        truth.write_text(json.dumps(self.truth), encoding="utf-8")
        values: dict[str, Any] = {
            "data_dir": folder / "data",
            "ground_truth": truth,
            "questions": None,
            "max_upload_mb": 50,
            "min_records": 1,
            "max_running": 2,
            "evaluation_timeout_s": 300,
        }
        self.settings = Settings(**{**values, **changes})
        self.settings.root.mkdir()
        self.store = open_store(self.settings)
        self.jobs = services_with(self.settings, self.store).jobs
        self.files = JobFiles(self.settings.root)

    def submit(
        self,
        name: str = "Model A",
        predictions: list[dict[str, Any]] | None = None,
        *,
        evaluate_only: bool = False,
        jobs: Jobs | None = None,
    ) -> Job:
        """Keep an upload, reserve its name, queue its job."""
        records = self.predictions if predictions is None else predictions
        data = json.dumps(records).encode()
        submission_id = new_id()
        files = result_files(self.settings.root, submission_id)
        files.folder.mkdir(parents=True)
        files.upload.write_bytes(gzip.compress(data))
        submission = Submission(
            submission_id=submission_id,
            model_name=name,
            organization="Lab",
            created=now(),
            key_hash=hash_key(KEY),
            predictions_sha256=hashlib.sha256(data).hexdigest(),
            records=len(records),
            evaluate_only=evaluate_only,
        )
        self.store.commit(submitting.submit(submission, "participant"))
        return (jobs or self.jobs).enqueue("evaluation", submission_id)

    def slow_predictions(self) -> list[dict[str, Any]]:
        """An upload that takes a second longer to score: wordy next actions, all different."""
        return [
            {**record, "prediction": f"{index} " + "the needle passes the tissue again " * 4}
            if record["qa_type"] == "next_action"
            else record
            for index, record in enumerate(self.predictions)
        ]

    def submission(self, job: Job) -> Submission:
        return self.store.read().submissions[job.submission_id]

    def get(self, job: Job) -> Job:
        found = self.jobs.get(job.job_id)
        assert found is not None
        return found

    def finish(self, job: Job) -> Job:
        """Wait until the job has ended; its process too."""
        wait_for(lambda: self.get(job).done, f"the end of {job.job_id}")
        ended = self.get(job)
        wait_for(lambda: not self.jobs._launcher.alive(ended), "its process")
        return ended

    def names(self) -> list[str]:
        return [entry.model_name for entry in self.store.read().community]

    def processes(self, job: Job) -> list[psutil.Process]:
        """All processes of this job except zombies."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(JOB_MARKER) == job.job_id:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def evaluator(self, job: Job) -> psutil.Process:
        """The job's evaluator, stopped in the middle of its work."""
        found: list[psutil.Process] = []

        def there() -> bool:
            found[:] = [p for p in self.processes(job) if is_evaluator(p)]
            assert not self.get(job).done, self.get(job).error
            return bool(found)

        wait_for(there, "the evaluator")
        found[0].send_signal(signal.SIGSTOP)
        return found[0]

    def close(self) -> None:
        for job in self.jobs.list():
            for process in self.processes(job):
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue


def is_evaluator(process: psutil.Process) -> bool:
    try:
        # Not the program before it, which sets the limits and has the same arguments after its own.
        return any("evaluate_predictions" in part for part in process.cmdline()[1:2])
    except psutil.Error:
        return False


def wait_for(true: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fails after a long time.

    Looks every 20 ms, less often if that is expensive: what is waited for needs the processor.
    """
    deadline = time.monotonic() + HANG_GUARD_S
    while True:
        began = time.thread_time()
        if true():
            return
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(max(0.02, 5 * (time.thread_time() - began)))
