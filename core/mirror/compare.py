"""Compares this folder and the dataset repo file by file. Changes neither."""

from pathlib import Path

from core.files.hashes import sha256
from core.files.scratch import scratch
from core.mirror import ground_truth
from core.mirror import paths as mirror_files
from core.mirror.paths import JOURNAL
from core.mirror.repo import Hub
from core.runs.records import JobFiles
from core.settings import Settings
from core.store.merge import waiting
from core.store.store import Store


def differences(settings: Settings, hub: Hub, store: Store, jobs: JobFiles) -> list[str]:
    """Every difference, one per line; empty without any. Raises MirrorError, StoreError."""
    root = settings.root
    head = hub.head()
    paths = set(hub.list(head))
    snapshot = store.snapshot()
    found = store.verify()
    with scratch(".verify-", root) as folder:
        for path, data in {JOURNAL: snapshot.journal, **snapshot.files}.items():
            if path not in paths:
                found.append(f"{path}: not in the repo.")
                continue
            hub.download(head, path, folder / path)
            remote = (folder / path).read_bytes()
            if remote != data:
                found.append(f"{path}: {_difference(data, remote)}")
        if ground_truth.REMOTE in paths:
            found += _truth(settings.truth_path, hub, head, folder)
    local = mirror_files.local_files(root, snapshot.journal, jobs).files
    there = {path for path in paths if mirror_files.belongs(path)}
    wanted = filter(mirror_files.fetched, sorted(there))
    found += [f"{path}: only here." for path in sorted(set(local) - there)]
    return found + [f"{path}: only in the repo." for path in wanted if not (root / path).exists()]


def _difference(local: bytes, remote: bytes) -> str:
    if local.startswith(remote):
        return f"{waiting(local, len(remote))} lines wait here."
    if remote.startswith(local):
        return f"{waiting(remote, len(local))} lines are only in the repo."
    return "differs between here and the repo."


def _truth(here: Path, hub: Hub, head: str, folder: Path) -> list[str]:
    """How the repo's truth differs from the one used for scoring."""
    if not here.is_file():
        return [f"{ground_truth.REMOTE}: only in the repo."]
    if hub.download(head, ground_truth.REMOTE, folder / "truth") != sha256(here):
        return [f"{ground_truth.REMOTE}: the repo's differs from the one used for scoring."]
    return []
