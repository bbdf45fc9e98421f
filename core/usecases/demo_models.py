"""The synthetic models that a new demo board starts with, submitted and judged like any others.

Their uploads are in demo_models/ of the data folder until all of them have ended: an empty folder
means that they have to be created, a missing folder that there is nothing to do. Each step derives
its work from the journal and the jobs, so that it can be killed at any point and continued by any
server. They have no owner: they have no key and do not count as tries.
"""

import logging
import shutil
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from core.changes import editing, judging, submitting
from core.changes.act import SYSTEM
from core.errors import MedVidBenchError, RefusedError
from core.files import atomic
from core.model.contracts.demo import MODELS_FILE, DemoModel
from core.model.entries import Declared, Entry, Job, JobKind, Submission
from core.model.published import PUBLISHED
from core.model.state import now
from core.runs.records import result_files
from core.runs.uploads.packing import keep_upload
from core.settings import Settings
from core.usecases.services import Services

LOG = logging.getLogger(__name__)
_TRIES: Final = 3  # failures of one model per server process
_MB: Final = 1 << 20


def folder(settings: Settings) -> Path:
    """The folder of their uploads until all have ended."""
    return settings.root / "demo_models"


def plan(services: Services) -> None:
    """Request them for a new demo folder, that is, one without submissions.

    A folder in use keeps its boards. Raises StoreError.
    """
    settings = services.settings
    if not settings.demo or not settings.demo_models:
        return
    state = services.store.read()
    own = [e for e in state.entries.values() if e.extra.get(PUBLISHED) is not True]
    if not own and not state.submissions:
        atomic.make_folder(folder(settings))


class DemoModels:
    """Brings the models onto the board, as far as possible at each step."""

    def __init__(self, services: Services) -> None:
        self.folder = folder(services.settings)
        self._services = services
        self._dated: set[str] = set()
        self._failed: Counter[str] = Counter()

    def wanted(self) -> bool:
        """Whether their uploads have yet to be made."""
        return self.folder.is_dir() and not self._list.is_file()

    def step(self) -> None:
        """Do what can be done now; failures are logged and retried a few times."""
        if not self._list.is_file():
            return
        try:
            with FileLock(self.folder / "lock", timeout=0):
                ended: dict[str, bool] = {}
                for model in msgspec.json.decode(self._list.read_bytes(), type=list[DemoModel]):
                    first_ended = ended.get(model.replaces, True)
                    ended[model.submission_id] = self._tried(model, first_ended)
                if all(ended.values()):
                    shutil.rmtree(self.folder, ignore_errors=True)
        except Timeout:
            return  # another server on this folder is doing it

    @property
    def _list(self) -> Path:
        return self.folder / MODELS_FILE

    def _tried(self, model: DemoModel, first_ended: bool) -> bool:
        if self._failed[model.submission_id] >= _TRIES:
            return False
        try:
            return self._advance(model, first_ended)
        except (MedVidBenchError, OSError) as error:
            self._failed[model.submission_id] += 1
            LOG.warning("demo model %s: %s", model.model_name, error)
            return False

    def _advance(self, model: DemoModel, first_ended: bool) -> bool:
        """One model's next step; True if there is none. `first_ended`: of the version before."""
        state = self._services.store.read()
        submission = state.submissions.get(model.submission_id)
        if submission is None:
            if model.replaces and state.by_upload(model.replaces) is None:
                return first_ended  # it was left out, or an admin has removed it
            return self._submit(model)
        if submission.state in ("open", "released"):
            return self._run(submission, "evaluation")
        found = state.by_upload(model.submission_id)
        if found is None or found[1].hidden:
            return True  # replaced by its next version, or an admin has removed it
        self._date(model, found[1])
        judge = model.judged and self._services.settings.demo_judge
        if not judge or found[1].judged or found[1].held:
            return True
        return self._run(submission, "judge")

    def _submit(self, model: DemoModel) -> bool:
        settings = self._services.settings
        files = result_files(settings.root, model.submission_id)
        atomic.make_folder(files.folder)
        files.upload.unlink(missing_ok=True)
        data = (self.folder / model.file).read_bytes()
        digest = keep_upload(data, files.upload, settings.max_upload_mb * _MB)
        made = Submission(
            submission_id=model.submission_id,
            model_name=model.model_name,
            organization=model.organization,
            created=now(),
            key_hash="",
            predictions_sha256=digest,
            records=model.records,
            declared=msgspec.convert(model.declared, Declared),
            replaces=model.replaces or None,
        )
        try:
            self._services.store.commit(submitting.submit(made, SYSTEM))
        except RefusedError as error:
            LOG.warning("demo model %s was left out: %s", model.model_name, error)
            shutil.rmtree(files.folder, ignore_errors=True)
            return True
        self._services.jobs.enqueue("evaluation", model.submission_id)
        return False

    def _date(self, model: DemoModel, entry: Entry) -> None:
        """Set the entry's date and mark once, so that an admin's later changes stay."""
        if model.submission_id in self._dated or entry.board != "community":
            return
        new = {"date": model.date, "off_the_shelf": model.off_the_shelf}
        change = editing.edit("community", entry, new, SYSTEM)
        once = msgspec.structs.replace(change, id=f"date-{model.submission_id}")
        self._services.store.commit(once)
        self._dated.add(model.submission_id)

    def _run(self, submission: Submission, kind: JobKind) -> bool:
        """Ensure that the submission's job of this kind ends."""
        jobs = self._services.jobs.list()
        own = [j for j in jobs if j.kind == kind and j.submission_id == submission.submission_id]
        if not own:
            self._queue(submission, kind, jobs)
            return False
        job = own[-1]
        if not job.done or job.state == "completed":
            return False  # recovery applies a completed job to the boards
        if job.state == "cancelled":
            return True
        self._failed[submission.submission_id] += 1
        self._services.jobs.rerun(job.job_id, actor=SYSTEM)
        return False

    def _queue(self, submission: Submission, kind: JobKind, jobs: list[Job]) -> None:
        if kind == "judge":
            if any(not job.done for job in jobs):
                return  # after evaluations, one at a time: a visitor's run waits for at most one
            if submission.judging is not None:  # killed before its job was written
                run = submission.judging.run_id
                gone = judging.close_run(submission.submission_id, run, "No job was started.")
                self._services.store.commit(gone)
        elif submission.state == "released":  # killed before its job was written, then given up
            self._services.store.commit(submitting.reopen(submission.submission_id, SYSTEM))
        self._services.jobs.enqueue(kind, submission.submission_id, SYSTEM)
