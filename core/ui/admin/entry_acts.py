"""Acts on one entry that need no form: hide, show, delete, remove, restore, purge, a new key."""

from dataclasses import dataclass

import streamlit as st

from core.errors import RefusedError
from core.model.entries import BoardName, Entry
from core.model.surplus import held
from core.publish.address import BOARDS
from core.ranking.board import shown_board
from core.ranking.what_if import rank_with
from core.ui.acts import Outcome
from core.ui.admin.judge import ReviewFlagged
from core.ui.admin.parts import compare, text_field
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.ui.admin.surplus import ReviewSurplus
from core.usecases import forget, moderate


def entry_of(context: Context, board: BoardName, entry_id: str) -> Entry:
    """The current entry, with its contact. Raises RefusedError if it is gone."""
    found = context.state.find(entry_id)
    if found is None or found[0] != board:
        raise RefusedError({"entry": "This entry is no longer on the board. Close and reload."})
    return context.services.store.with_contact(found[1])


def standing(context: Context, board: BoardName, entry_id: str) -> str:
    """An entry's rank and board, in words."""
    entry = entry_of(context, board, entry_id)
    found = rank_with(shown_board(context.state, board), entry)
    where = f"rank {found.rank} of {found.size} on the {BOARDS[board]} board"
    return f"not shown, without a rank; shown, it would be {where}" if entry.hidden else where


@dataclass(frozen=True, slots=True)
class OnEntry(DialogAct):
    """An act on an entry of a board."""

    board: BoardName
    entry_id: str

    def entry(self, context: Context) -> Entry:
        """The current entry. Raises RefusedError if it is gone."""
        return entry_of(context, self.board, self.entry_id)

    def about(self, context: Context) -> str:
        return self.entry(context).model_name


@dataclass(frozen=True, slots=True)
class Hide(OnEntry):
    """Take an entry off its board; it can be shown again."""

    title = "Hide an entry"
    verb = "Hide"
    destructive = True

    def show(self, context: Context, session: AdminSession) -> None:
        now = standing(context, self.board, self.entry_id)
        compare([("Where", now, "not shown, without a rank; the name stays reserved")])

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        change_id = moderate.hide(context.services, self.board, entry, context.actor)
        return Outcome(f"Hid “{entry.model_name}”.", change_id)


@dataclass(frozen=True, slots=True)
class Unhide(OnEntry):
    """Show a hidden entry again."""

    title = "Show an entry again"
    verb = "Show it"

    def show(self, context: Context, session: AdminSession) -> None:
        found = rank_with(shown_board(context.state, self.board), self.entry(context))
        then = f"rank {found.rank} of {found.size} on the {BOARDS[self.board]} board"
        compare([("Where", "not shown, without a rank", then)])

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        change_id = moderate.unhide(context.services, self.board, entry, context.actor)
        return Outcome(f"“{entry.model_name}” is shown again.", change_id)


@dataclass(frozen=True, slots=True)
class Delete(OnEntry):
    """Move an entry to the trash."""

    title = "Delete an entry"
    verb = "Delete"
    destructive = True
    done = "Deleted"

    def show(self, context: Context, session: AdminSession) -> None:
        now = standing(context, self.board, self.entry_id)
        compare([("Where", now, "in the trash for 30 days, with upload and results")])
        text_field(session, "reason", "Reason (the owner reads it; kept in the audit log)")

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        reason = str(typed.get("reason") or "")
        change_id = moderate.remove(context.services, self.board, entry, context.actor, reason)
        return Outcome(f"{self.done} “{entry.model_name}”.", change_id)


@dataclass(frozen=True, slots=True)
class Remove(Delete):
    """The same on the Official board, where it is called removing."""

    title = "Remove an entry"
    verb = "Remove"
    done = "Removed"


@dataclass(frozen=True, slots=True)
class NewKey(OnEntry):
    """Replace the submission key of an entry."""

    title = "Give out a new submission key"
    verb = "Make a new key"

    def show(self, context: Context, session: AdminSession) -> None:
        compare([("Who can change it", "the holder of the old key", "the holder of the new key")])
        st.markdown(
            "The old key becomes invalid for all versions of the entry. The new one is shown "
            "once; send it to the owner yourself, and only if you are sure who is asking. The "
            "account that created the entry keeps its access; one that submitted only a later "
            "version does not."
        )

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        change_id, key = moderate.give_key(context.services, entry, context.actor)
        return Outcome(f"New submission key of “{entry.model_name}”.", change_id, secret=key)


@dataclass(frozen=True, slots=True)
class _InTrash(DialogAct):
    entry_id: str

    def about(self, context: Context) -> str:
        gone = context.state.find_trashed(self.entry_id)
        if gone is None:
            raise RefusedError({"entry": "This entry is no longer in the trash."})
        return gone.entry.model_name


@dataclass(frozen=True, slots=True)
class Restore(_InTrash):
    """Restore an entry from the trash; needs no confirmation, since nothing is lost."""

    title = "Restore an entry"
    verb = "Restore"

    def act(self, context: Context, typed: Typed) -> Outcome:
        name = self.about(context)
        change_id = moderate.restore(context.services, self.entry_id, context.actor)
        return Outcome(f"Restored “{name}”.", change_id)


@dataclass(frozen=True, slots=True)
class Purge(_InTrash):
    """Delete an entry for good. This cannot be undone, so its name has to be typed."""

    title = "Purge an entry for good"
    verb = "Purge for good"
    destructive = True

    def show(self, context: Context, session: AdminSession) -> None:
        compare(
            [
                ("Entry, upload, results, logs", "in the trash", "deleted"),
                ("Contact, reports, form", "kept", "erased; the audit log stays complete"),
                ("Its name", "taken", "free"),
            ]
        )
        if forget.kept_aside(context.services):
            st.markdown(
                "Board files of the older application, or edited by hand, are kept in "
                "`private/kept/` of the data folder and may still have the contact. Purging does "
                "not change them: delete them there when they are no longer needed."
            )
        st.markdown("**This cannot be undone.** Type the model’s name to continue.")
        text_field(session, "name", "Model name")

    def act(self, context: Context, typed: Typed) -> Outcome:
        name = self.about(context)
        forget.purge(context.services, self.entry_id, str(typed.get("name") or ""), context.actor)
        return Outcome(f"Purged “{name}”. This cannot be undone.")


def formless(where: tuple[BoardName, str], entry: Entry) -> list[tuple[str, str, DialogAct]]:
    """The acts without a form that entries of both boards have: label, icon, act."""
    hiding: tuple[str, str, DialogAct] = (
        ("Show", ":material/visibility:", Unhide(*where))
        if entry.hidden
        else ("Hide", ":material/visibility_off:", Hide(*where))
    )
    return [*_held(entry), hiding, ("New key", ":material/key:", NewKey(*where))]


def _held(entry: Entry) -> list[tuple[str, str, DialogAct]]:
    """The acts that decide on held scores, including those no longer in the inbox."""
    found: list[tuple[str, str, DialogAct]] = []
    if entry.held:
        flagged = ReviewFlagged(entry.entry_id, entry.held.run_id)
        found.append(("Held captions", ":material/pending:", flagged))
    if held(entry):
        surplus = ReviewSurplus(entry.entry_id, entry.upload_id)
        found.append(("Held scores", ":material/pending:", surplus))
    return found
