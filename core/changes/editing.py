"""Acts on the fields of an entry: editing, marking, verifying, hiding and showing."""

from collections.abc import Mapping
from typing import Any, ClassVar

from core.changes.act import Act, At, Change, change
from core.changes.entry_fields import (
    EDITABLE,
    MARKS,
    VERIFIED,
    replaced,
    values,
    with_matching_parts,
)
from core.changes.rules import entry_on, refuse_changed, with_entry
from core.changes.taken_names import refuse_taken
from core.errors import EntryError
from core.model.entries import BoardName, Entry, Verification, VerificationState
from core.model.rows import plain
from core.model.state import State, now


class _Fields(Act, frozen=True, kw_only=True):
    """Changes fields of an entry; `old` are the values that the page showed."""

    board: BoardName
    entry_id: str
    old: dict[str, Any]
    new: dict[str, Any]

    undoable = True
    fields: ClassVar[frozenset[str]] = frozenset()

    def apply(self, state: State, at: At) -> State:
        entry = entry_on(state, self.board, self.entry_id)
        unknown = sorted((set(self.old) | set(self.new)) - self.fields)
        if unknown or set(self.old) != set(self.new):
            raise EntryError(
                f"change {at.change_id}: old and new must name the same fields of "
                f"{', '.join(sorted(self.fields))}; got {', '.join(unknown)[:80] or 'others'}."
            )
        refuse_changed(self.old, values(entry, self.old), self.new)
        made = self.made(entry)
        if made.key != entry.key:
            refuse_taken(state, made.model_name, entry_id=self.entry_id)
        return with_entry(state, made)

    def made(self, entry: Entry) -> Entry:
        """The entry with the new values. Raises RefusedError by field for invalid values."""
        return replaced(entry, self.new)


class Edit(_Fields, frozen=True, kw_only=True, tag="edit"):
    """Changes texts, metrics, declared data and marks.

    `parts_too`: a metric whose value changes loses its strict score and its scores by dataset.
    Earlier programs kept them.
    """

    fields = EDITABLE
    parts_too: bool = False

    def made(self, entry: Entry) -> Entry:
        made = super().made(entry)
        return with_matching_parts(made, entry) if self.parts_too else made


class Mark(_Fields, frozen=True, kw_only=True, tag="mark"):
    """Sets off_the_shelf, organiser or track."""

    fields = frozenset(MARKS)


class Verify(_Fields, frozen=True, kw_only=True, tag="verification"):
    """Sets the state of an entry's verification."""

    fields = frozenset(VERIFIED)


class Hide(_Fields, frozen=True, kw_only=True, tag="hide"):
    """Removes an entry from every page; it keeps its name and has no rank."""

    fields = frozenset({"hidden"})


class Unhide(_Fields, frozen=True, kw_only=True, tag="unhide"):
    """Shows a hidden entry again."""

    fields = frozenset({"hidden"})


ACTS = (Edit, Mark, Verify, Hide, Unhide)


def edit(board: BoardName, entry: Entry, new: Mapping[str, Any], actor: str) -> Change:
    """Change fields (core.changes.entry_fields.EDITABLE): texts, ten metrics, declared data, marks.

    Pass a new contact to Store.add_personal; the field contact_ref is its reference.
    """
    return _change(Edit, board, entry, new, actor, parts_too=True)


def mark(board: BoardName, entry: Entry, new: Mapping[str, Any], actor: str) -> Change:
    """Set off_the_shelf (bool), organiser (bool or None) or track (str or None)."""
    return _change(Mark, board, entry, new, actor)


def hide(board: BoardName, entry: Entry, actor: str) -> Change:
    """Remove an entry from every page; it keeps its name and has no rank."""
    return _change(Hide, board, entry, {"hidden": True}, actor)


def unhide(board: BoardName, entry: Entry, actor: str) -> Change:
    """Show a hidden entry again."""
    return _change(Unhide, board, entry, {"hidden": False}, actor)


def verification(
    board: BoardName,
    entry: Entry,
    told: Verification | None,
    actor: str,
    also: Mapping[str, str | None] | None = None,
) -> Change:
    """Set the state of an entry's verification (`next_verification`); also its owner's request.

    `told` None leaves it unchanged; `also` may set verified_date (YYYY-MM-DD) and verified_note.
    """
    new = {"verification": plain(told)} if told else {}
    return _change(Verify, board, entry, {**new, **(also or {})}, actor)


def next_verification(
    entry: Entry, state: VerificationState, reason: str | None = None
) -> Verification:
    """The entry's verification in a new state, dated now; a reason is shown to the owner."""
    dates = dict(entry.verification.dates) if entry.verification else {}
    scores = entry.verification.scores if entry.verification else None
    return Verification(state=state, scores=scores, reason=reason, dates={**dates, state: now()})


def _change(
    kind: type[_Fields],
    board: BoardName,
    entry: Entry,
    new: Mapping[str, Any],
    actor: str,
    **more: bool,
) -> Change:
    old = values(entry, new)
    act = kind(board=board, entry_id=entry.entry_id, old=old, new=dict(new), **more)
    return change(act, actor)
