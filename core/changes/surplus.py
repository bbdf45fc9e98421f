"""The act of an admin who has looked at answers with many more segments than asked for."""

import msgspec

from core.changes.act import Act, At, Change, change
from core.changes.rules import with_entry
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.state import State
from core.model.surplus import ignored


class SurplusSeen(Act, frozen=True, kw_only=True, tag="surplus_seen"):
    """Lets the metrics count that were held; those of another upload are held anew."""

    entry_id: str
    upload_id: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        found = state.find(self.entry_id)
        entry = found[1] if found else None
        if entry is None or entry.upload_id != self.upload_id or not ignored(entry):
            raise RefusedError(
                {"entry": "These are not the entry's answers any more. Load the page again."}
            )
        if entry.surplus_seen == self.upload_id:
            return state
        return with_entry(state, msgspec.structs.replace(entry, surplus_seen=self.upload_id))


ACTS = (SurplusSeen,)


def seen(entry: Entry, actor: str) -> Change:
    """Say that an admin has looked at the surplus segments of an entry; its metrics count then."""
    return change(SurplusSeen(entry_id=entry.entry_id, upload_id=entry.upload_id), actor)
