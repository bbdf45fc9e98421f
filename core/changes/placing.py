"""Acts that move entries: promote, add by hand, delete, restore."""

import msgspec

from core.benchmark import METRIC_KEYS
from core.changes.act import Act, At, Change, change
from core.changes.entry_fields import metric_problem
from core.changes.rules import arrival, entry_on, with_entry
from core.changes.taken_names import refuse_second, refuse_taken
from core.changes.versions import OWN_RUN, as_version
from core.errors import RefusedError
from core.model.entries import (
    API_VERIFIED,
    BoardName,
    Deletion,
    Entry,
    ScoresOf,
    Verification,
    rounded,
)
from core.model.names import same_key
from core.model.rows import entry_of, entry_row
from core.model.state import State


class Promote(Act, frozen=True, kw_only=True, tag="promote"):
    """Moves a Community entry, with all its data, to the Official board as verified."""

    entry_id: str
    verified_date: str
    verified_note: str | None = None
    scores: ScoresOf | None = None
    metrics: dict[str, float | None] | None = None  # from the maintainers' own run

    undoable = True

    def apply(self, state: State, at: At) -> State:
        found = state.find(self.entry_id)
        if found is not None and found[0] == "official":
            return state
        entry = entry_on(state, "community", self.entry_id)
        refuse_second(state.official, entry, same_key)
        if self.metrics is not None:
            entry = own_run(entry, self.metrics, at.time)
        known = entry.verification.dates if entry.verification else {}
        dates = {**known, "verified": self.verified_date}
        made = msgspec.structs.replace(
            entry,
            board="official",
            arrived=arrival(at.time, self.entry_id),
            status=API_VERIFIED,
            hidden=False,
            verified_date=self.verified_date,
            verified_note=self.verified_note,
            verification=Verification(state="verified", scores=self.scores, dates=dates),
        )
        return with_entry(state, made)


def own_run(entry: Entry, metrics: dict[str, float | None], when: str) -> Entry:
    """The entry with these metrics and without any data derived from its upload, whose scores go
    to its history. Raises RefusedError by metric."""
    wrong = {
        f"metrics.{key}": problem
        for key, value in metrics.items()
        if (problem := metric_problem(key, value))
    }
    if wrong:
        raise RefusedError(wrong)
    return msgspec.structs.replace(
        entry,
        metrics={key: rounded(metrics.get(key)) for key in METRIC_KEYS},
        history=(*entry.history, as_version(entry, OWN_RUN, when)),
        coverage={},
        strict={},
        by_dataset={},
        surplus={},
        judge=None,
        held=None,
        scorer_version=None,
        ground_truth_sha256=None,
        predictions_sha256=None,
    )


class AddOfficial(Act, frozen=True, kw_only=True, tag="add_official"):
    """Adds an entry without a submission to the Official board. `entry` is its row."""

    entry: dict[str, object]

    undoable = True

    def apply(self, state: State, at: At) -> State:
        entry = entry_of(str(self.entry.get("entry_id")), self.entry)
        if entry.entry_id in state.entries:
            return state
        wrong = {
            f"metrics.{key}": problem
            for key, value in entry.metrics.items()
            if (problem := metric_problem(key, value))
        }
        if wrong:
            raise RefusedError(wrong)
        refuse_taken(state, entry.model_name)
        arrived = arrival(at.time, entry.entry_id)
        return with_entry(state, msgspec.structs.replace(entry, board="official", arrived=arrived))


class _ToTrash(Act, frozen=True, kw_only=True):
    """Moves an entry to the trash."""

    board: BoardName
    entry_id: str
    reason: str | None = None

    undoable = True

    def apply(self, state: State, at: At) -> State:
        if self.entry_id in state.entries and state.entries[self.entry_id].deleted:
            return state
        entry = entry_on(state, self.board, self.entry_id)
        deletion = Deletion(time=at.time, actor=at.actor, reason=self.reason)
        return with_entry(state, msgspec.structs.replace(entry, deleted=deletion))


class Remove(_ToTrash, frozen=True, kw_only=True, tag="remove"):
    """Moves an Official entry to the trash."""


class Delete(_ToTrash, frozen=True, kw_only=True, tag="delete"):
    """Moves a Community entry to the trash."""


class Withdraw(_ToTrash, frozen=True, kw_only=True, tag="withdraw"):
    """Delete, by the entry's owner."""


class Restore(Act, frozen=True, kw_only=True, tag="restore"):
    """Restores an entry from the trash to its old place."""

    entry_id: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        if self.entry_id not in state.entries:
            raise RefusedError({"entry_id": "This entry is not in the trash; it may be purged."})
        entry = state.entries[self.entry_id]
        if entry.deleted is None:
            return state
        refuse_taken(state, entry.model_name, entry_id=self.entry_id)
        back = msgspec.structs.replace(entry, deleted=None, trash_since=None)
        return with_entry(state, back)


ACTS = (Promote, AddOfficial, Remove, Delete, Withdraw, Restore)


def promote(  # noqa: PLR0913 - what a form asks
    entry: Entry,
    actor: str,
    *,
    verified_date: str,
    verified_note: str | None = None,
    scores: ScoresOf | None = None,
    metrics: dict[str, float | None] | None = None,
) -> Change:
    """Move a Community entry to the Official board as verified (YYYY-MM-DD).

    `metrics` from the maintainers' own run replace the entry's; None keeps those.
    """
    act = Promote(
        entry_id=entry.entry_id,
        verified_date=verified_date,
        verified_note=verified_note,
        scores=scores,
        metrics=metrics,
    )
    return change(act, actor)


def add_official(entry: Entry, actor: str) -> Change:
    """Add an entry without a submission to the Official board. Its name must be free."""
    return change(AddOfficial(entry=entry_row(entry)), actor)


def remove(entry: Entry, actor: str, reason: str | None = None) -> Change:
    """Move an Official entry to the trash."""
    return change(Remove(board="official", entry_id=entry.entry_id, reason=reason), actor)


def delete(entry: Entry, actor: str, reason: str | None = None) -> Change:
    """Move a Community entry to the trash."""
    return change(Delete(board="community", entry_id=entry.entry_id, reason=reason), actor)


def withdraw(board: BoardName, entry: Entry, actor: str, reason: str | None = None) -> Change:
    """Move an entry to the trash, by its owner."""
    return change(Withdraw(board=board, entry_id=entry.entry_id, reason=reason), actor)


def restore(entry_id: str, actor: str) -> Change:
    """Restore an entry from the trash to its old place."""
    return change(Restore(entry_id=entry_id), actor)
