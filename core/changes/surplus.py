"""An admin's review of answers with many more segments than requested."""

import msgspec

from core.changes.act import Act, At, Change, change
from core.changes.rules import with_entry
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.state import State
from core.model.surplus import ignored


class SurplusSeen(Act, frozen=True, kw_only=True, tag="surplus_seen"):
    """Releases held metrics; those of another upload will be held again."""

    entry_id: str
    upload_id: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        found = state.find(self.entry_id)
        entry = found[1] if found else None
        if entry is None or entry.upload_id != self.upload_id or not ignored(entry):
            raise RefusedError({"entry": "These answers are out of date. Reload the page."})
        if entry.surplus_seen == self.upload_id:
            return state
        return with_entry(state, msgspec.structs.replace(entry, surplus_seen=self.upload_id))


ACTS = (SurplusSeen,)


def seen(entry: Entry, actor: str) -> Change:
    """Record that an admin has reviewed the surplus segments of an entry; its metrics count now."""
    return change(SurplusSeen(entry_id=entry.entry_id, upload_id=entry.upload_id), actor)
