"""The alternatives to accepting held scores: keep them held, or hide the entry."""

from dataclasses import dataclass

from core.errors import RefusedError
from core.model.entries import Entry
from core.ui.acts import Outcome
from core.ui.admin.session import Context, DialogAct, Typed
from core.usecases import inbox


@dataclass(frozen=True, slots=True)
class _AboutHeld(DialogAct):
    """`about`: the judge run or the upload whose scores are held."""

    entry_id: str
    about_id: str

    title = "Held scores"

    def entry(self, context: Context) -> Entry:
        """The current entry. Raises RefusedError if these scores are no longer held, for example
        because another admin let them count."""
        for about_id, entry in inbox.held(context.state):
            if (entry.entry_id, about_id) == (self.entry_id, self.about_id):
                return entry
        raise RefusedError({"entry": "This has changed. Close and reload."})

    def counts(self, entry: Entry) -> bool:
        """Whether they count all the same: those of judge runs from before any were held do."""
        return entry.judge is not None and entry.judge.run_id == self.about_id


@dataclass(frozen=True, slots=True)
class KeepHeld(_AboutHeld):
    """Keep scores held and close the item."""

    verb = "Keep held"

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        if self.counts(entry):
            told = "The scores of this older run already count. Let them count, or hide the entry."
            raise RefusedError({"entry": told})
        inbox.keep_held(context.services, entry, self.about_id, context.actor)
        return Outcome(
            f"The scores of “{entry.model_name}” stay held. To decide again, use “Held scores” "
            "or “Held captions” among the entry’s actions."
        )


@dataclass(frozen=True, slots=True)
class HideHeld(_AboutHeld):
    """Hide the entry whose scores are held."""

    verb = "Hide the entry"
    destructive = True

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        change_id = inbox.hide(context.services, entry.board, entry, self.about_id, context.actor)
        rest = "" if self.counts(entry) else " Its scores stay held."
        if not change_id:
            return Outcome(f"“{entry.model_name}” is hidden already.{rest}")
        return Outcome(f"Hid “{entry.model_name}”.{rest}", change_id)


def choices(entry_id: str, about_id: str) -> tuple[DialogAct, ...]:
    """The two other buttons of a dialog that accepts held scores."""
    return KeepHeld(entry_id, about_id), HideHeld(entry_id, about_id)
