"""The boards on disk: lock, catch up, apply, journal, replace.

The journal is the truth; the board files are its fold, written for people and
for other programs. head.json, replaced last, says how much of the journal the
files show, so a reader without the lock sees one consistent moment.
docs/store.md tells what survives what.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.changes import operations
from core.changes.operations import EMPTY, Operation, State
from core.errors import EntryError, StoreError
from core.files import atomic
from core.files.ids import is_id, new_id
from core.store import board_files, journal, legacy
from core.store.board_files import Head
from core.store.follower import Follower, View
from core.store.merge import merged
from core.store.personal import PersonalFiles
from core.store.replay import Step, again, steps

LOCK_TIMEOUT_S = 30.0
_LOCK_POLL_S = 0.005
_MINE = "store-"  # marks temporary files that are written with the lock held
_READ_TRIES, _READ_PAUSE_S = 50, 0.02


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The journal and the files made from it, by name, at one moment."""

    journal: bytes
    files: Mapping[str, bytes]


class Store:
    """Boards and submissions under one folder. Safe from many processes and threads.

    `base` stands on the boards without an operation (the demo's published
    results); every process that opens a folder gives the same. Keep one Store
    per process: it remembers how far it has read the journal.
    """

    def __init__(self, root: Path, base: State = EMPTY) -> None:
        self._root = root
        self._base = base
        self._base_digest = ""
        if base != EMPTY:
            self._base_digest = board_files.digest(b"".join(board_files.render(base).values()))
        self._journal = root / "journal.jsonl"
        self._personal = PersonalFiles(root / "private")
        self._follower = Follower(self._journal, base, self._personal)

    def read(self) -> State:
        """Boards and submissions after the last finished change. Takes no lock.

        Raises StoreError when the files cannot be read or are not the store's.
        """
        for _ in range(_READ_TRIES):
            head = self._head()
            if head is None and not self._journal_size():
                return self._unadopted()
            if head is None:
                return self._follower.at("")[0].state
            view, _rest = self._follower.at(head.built, head.journal_bytes)
            if _reaches(view, head):
                return view.state
            time.sleep(_READ_PAUSE_S)  # the whole journal is being replaced
        raise self._cut_short()

    def revision(self) -> str:
        """A text that changes whenever `read` would give something else. Cheap."""
        head = self._head()
        if head is not None:
            return f"{head.built}-{head.journal_bytes}-{head.last_hash[:16]}"
        files = (self._root / name for name in (legacy.COMMUNITY, legacy.OFFICIAL))
        return "-".join([str(self._journal_size()), *map(board_files.mark, files)])

    def commit(self, op: Operation, guard: Callable[[State], None] | None = None) -> State:
        """Make one change; when this returns it is on disk. Returns the state that holds it.

        An operation whose id is in the journal already changes nothing, unless it was refused
        there when journals were put together. `guard` looks at the state that the change
        would meet, with the lock held, and may refuse: what it asks is asked here and now
        only, not when journals are put together. Raises
        RefusedError or EntryError (nothing was written), or StoreError: the old
        files stand, and the same operation may be tried again.
        """
        op = operations.canonical(op)
        with self._locked():
            head, view = self._caught_up()
            if op.id in view.ids:
                free = again(op, view.ids, self.steps(), self._personal)
                if free is None:
                    return view.state
                op = free
            if guard is not None:
                guard(view.state)
            state = operations.admit(view.state, op, self._personal)
            return self._write(head, view, state, op).state

    def recover(self) -> None:
        """Put everything in order at start-up: boards behind the journal, leftovers, old files.

        Boards of the older application are taken over by one operation, their
        contacts moved to private/.
        """
        with self._locked():
            for ref in self._rebuild().purged:  # by another machine, or before a crash
                self._personal.erase(ref)
            atomic.remove_leftovers(self._root, 0, _MINE)  # nobody is at it: the lock is ours
            for folder in (self._root, self._root / "private"):
                atomic.remove_leftovers(folder)
            self._personal.erase_unnamed(journal.read(self._journal, 0))

    def snapshot(self) -> Snapshot:
        """The journal and its boards as they are now, for the mirror."""
        with self._locked():
            _head, view = self._caught_up()
            data = journal.read(self._journal, 0, view.position.end)
            return Snapshot(data, board_files.render(view.state))

    def rebase(self, remote: bytes, first: Sequence[Operation] = ()) -> State:
        """Make the journal `remote`, then `first`, then what only this folder holds.

        An operation that is refused where it stands now stays in the journal without
        effect (core.changes.changes.refused). Raises StoreError; the old files then stand.
        """
        with self._locked():
            head, view = self._caught_up()
            local = journal.read(self._journal, 0, view.position.end)
            first = [operations.canonical(op) for op in first]
            data = merged(remote, local, first, board_files.writer_id(self._root), self._journal)
            if data == local:
                return view.state
            return self._replace_journal(head, data)

    def wrote(self, op_id: str) -> bool:
        """Whether an operation of the journal was made in this data folder."""
        data = journal.read(self._journal, 0)
        lines, _rest = journal.decode(data, journal.START, self._journal)
        found = board_files.read_current(self._root, "writer.id")
        mine = (found or b"").decode("ascii", "replace").strip()
        return any(line.op.id == op_id and line.writer == mine for line in lines)

    def steps(self) -> Iterator[Step]:
        """Every operation with the states around it, from the first one on."""
        head = self._head()
        end = None if head is None else head.journal_bytes
        return steps(self._journal, end, self._base, self._personal)

    def verify(self) -> list[str]:
        """What is wrong with the journal and the files made from it; empty when all is well."""
        with self._locked():
            data = journal.read(self._journal, 0)
            found = [f"{self._journal}, {problem}" for problem in journal.problems(data)]
            self._follower.forget()
            try:
                head = self._head()
                view, _rest = self._follower.at("" if head is None else head.built)
            except StoreError as error:
                return [*found, str(error)]
            if head is None or not _reaches(view, head):
                return [*found, str(self._cut_short())] if head else found
            for name, expected in board_files.render(view.state).items():
                current = board_files.read_current(self._root, name)
                if current is None and name not in head.files:
                    continue  # an older program kept this folder, and had no such file
                if current != expected:
                    found.append(f"{self._root / name}: differs from what the journal says.")
            return found

    def add_personal(self, data: Mapping[str, Any], ref: str = "") -> str:
        """Keep personal data apart; returns the reference that operations may name.

        What no operation names is erased at the first start after a day.
        """
        return self._personal.add(data, ref)

    def personal(self, ref: str | None) -> Mapping[str, Any]:
        """What a reference stands for; empty when it is erased. For maintainers' eyes only."""
        return self._personal.get(ref, {}) if ref else {}

    def rebuild(self) -> None:
        """Make the boards again, after personal files came or went."""
        with self._locked():
            self._rebuild()

    def erase_personal(self, ref: str) -> None:
        """Delete what `ref` stands for, from the boards too. The journal stays whole."""
        if is_id(ref):
            with self._locked():
                self._personal.erase(ref)
                self._rebuild()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        atomic.make_folder(self._root)
        path = self._root / "store.lock"
        lock = FileLock(path, timeout=LOCK_TIMEOUT_S, poll_interval=_LOCK_POLL_S, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise StoreError(
                f"{path}: other processes held the lock each time it was asked for, for "
                f"{LOCK_TIMEOUT_S:g} s. Nothing was changed. Try again; if it stays so, look for a "
                "process that hangs, or for too many changes at once."
            ) from error
        except OSError as error:
            raise atomic.store_error(
                error, "Cannot lock", path, "Nothing was changed; the old files stand."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _head(self) -> Head | None:
        head = board_files.read_head(self._root)
        if head is not None and head.base and not self._base_digest:
            raise StoreError(
                f"{self._root}: these boards stand on published demo results but were opened "
                "without them. Set MEDVIDBENCH_DATA_DIR to a folder of its own."
            )
        return head

    def _caught_up(self) -> tuple[Head | None, View]:
        """The state at the journal's end, and files that show it. Call with the lock held."""
        head = self._head()
        view, rest = self._follower.at("" if head is None else head.built)
        if head is not None and not _reaches(view, head):
            raise self._cut_short()
        if rest:
            journal.cut(self._journal, view.position.end)
        if head is None and not view.position.lines:
            view = self._adopted(view)
        elif head is None or head.journal_bytes != view.position.end:
            view = self._write(head, view, view.state)
        elif head.base != self._base_digest:
            view = self._write(head, view, view.state, renew=True)
        return self._head(), view

    def _rebuild(self) -> State:
        """Fold the journal from its beginning, and write what differs. With the lock held."""
        self._follower.forget()
        head, view = self._caught_up()
        files = board_files.render(view.state)
        if head is None or any(
            head.files.get(name) != board_files.digest(files[name]) for name in files
        ):
            self._write(head, view, view.state, renew=True)
        elif any(board_files.read_current(self._root, name) != files[name] for name in files):
            self._write(head, view, view.state)
        return view.state

    def _write(
        self,
        head: Head | None,
        view: View,
        state: State,
        op: Operation | None = None,
        renew: bool = False,
    ) -> View:
        """Journal `op`, then replace the files that change. With the lock held.

        Everything that needs space is written before the journal is: a full disk
        stops the change before it has happened.
        """
        lines: list[journal.Line] = []
        if op is not None:
            writer = board_files.writer_id(self._root)
            text = journal.encode(op, writer, view.position.tails.get(writer, ""))
            lines, _rest = journal.decode(text, view.position, self._journal)
        built = new_id() if head is None or renew else head.built
        new = view.after(state, lines, built)
        # The files show `view` when there is a head and something is to be added.
        before = view.state if head is not None and op is not None else None
        files = board_files.render(state, before)
        digests = {} if head is None else dict(head.files)
        digests |= {name: board_files.digest(data) for name, data in files.items()}
        new_head = board_files.make_head(new.position, built, self._base_digest, digests)
        with atomic.Replacement(self._root, _MINE) as replacement:
            self._prepare(replacement, head, files)
            replacement.prepare(board_files.HEAD, board_files.head_bytes(new_head))
            if op is not None:
                journal.append(self._journal, text, view.position.end)
            self._publish(replacement)
        self._follower.keep(new)
        return new

    def _prepare(
        self, replacement: atomic.Replacement, head: Head | None, files: Mapping[str, bytes]
    ) -> None:
        """Write the files that change under temporary names; keep what somebody else wrote."""
        for name, data in files.items():
            current = board_files.read_current(self._root, name)
            if current == data:
                continue
            if current is not None and board_files.foreign(head, name, current):
                board_files.keep_aside(self._root, name, current)
            replacement.prepare(name, data)

    def _replace_journal(self, head: Head | None, data: bytes) -> State:
        """Put another journal in the place of this one, with its boards. With the lock held.

        head.json goes first and comes last: without it readers and the next start take
        the journal as it is, the old one or the new one, both of which are whole.
        """
        lines, _rest = journal.decode(data, journal.START, self._journal)
        try:
            state = operations.fold(self._base, (line.op for line in lines), self._personal)
        except EntryError as error:
            raise StoreError(f"{self._journal}: {error} {journal.ADVICE}") from error
        new = View(self._base, journal.START, frozenset(), "").after(state, lines, new_id())
        files = board_files.render(state)
        digests = {name: board_files.digest(text) for name, text in files.items()}
        new_head = board_files.make_head(new.position, new.built, self._base_digest, digests)
        with atomic.Replacement(self._root, _MINE) as replacement:
            replacement.prepare(self._journal.name, data)
            self._prepare(replacement, head, files)
            replacement.prepare(board_files.HEAD, board_files.head_bytes(new_head))
            (self._root / board_files.HEAD).unlink(missing_ok=True)
            atomic.sync_folder(self._root)
            self._publish(replacement)
        self._follower.keep(new)
        return state

    def _publish(self, replacement: atomic.Replacement) -> None:
        try:
            replacement.publish()
        except StoreError as error:
            raise StoreError(
                f"{error} The change itself is in {self._journal.name}: the boards show it after "
                "the next change or start."
            ) from error

    def _adopted(self, view: View) -> View:
        """The state with the older application's rows taken over, if there are any."""
        old = legacy.read(self._root)
        if old is None:
            return self._write(None, view, view.state)
        op, personal = legacy.as_operation(old)
        op = operations.canonical(op)
        state = self._apply_old(view.state, op, personal)
        for ref, data in personal.items():
            self._personal.add(data, ref)
        return self._write(None, view, state, op)

    def _unadopted(self) -> State:
        """What `_adopted` will give, without writing anything."""
        old = legacy.read(self._root)
        if old is None:
            return self._base
        op, personal = legacy.as_operation(old)
        return self._apply_old(self._base, operations.canonical(op), personal)

    def _apply_old(self, state: State, op: Operation, personal: operations.Personal) -> State:
        try:
            return operations.apply(state, op, personal)
        except EntryError as error:
            raise StoreError(
                f"{self._root}: the board files of the older application cannot be taken over: "
                f"{error} They were left as they are."
            ) from error

    def _journal_size(self) -> int:
        try:
            return self._journal.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise atomic.store_error(error, "Cannot read", self._journal, "") from error

    def _cut_short(self) -> StoreError:
        return StoreError(
            f"{self._journal}: ends before, or differs from, what head.json says was written. "
            "Nothing was changed. Restore the journal from a backup; or delete head.json to go on "
            "with the journal as it is (the boards are then kept in private/kept)."
        )


def _reaches(view: View, head: Head) -> bool:
    at = view.position
    return at.end > head.journal_bytes or (
        at.end == head.journal_bytes and at.last_hash == head.last_hash
    )
