"""Permanently erasing an entry: its row, personal data, uploads, results and jobs.

A submission without an entry is erased in the same way.

The journal's lines are kept, so that its hash chain stays valid: the entry's existence, with
its public name and scores. All private data is outside the journal and is erased, here and,
by the next push, in the dataset repo's head. Board files kept in private/kept/ are not
changed: only an operator can decide about their other content.
"""

import logging
import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from core.changes import forgetting
from core.changes.act import SYSTEM, Change
from core.changes.acts import act_of
from core.changes.forgetting import ERASABLE, uploads_of
from core.changes.importing import Import
from core.errors import RefusedError
from core.mirror.paths import old_results
from core.model.entries import BOARD_NAMES, Job
from core.model.state import State, Trashed, now
from core.runs.records import JobFiles
from core.store.board_files import KEPT
from core.usecases.services import Services

LOG = logging.getLogger(__name__)
NOT_ERASABLE = (
    "Only a submission that was given up or evaluated only can be erased. Cancel its job first; "
    "if it is published, delete and purge its entry."
)


def purge(services: Services, entry_id: str, typed_name: str, actor: str) -> str:
    """Erase an entry in the trash; its name must be typed exactly. Cannot be undone.

    Raises RefusedError on field `name` if it differs or if one of its jobs is running.
    """
    gone = _in_trash(services.store.read(), entry_id)
    _refuse_name(gone.entry.model_name, typed_name)
    return _purge(services, gone, actor)


def erase(services: Services, submission_id: str, typed_name: str, actor: str) -> str:
    """Erase a submission without an entry; its model's name must be typed.

    Raises RefusedError on field `name` if it differs, if one of its jobs is running, or if the
    submission is published or being evaluated. Cannot be undone.
    """
    found = services.store.read().submissions.get(submission_id)
    if found is None or found.state not in ERASABLE:
        raise RefusedError({"name": NOT_ERASABLE})
    _refuse_name(found.model_name, typed_name)
    jobs = [job for job in services.jobs.list() if job.submission_id == submission_id]
    _refuse_running(jobs)
    refs = _refs_of(services, {submission_id})
    names = {submission_id, *refs, *(job.job_id for job in jobs)}
    return _forget(services, forgetting.erase(submission_id, names, actor), refs)


def purge_expired(services: Services, moment: str = "") -> list[str]:
    """Erase entries that have been in the trash for 30 days at `moment` (now); the changes' ids."""
    done = []
    for gone in services.store.read().trash:
        if gone.until <= (moment or now()):
            try:
                done.append(_purge(services, gone, SYSTEM))
            except RefusedError as error:
                LOG.info("entry %s stays in the trash: %s", gone.entry.entry_id, error)
    return done


def erase_purged(services: Services) -> None:
    """Delete remaining files of purged entries, left by a crash or a mirror."""
    purged = services.store.read().purged
    for job in services.jobs.list() if purged else ():
        if job.done and (job.job_id in purged or job.submission_id in purged):
            shutil.rmtree(JobFiles(services.settings.root).of(job.job_id), ignore_errors=True)
    for folder in _folders(services.settings.root / "results"):
        if folder.name in purged:  # compared with existing folders: a name never becomes a path
            shutil.rmtree(folder, ignore_errors=True)


def _purge(services: Services, gone: Trashed, actor: str) -> str:
    state = services.store.read()
    uploads = uploads_of(state, gone.entry)
    jobs = [job for job in services.jobs.list() if job.submission_id in uploads]
    _refuse_running(jobs)
    told = [r.contact_ref for r in state.reports if r.entry_id == gone.entry.entry_id]
    refs = {ref for ref in (gone.entry.contact_ref, *told) if ref is not None}
    refs |= _refs_of(services, uploads)
    names = {*refs, *uploads, *(job.job_id for job in jobs), *_old_folder(services, state, gone)}
    return _forget(services, forgetting.purge(gone.entry.entry_id, names, actor), refs)


def _forget(services: Services, change: Change, refs: AbstractSet[str]) -> str:
    services.store.commit(change)
    for ref in refs:
        services.store.erase_personal(ref)
    erase_purged(services)
    return change.id


def _old_folder(services: Services, state: State, gone: Trashed) -> Iterator[str]:
    """The results folder of the older application, named after the model, unless it is shared."""
    found = old_results(services.settings.root, gone.entry.entry_id, gone.entry.model_name)
    others = [one for one in state.entries.values() if one.entry_id != gone.entry.entry_id]
    if found and found.name not in {entry.model_name.replace(" ", "_") for entry in others}:
        yield found.name


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _refuse_name(name: str, typed: str) -> None:
    if typed.strip() != name.strip():
        raise RefusedError({"name": f"Type the name exactly as shown: {name}"})


def _refuse_running(jobs: list[Job]) -> None:
    live = next((job for job in jobs if not job.done), None)
    if live is not None:
        raise RefusedError(
            {"name": f"Its job {live.job_id} is {live.state}. Cancel it, or wait until it ends."}
        )


def _in_trash(state: State, entry_id: str) -> Trashed:
    gone = state.find_trashed(entry_id)
    if gone is None:
        raise RefusedError({"name": "Only an entry in the trash can be purged. Delete it first."})
    return gone


def kept_aside(services: Services) -> bool:
    """Whether there are board files in private/kept/, which purging does not change."""
    kept = services.settings.root / KEPT
    return kept.is_dir() and any(kept.iterdir())


def _refs_of(services: Services, wanted: AbstractSet[str]) -> set[str]:
    """All private records that changes refer to together with these entries or submissions."""
    found: set[str] = set()
    for line in services.store.lines():
        found.update(_refs(line.act, wanted))
        act = act_of(line.act) if line.kind == "import" else None
        if isinstance(act, Import):
            found.update(_imported(act, wanted))
        for effect in line.effects:
            about = effect.key in wanted
            for row in (effect.before, effect.after):
                found.update(_refs(row, wanted, about))
    return found


def _imported(act: Import, wanted: AbstractSet[str]) -> Iterator[str]:
    """The entry's id; rows of the older application have none: it is made from board and name."""
    for board in BOARD_NAMES:
        for entry in act.entries(board):
            if entry.entry_id in wanted and entry.contact_ref:
                yield entry.contact_ref


def _refs(value: Any, wanted: AbstractSet[str], within: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        named = (value.get(key) for key in ("entry_id", "submission_id", "key"))
        within = within or any(isinstance(name, str) and name in wanted for name in named)
        ref = value.get("contact_ref")
        if within and isinstance(ref, str):
            yield ref
        for inner in value.values():
            yield from _refs(inner, wanted, within)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner, wanted, within)
