"""The boards on disk: lock, catch up, apply the act, journal its effects, replace the files.

The journal is authoritative; the board files are its fold. head.json, replaced last,
records how much of the journal they show, so a reader without the lock sees one
consistent moment. Failures: docs/store.md.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from core.changes.about import about
from core.changes.act import At, Change, Done
from core.changes.acts import admitted, canonical, why_not
from core.changes.effects import between
from core.errors import EntryError, RefusedError, StoreError
from core.files import atomic
from core.files.ids import is_id, new_id
from core.model.entries import Entry
from core.model.state import EMPTY, State
from core.store import board_files, journal, legacy
from core.store.board_files import Head
from core.store.checks import misfit_lines
from core.store.files_on_disk import WRITER, FilesOnDisk
from core.store.follower import Follower, View
from core.store.lines import Draft, Line, encode
from core.store.lock import lock_of, locked
from core.store.merge import merged
from core.store.personal import PersonalFiles
from core.store.rendering import Renderer

LOG = logging.getLogger(__name__)
_READ_TRIES, _READ_PAUSE_S = 50, 0.02


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The journal and the files made from it, by name, at one moment."""

    journal: bytes
    files: Mapping[str, bytes]


class Store:
    """Boards and submissions under one folder. Safe from many processes and threads.

    `base` is the state before the first change (the demo's published results); every process that
    opens a folder must give the same. Keep one Store per process: it remembers its position in the
    journal.
    """

    def __init__(self, root: Path, base: State = EMPTY) -> None:
        self._root = root
        self._locked = partial(locked, lock_of(root))
        self._base = base
        self._journal = root / "journal.jsonl"
        self._personal = PersonalFiles(root / "private")
        self._renderer = Renderer(self._personal)
        self._base_digest = ""
        if base != EMPTY:
            rendered = self._renderer.files(base).values()
            self._base_digest = board_files.digest(b"".join(rendered))
        self._follower = Follower(self._journal, base)
        self._files = FilesOnDisk(root, self._base_digest)

    def read(self) -> State:
        """Boards and submissions after the last finished change. Takes no lock.

        Raises StoreError when the files cannot be read or do not belong to the store.
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
        """A text that changes whenever `read` would give another state. Cheap."""
        head = self._head()
        if head is not None:
            return f"{head.built}-{head.journal_bytes}-{head.last_hash[:16]}"
        files = (self._root / name for name in (legacy.COMMUNITY, legacy.OFFICIAL))
        return "-".join([str(self._journal_size()), *map(board_files.mark, files)])

    def commit(self, change: Change, guard: Callable[[State], None] | None = None) -> State:
        """Commit one change to disk. Returns the state after it.

        A change whose id is already in the journal has no effect, unless a join refused it there.
        `guard` checks the state before the change, with the lock held, and may refuse; joins do not
        run it again. Raises RefusedError, EntryError or StoreError; nothing is changed then, and
        the same change may be tried again.
        """
        change = canonical(change)
        with self._locked():
            head, view = self._caught_up()
            if change.id in view.done:
                return view.state
            if guard is not None:
                guard(view.state)
            at = At(change.id, change.actor, change.time, self._done)
            after = admitted(view.state, change, at)
            return self._write(head, view, self._line(view, change, after)).state

    def recover(self) -> None:
        """Clean up at startup: boards that are behind the journal, leftovers, old files.

        Imports boards of the older application in one change, with their contacts in private/.
        """
        with self._locked():
            purged = self._rebuild().purged  # by another machine, or before a crash
            erased = [ref for ref in purged if self._personal.erase(ref)]
            if erased:
                self._renderer.forget()
                self._rebuild()
            # Nobody else is writing: we hold the lock.
            atomic.remove_leftovers(self._root, 0, WRITER)
            for folder in (self._root, self._root / "private"):
                atomic.remove_leftovers(folder)
            self._personal.erase_unnamed(journal.read(self._journal, 0))

    def snapshot(self) -> Snapshot:
        """The current journal and its boards, for the mirror."""
        with self._locked():
            _head, view = self._caught_up()
            data = journal.read(self._journal, 0, view.position.end)
            files = {n: board_files.read_current(self._root, n) for n in board_files.FILES}
            return Snapshot(data, {name: text for name, text in files.items() if text is not None})

    def rebase(self, remote: bytes, first: Sequence[Change] = ()) -> State:
        """Make the journal `remote`, then `first`, then the changes that only this folder has.

        The latter are applied again by the rules; refused ones stay in the journal without effect
        (core.store.merge). Raises StoreError, leaving the old files unchanged.
        """
        with self._locked():
            head, view = self._caught_up()
            local = journal.read(self._journal, 0, view.position.end)
            writer = board_files.writer_id(self._root)
            made = [canonical(change) for change in first]
            data = merged(remote, local, made, writer, self._base, self._journal)
            if data == local:
                return view.state
            return self._replace_journal(head, data)

    def install(self, data: bytes, made_from: bytes, keep_as: str) -> State:
        """Replace this journal with a converted one, keeping it under another name.

        Only for a journal of an earlier form (core.store.convert). Raises StoreError when it has
        changed since the conversion.
        """
        with self._locked():
            if journal.read(self._journal, 0) != made_from:
                raise StoreError(
                    f"{self._journal}: grew during the conversion. Nothing was changed. Stop the "
                    "server, and try again."
                )
            # Complete lines only: an incomplete one was never acknowledged and is in no repo.
            atomic.write(self._root / keep_as, made_from[: made_from.rfind(b"\n") + 1])
            return self._replace_journal(board_files.read_head(self._root), data)

    def wrote(self, change_id: str) -> bool:
        """Whether a change in the journal was made in this data folder."""
        data = journal.read(self._journal, 0)
        found = board_files.read_current(self._root, "writer.id")
        mine = (found or b"").decode("ascii", "replace").strip()
        return any(line.writer == mine for line in journal.named(data, change_id, self._journal))

    def lines(self) -> list[Line]:
        """Every change in the journal, in order. Raises StoreError."""
        head = self._head()
        data = journal.read(self._journal, 0, None if head is None else head.journal_bytes)
        return journal.decode(data, journal.START, self._journal).lines

    def line(self, change_id: str, *, refused: bool = False) -> Line | None:
        """A change that was applied, or refused at a join; None when there is none."""
        named = journal.named(journal.read(self._journal, 0), change_id, self._journal)
        found = [line for line in named if bool(line.refused) is refused]
        return found[-1] if found else None

    def verify(self) -> list[str]:
        """The problems of the journal and the files made from it; empty when all is well."""
        with self._locked():
            data = journal.read(self._journal, 0)
            found = [f"{self._journal}, {problem}" for problem in journal.problems(data)]
            self._follower.forget()
            self._renderer.forget()
            try:
                head = self._head()
                view, _rest = self._follower.at("" if head is None else head.built)
                found += misfit_lines(data, self._base, self._journal)
            except StoreError as error:
                return [*found, str(error)]
            if head is None or not _reaches(view, head):
                return [*found, str(self._cut_short())] if head else found
            for name, expected in self._renderer.files(view.state).items():
                current = board_files.read_current(self._root, name)
                if current is None and name not in head.files:
                    continue  # from an older version, which had no such file
                if current != expected:
                    found.append(f"{self._root / name}: differs from the journal.")
            return found

    def add_personal(self, data: Mapping[str, Any], ref: str = "") -> str:
        """Store personal data separately; returns the reference for use in changes.

        Records that no change refers to are erased at the first start after a day.
        """
        return self._personal.add(data, ref)

    def personal(self, ref: str | None) -> Mapping[str, Any]:
        """The data of a reference; empty if erased. For maintainers only."""
        return self._personal.get(ref, {}) if ref else {}

    def with_contact(self, entry: Entry) -> Entry:
        """The entry with its contact looked up. For maintainers and the owner only."""
        contact = self.personal(entry.contact_ref).get("contact")
        return msgspec.structs.replace(entry, contact=contact)

    @property
    def personal_files(self) -> PersonalFiles:
        """Every private record by reference, to show contacts to maintainers."""
        return self._personal

    def rebuild(self) -> None:
        """Render the boards again after personal files were added or removed."""
        with self._locked():
            self._renderer.forget()
            self._rebuild()

    def erase_personal(self, ref: str) -> None:
        """Delete the data of `ref`, also from the boards. The journal is unchanged."""
        if is_id(ref):
            with self._locked():
                self._personal.erase(ref)
                self._renderer.forget()
                self._rebuild()

    def _head(self) -> Head | None:
        head = board_files.read_head(self._root)
        if head is not None and head.base and not self._base_digest:
            raise StoreError(
                f"{self._root}: these boards are based on published demo results but were opened "
                "without them. Set MEDVIDBENCH_DATA_DIR to another folder."
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
            view = self._write(head, view)
        elif head.base != self._base_digest:
            view = self._write(head, view, renew=True)
        else:
            return head, view
        return self._head(), view

    def _rebuild(self) -> State:
        """Fold the journal from its beginning, and write what differs. Call with the lock held."""
        self._follower.forget()
        head, view = self._caught_up()
        files = self._renderer.files(view.state)
        if head is None or any(
            head.files.get(name) != board_files.digest(files[name]) for name in files
        ):
            self._write(head, view, renew=True)
        elif any(board_files.read_current(self._root, name) != files[name] for name in files):
            self._files.forget()
            self._write(head, view)
        return view.state

    def _line(self, view: View, change: Change, after: State) -> bytes:
        """The line of a change from `view` to `after`."""
        effects = between(view.state, after, forget=change.act.forgets)
        subject = about(change.act, effects, view.state, after)
        writer = board_files.writer_id(self._root)
        prev = view.position.tails.get(writer, "")
        act = msgspec.to_builtins(change.act)
        return encode(
            Draft(change.id, change.actor, change.time, act, effects, subject), writer, prev
        )

    def _done(self, change_id: str) -> Done | None:
        line = self.line(change_id)
        if line is None:
            return None
        return Done(line.kind, line.effects, why_not(line.kind, line.effects))

    def _write(
        self, head: Head | None, view: View, text: bytes = b"", *, renew: bool = False
    ) -> View:
        """Append the line `text` to the journal, then replace changed files, with the lock held.

        Everything that needs space is written before the journal, so that a full disk prevents the
        change.
        """
        built = new_id() if head is None or renew else head.built
        found = journal.decode(text, view.position, self._journal)
        new = view.after(found, built)
        # The files show `view` if there is a head and something to add.
        before = view.state if head is not None and text else None
        effects = [effect for line in found.lines for effect in line.effects]
        files = self._renderer.pieces(new.state, before, effects)
        with self._files.replacing(head, files, new.position, built) as replacement:
            if text:
                journal.append(self._journal, text, view.position.end)
            self._files.publish(replacement, files)
        self._follower.keep(new, found.lines)
        return new

    def _replace_journal(self, head: Head | None, data: bytes) -> State:
        """Replace this journal with another one and its boards. Call with the lock held.

        head.json is deleted first and written last: without it, readers and the next start use the
        journal as it is, the complete old or new one.
        """
        start = View(self._base, journal.START, set(), "")
        found = journal.decode(data, journal.START, self._journal)
        new = start.after(found, new_id())
        files = self._renderer.pieces(new.state)
        whole = {self._journal.name: data}
        with self._files.replacing(head, files, new.position, new.built, whole) as replacement:
            (self._root / board_files.HEAD).unlink(missing_ok=True)
            atomic.sync_folder(self._root)
            self._files.publish(replacement, files)
        self._follower.keep(new, found.lines)
        return new.state

    def _adopted(self, view: View) -> View:
        """The state with the older application's rows imported, if there are any."""
        old = legacy.read(self._root)
        if old is None:
            return self._write(None, view)
        change, personal = legacy.as_change(old)
        change = canonical(change)
        after = self._imported(view.state, change)
        for ref, data in personal.items():
            self._personal.add(data, ref)
        LOG.info("the older board files were imported; `python -m core.store verify` shows details")
        return self._write(None, view, self._line(view, change, after))

    def _unadopted(self) -> State:
        """The result of `_adopted`, without writing anything."""
        old = legacy.read(self._root)
        if old is None:
            return self._base
        return self._imported(self._base, canonical(legacy.as_change(old)[0]))

    def _imported(self, state: State, change: Change) -> State:
        try:
            at = At(change.id, change.actor, change.time, self._done)
            return change.act.apply(state, at)
        except (EntryError, RefusedError) as error:
            raise StoreError(
                f"{self._root}: the board files of the older application cannot be imported: "
                f"{error} They were not changed."
            ) from error

    def _journal_size(self) -> int:
        try:
            return self._journal.stat().st_size
        except FileNotFoundError:
            return self._follower.missing()
        except OSError as error:
            raise atomic.store_error(error, "Cannot read", self._journal, "") from error

    def _cut_short(self) -> StoreError:
        return StoreError(
            f"{self._journal}: ends before, or differs from, what head.json says was written. "
            "Nothing was changed. Restore the journal from a backup; or, if this is a copy made "
            "during writing, delete head.json to use it as it is (boards: see private/kept)."
        )


def _reaches(view: View, head: Head) -> bool:
    at = view.position
    return at.end > head.journal_bytes or (
        at.end == head.journal_bytes and at.last_hash == head.last_hash
    )
