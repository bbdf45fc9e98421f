"""The data folder mirrored to a private dataset repo: `python -m core.mirror COMMAND`.

A round reads the newest commit, puts its journal before our own changes, then writes
journal, boards and result files in one commit on top of exactly that commit. After any
failure the local data is unchanged and the round is retried; see docs/mirror.md.
"""

import hashlib
import logging
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from core.changes.act import Change
from core.errors import HeadMovedError, MedVidBenchError, MirrorError
from core.files import atomic
from core.files.locks import held, stale_advice
from core.files.scratch import scratch
from core.mirror import compare, ground_truth, jobs
from core.mirror import paths as mirror_files
from core.mirror import record as mirror_record
from core.mirror.form_1 import unless_converted
from core.mirror.paths import JOURNAL, Local
from core.mirror.record import Record
from core.mirror.repo import Hub
from core.runs.records import JobFiles
from core.runs.uploads import retention
from core.settings import Settings
from core.store import legacy
from core.store.merge import waiting
from core.store.store import Snapshot, Store

LOG = logging.getLogger(__name__)
CHECK_EVERY_S = 30.0
FETCH_AT_ONCE = 20
_TRIES = 6
_JITTER_S = 0.25
_FIRST_WAIT_S, _MOST_WAIT_S = 5.0, 600.0


@dataclass(frozen=True, slots=True)
class _Plan:
    """The content of one commit: `changes` after the repo's journal, and files."""

    snapshot: Snapshot
    local: Local
    changes: int
    files: Mapping[str, Path | None]

    @property
    def empty(self) -> bool:
        return not self.changes and not self.files


class Mirror:
    """One data folder and its repo. One round at a time on this machine."""

    def __init__(self, settings: Settings, store: Store, hub: Hub | None = None) -> None:
        self._settings = settings
        self._root = settings.root
        self.hub = hub or Hub(
            settings.hub_repo,
            settings.hub_token,
            endpoint=settings.hub_endpoint,
            home=settings.data_dir / "cache" / "hub",
        )
        self._store = store
        self._jobs = JobFiles(self._root)
        self._sure = False  # whether this process has verified the record
        # The pause when the record cannot be written: failures in a row, and the next try's time.
        self._unsaved, self._unsaved_until = 0, 0.0

    def require_private(self) -> None:
        """Check that the repo is private. Raises MirrorError, which the status also shows."""
        with self._round():
            self.hub.head()

    def sync(self, *, force: bool = False) -> bool:
        """One round: pull when due, push waiting changes; True if nothing waits afterwards.

        `force` reads the head even if it was read within 30 s. Raises MirrorError or
        StoreError, which the status also shows; False if another process is doing it.
        """
        with self._round() as alone:
            if not alone:
                return False
            self._pull(force=force)
            done = self._push()
            self._fetch()
            return done

    def pull(self) -> None:
        """Import new changes and files from the repo; push nothing."""
        with self._round() as alone:
            if alone:
                self._pull(force=True)
                while self._fetch():
                    continue

    def take_job(self, job_id: str, attempt: int) -> bool:
        """Download one job to run it; false while the repo does not have it."""
        with self._round() as alone:
            if not alone:
                return False
            self._pull(force=True)
            record, wanted = self._record(), (job_id, attempt)
            if f"jobs/{job_id}/{mirror_files.TASK}" not in record.files:
                return False
            marks = jobs.take(self.hub, record.head, self._jobs, self._store, wanted)
            if marks is not None:
                self._save(record, files={**record.files, **marks})
            return marks is not None

    def send(self) -> bool:
        """Push waiting changes, fetch nothing; True if nothing waits afterwards."""
        with self._round() as alone:
            if alone:
                self._pull()
            return alone and self._push()

    def waiting(self) -> bool:
        """Whether any local data may be missing in the repo. Reads only the disk."""
        return not self._plan(self._record()).empty

    def fetch_truth(self) -> None:
        """Download the ground truth, if it comes from the repo."""
        ground_truth.ensure(self._settings, self.hub)

    def verify(self) -> list[str]:
        """Every difference between this folder and the repo; empty if there are none."""
        return compare.differences(self._settings, self.hub, self._store, self._jobs)

    def backing_off(self) -> bool:
        """Whether to wait after the last failure; not longer if the clock was set back."""
        record, now = self._record(), time.time()
        until = record.retry_at if record.error else 0.0
        return any(0 < at - now < 2 * _MOST_WAIT_S for at in (until, self._unsaved_until))

    # A round

    @contextmanager
    def _round(self) -> Iterator[bool]:
        """Lock out other rounds of this machine; record a round's failure.

        Pages and jobs never wait for this lock.
        """
        atomic.make_folder(self._root)
        lock = FileLock(self._root / "mirror.lock", timeout=0, mode=0o600)
        try:
            with held(lock):
                try:
                    yield True
                    self._save(self._record(), error="", kind="", failures=0, retry_at=0.0)
                    self._unsaved, self._unsaved_until = 0, 0.0
                except MedVidBenchError as error:
                    self._sure = False  # a commit may have succeeded without a response
                    self._note_failure(error)
                    raise
        except Timeout:
            self._sure = False
            if advice := stale_advice(lock):
                LOG.warning("another process is mirroring this folder. %s", advice)
            yield False

    def _note_failure(self, error: MedVidBenchError) -> None:
        record, now = self._record(), time.time()
        failures = record.failures + self._unsaved
        wait = min(_MOST_WAIT_S, _FIRST_WAIT_S * 2 ** min(failures, 10))
        wait *= random.uniform(0.75, 1.25)  # noqa: S311
        kind = "store"
        if isinstance(error, MirrorError):
            kind = error.kind
            wait = max(wait, error.retry_after_s or 0.0)
        # Until it is saved, so that a full disk does not make every second a try.
        self._unsaved, self._unsaved_until = self._unsaved + 1, now + wait
        self._save(
            record,
            error=str(error),
            kind=kind,
            failures=failures + 1,
            retry_at=now + wait,
        )
        self._unsaved, self._unsaved_until = 0, 0.0

    def _record(self) -> Record:
        return mirror_record.load(self._root, self._settings.hub_repo)

    def _save(self, record: Record, **changes: object) -> Record:
        new = msgspec.structs.replace(record, **changes)
        mirror_record.save(self._root, new)
        return new

    # Reading

    def _pull(self, *, force: bool = False) -> None:
        """Import the newest head, unless it was read a moment ago."""
        record = self._record()
        # A reading in the future is from before the clock was set back.
        fresh = self._sure and abs(time.time() - record.checked) < CHECK_EVERY_S
        if fresh and not force:
            return
        head = self.hub.head()
        if head != record.head or not self._holds(record):
            record = self._take_over(head, record)
        self._save(record, checked=time.time())
        self._sure = True

    def _holds(self, record: Record) -> bool:
        """Whether the local journal starts with the repo's known one; false after a restore."""
        return _goes_on(self._store.snapshot().journal, record)

    def _take_over(self, head: str, record: Record) -> Record:
        """Put the journal of `head` before our own changes; contacts first, boards with them."""
        paths = self.hub.list(head)
        there = set(paths)
        got = self.hub.read(head, [JOURNAL]) if JOURNAL in there else {}
        remote = got.get(JOURNAL, b"")
        came = self._fetch_contacts(head, record, there)
        # Another journal: the repo was recreated or reset. Files that it lacks were not erased.
        gone = set(record.files) - there if _goes_on(remote, record) else set()
        remote = unless_converted(self._root, remote)
        first = self._old_boards(head, there) if JOURNAL not in there else []
        purged = self._store.rebase(remote, first).purged
        gone |= {path for path in record.files if Path(path).stem in purged}
        self._erase_contacts(path for path in gone if record.files[path])
        if came:
            self._store.rebuild()
        marks = mirror_files.seen_at(self._root, paths, record.files)
        marks = jobs.take_ended(self.hub, head, self._jobs, marks)
        return self._save(
            record,
            head=head,
            journal_bytes=len(remote),
            journal_sha256=_sha256(remote),
            files=marks,
        )

    def _fetch_contacts(self, head: str, record: Record, there: set[str]) -> bool:
        """Download contacts that are new in the repo; return whether there were any."""
        came, purged = False, self._store.read().purged
        for path in sorted(there):
            if not path.startswith("private/") or not mirror_files.belongs(path):
                continue
            target = self._root / path
            # Known but missing here: it was erased here, and the next push deletes it there.
            if not (target.exists() or record.files.get(path) or target.stem in purged):
                self.hub.download(head, path, target)
                came = True
        return came

    def _erase_contacts(self, paths: Iterable[str]) -> None:
        """Erase those of `paths` that are local contacts."""
        for path in paths:
            if path.startswith("private/") and (self._root / path).exists():
                self._store.erase_personal(Path(path).stem)

    def _old_boards(self, head: str, there: set[str]) -> list[Change]:
        """The older application's boards in the repo as one change, if any."""
        names = [name for name in (legacy.COMMUNITY, legacy.OFFICIAL) if name in there]
        if not names:
            return []
        with scratch(".old-boards-", self._root) as folder:
            for name in names:
                self.hub.download(head, name, folder / name)
            old = legacy.read(folder, known_as="the dataset repo")
        if old is None:
            return []
        change, personal = legacy.as_change(old)
        for ref, data in personal.items():
            self._store.add_personal(data, ref)
        return [change]

    def _fetch(self) -> int:
        """Download some files that are only in the repo; returns their number."""
        record = self._record()
        local = self._local(self._store.snapshot())
        wanted = mirror_files.to_fetch(record.files, local.busy, self._unwanted())
        wanted = wanted[:FETCH_AT_ONCE]
        files = dict(record.files)
        for path in wanted:
            target = self._root / path
            if not target.exists():
                self.hub.download(record.head, path, target)
            files[path] = mirror_files.mark(target) or ""
        if wanted:
            self._save(record, files=files)
        return len(wanted)

    # Writing

    def _push(self) -> bool:
        """Commit waiting changes, as far as the pace allows; True if nothing waits afterwards."""
        lost = 0
        while True:
            record = self._record()
            plan = self._plan(record)
            if plan.empty:
                self._save(record, synced=time.time())
                return True
            settled = mirror_record.settled(record, time.time())
            record = record if settled == record else self._save(settled)
            per_hour = self._settings.hub_commits_per_hour
            if mirror_record.wait_s(record.commits, per_hour, time.time()) > 0:
                return False
            try:
                self._commit(record, plan)
            except HeadMovedError:
                lost += 1
                if lost >= _TRIES:
                    raise
                time.sleep(random.uniform(0, _JITTER_S * 2**lost))  # noqa: S311
                self._pull(force=True)

    def _local(self, snapshot: Snapshot) -> Local:
        return mirror_files.local_files(self._root, snapshot.journal, self._jobs)

    def _unwanted(self) -> frozenset[str]:
        """Files to remove from the repo: purged ones, and uploads that are no longer kept."""
        state = self._store.read()
        return state.purged | retention.expired_paths(state)

    def _plan(self, record: Record) -> _Plan:
        snapshot = self._store.snapshot()
        local = self._local(snapshot)
        return _Plan(
            snapshot,
            local,
            waiting(snapshot.journal, record.journal_bytes),
            mirror_files.to_push(self._root, local, record.files, purged=self._unwanted()),
        )

    def _commit(self, record: Record, plan: _Plan) -> None:
        """One commit on top of the head whose journal ours starts with; then update the record."""
        if not _goes_on(plan.snapshot.journal, record):
            raise HeadMovedError("The journal here was replaced while a commit was prepared.")
        files: dict[str, bytes | Path | None] = dict(plan.files)
        # Journal lines have unique ids, so the files to commit are never identical by chance.
        files |= {JOURNAL: plan.snapshot.journal, **plan.snapshot.files}
        self.hub.head()  # fails if the repo has become public since the last pull
        # Counted before it is sent, so that a crash cannot make it free.
        before = record.commits
        record = self._save(record, commits=mirror_record.spent(before, time.time()))
        try:
            head = self.hub.commit(files, parent=record.head, message=_message(plan))
        except MirrorError as error:
            if error.kind == "unchanged":
                self._save(record, commits=before, files=self._after(record, plan))
                raise HeadMovedError(str(error)) from error
            if not error.unknown_outcome:
                self._save(record, commits=before)
            raise
        self._save(
            record,
            head=head,
            journal_bytes=len(plan.snapshot.journal),
            journal_sha256=_sha256(plan.snapshot.journal),
            files=self._after(record, plan),
            checked=time.time(),
        )

    def _after(self, record: Record, plan: _Plan) -> dict[str, str]:
        """The files in the repo after this commit."""
        files = dict(record.files)
        for path, source in plan.files.items():
            if source is None:
                files.pop(path, None)
            else:
                files[path] = plan.local.files[path]
        return files


def _goes_on(data: bytes, record: Record) -> bool:
    """Whether a journal starts with the one in the repo when the record was written."""
    begins = data[: record.journal_bytes]
    return _sha256(begins) == (record.journal_sha256 or _sha256(b""))


def _message(plan: _Plan) -> str:
    return f"{plan.changes} changes, {len(plan.files)} files"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
