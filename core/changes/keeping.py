"""Going back to the previous version: an owner keeps it if the new one is worse."""

from typing import Any, Final

import msgspec

from core.benchmark import JUDGE_KEYS
from core.changes.act import Act, At, Change, change
from core.changes.effects import Effect
from core.changes.rules import on_boards, with_entry
from core.changes.versions import KEPT_DAYS, TAKEN_BACK, as_version, former
from core.errors import ChangedError, RefusedError
from core.model.entries import Entry
from core.model.rows import entry_of, entry_row
from core.model.state import State

OFFICIAL: Final = (
    "The entry is verified and on the Official board, where the maintainers decide what counts."
)
LATE: Final = (
    f"There is no earlier version to go back to: that is possible for {KEPT_DAYS} days after a new "
    "version, unless the entry was re-scored since. Submit the earlier file as a new version."
)
_CAPTIONS: Final = tuple(f"metrics.{key}" for key in JUDGE_KEYS)
_UNKNOWN: Final = (
    "The journal does not say how the earlier version was replaced, so it cannot be brought back. "
    "Submit the earlier file as a new version."
)
GONE: Final = (
    "The upload of the earlier version is no longer kept, so it could neither be judged nor "
    "re-scored. Submit the earlier file as a new version."
)


class KeepOld(Act, frozen=True, kw_only=True, tag="keep_old"):
    """Gives a Community entry the scores that its latest new version replaced.

    `taken_back` is that version's submission; its scores go to the history. Declared data is kept.
    Tries stay used.
    """

    entry_id: str
    taken_back: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        entry = on_boards(state, self.entry_id)
        last = entry.history[-1] if entry.history else None
        if last and (last.why, last.submission_id) == (TAKEN_BACK, self.taken_back):
            return state
        if entry.board != "community":
            raise RefusedError({"version": OFFICIAL})
        if entry.upload_id != self.taken_back:
            raise ChangedError({"version": "The entry has another version now. Reload the page."})
        old = former(entry, at.time)
        if old is None:
            raise RefusedError({"version": LATE})
        if old.submission_id in state.purged:
            raise RefusedError({"version": GONE})
        done = at.done(f"add-{self.taken_back}")
        effects = done.effects if done else ()
        how = next((e for e in effects if (e.table, e.key) == ("entries", self.entry_id)), None)
        if how is None or how.before is None or how.after is None:
            raise RefusedError({"version": _UNKNOWN})
        back = _before(entry, how)
        taken = as_version(entry, TAKEN_BACK, at.time)
        return with_entry(
            state, msgspec.structs.replace(back, history=(*entry.history[:-1], taken))
        )


ACTS = (KeepOld,)


def keep_old(entry: Entry, actor: str, taken_back: str) -> Change:
    """Go back from the version of the submission `taken_back` to the previous one."""
    return change(KeepOld(entry_id=entry.entry_id, taken_back=taken_back), actor)


def _before(entry: Entry, how: Effect) -> Entry:
    """The entry with the values that publishing its new version (`how`) replaced.

    Values not in `how` are the same in both versions, except grades: a new version has none, so
    any that are not in `how` are later. An admin may have changed the track since.
    """
    was: dict[str, Any] = {**dict.fromkeys(_CAPTIONS), **(how.before or {})}
    gone = {*(how.after or {}), *was, "judge", "held"} - {"track"}
    row = {name: value for name, value in entry_row(entry).items() if name not in gone}
    return entry_of(entry.entry_id, row | {n: v for n, v in was.items() if n != "track"})
