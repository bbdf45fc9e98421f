"""How long uploads of submissions without an entry are kept.

An evaluate-only upload is no longer needed. One without a result is kept so that its job can be run
again. Cancelling in the queue costs no try, so without a limit, repeated submitting and cancelling
would fill the disk and the dataset repo. Every machine of a mirror decides the same way, since only
the submissions matter.
"""

import shutil
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from core.changes.quota import opened, taken_at
from core.files.ids import is_id, new_id
from core.model.entries import Submission
from core.model.state import State
from core.runs.records import JobFiles, result_files
from core.runs.uploads import check
from core.store.store import Store

KEPT_DAYS: Final = 7  # since it was submitted, or last run again
KEPT_EACH: Final = 3  # per submitter, the newest
_UNNAMED_S: Final = 24 * 3600.0
_ID_LENGTH: Final = len(new_id())


def expired(state: State, now: datetime) -> frozenset[str]:
    """Submissions whose upload is not kept at `now`: released ones, and all evaluate-only ones."""
    released = [one for one in state.submissions.values() if one.state == "released"]
    kept: dict[str, int] = {}
    found = {one.submission_id for one in state.submissions.values() if one.state == "evaluated"}
    dated = zip(taken_at(state, released, now), released, strict=True)
    for taken, one in sorted(dated, key=_newest, reverse=True):
        who = one.submitter or ""
        kept[who] = kept.get(who, 0) + 1
        if taken < now - timedelta(days=KEPT_DAYS) or (who and kept[who] > KEPT_EACH):
            found.add(one.submission_id)
    return frozenset(found)


def _newest(dated: tuple[datetime, Submission]) -> tuple[datetime, datetime, str]:
    return dated[0], opened(dated[1]), dated[1].submission_id


def expired_paths(state: State) -> frozenset[str]:
    """The same uploads now, as paths in the data folder."""
    names = expired(state, datetime.now(UTC))
    return frozenset(f"results/{name}/{result_files(Path(), name).upload.name}" for name in names)


def remove_expired(root: Path, store: Store, files: JobFiles) -> None:
    """Delete the uploads that are not kept. Raises StoreError, JobError, OSError."""
    for name in expired(store.read(), datetime.now(UTC)):
        upload = result_files(root, name).upload
        if not upload.exists():
            continue
        with ExitStack() as locks:
            for job in files.all():
                if job.submission_id == name:
                    locks.enter_context(files.locked(job.job_id))
            # Check again: it may have been run again before its job was locked.
            if name in expired(store.read(), datetime.now(UTC)):
                upload.unlink(missing_ok=True)
                check.remove_left(upload.parent)


def remove_orphaned(root: Path, store: Store) -> None:
    """Delete folders older than a day that a crash left before the submission was registered.

    They have only the upload. Folders of the older application are named after models, and have
    other files.
    """
    oldest = time.time() - _UNNAMED_S
    folders = [path for path in (root / "results").glob("*/") if path.stat().st_mtime < oldest]
    named = _named(store.read())
    for folder in folders:
        if len(folder.name) != _ID_LENGTH or not is_id(folder.name) or folder.name in named:
            continue
        if {path.name for path in folder.iterdir()} <= {
            result_files(root, folder.name).upload.name
        }:
            shutil.rmtree(folder, ignore_errors=True)


def _named(state: State) -> set[str]:
    """Every results folder of a submission or an entry."""
    entries = [*state.community, *state.official, *(gone.entry for gone in state.trash)]
    versions = (old.submission_id for entry in entries for old in entry.history)
    return {*state.submissions, *(entry.upload_id for entry in entries), *versions}
