"""The owner's acts on an entry: correct, request verification, withdraw, undo.

Each act requires the submission key, or the account that made the submission, and
becomes one change in the journal: who, when, the old and the new value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from core.access.submission_keys import KEY_FIELD, Proof
from core.changes import admission, editing, placing
from core.changes.versions import TAKEN_BACK
from core.errors import RefusedError
from core.model.entries import BoardName, Entry, Submission
from core.model.fields import FIELD_BY_KEY, FIELDS, Form, check, check_text, form_of
from core.model.state import State, Trashed
from core.store.store import Store
from core.usecases.services import Services

OWNER: Final = "owner"  # the actor, identified only by the key
CONTACT: Final = "contact"
NO_CONTACT: Final = "Give a contact: the maintainers need to reach you for access to the model."
# The maintainers vouch for these on the Official board.
MAINTAINERS: Final = ("model_name", "organization")
MAINTAINERS_WORD: Final = "On the Official board only the maintainers can change this; ask them."


@dataclass(frozen=True, slots=True)
class Holding:
    """A submission of this owner and its result.

    `entry` is the entry with its scores, on `board` or, if withdrawn or deleted, in `gone`. None
    if it has no entry, if a newer version has replaced it (`newer`), or if its owner has gone back
    to the previous version (`taken_back`).
    """

    submission: Submission
    entry: Entry | None = None
    board: BoardName | None = None
    gone: Trashed | None = None
    newer: bool = False
    taken_back: bool = False


def holdings(state: State, proof: Proof) -> list[Holding]:
    """All submissions that the proof opens, newest first."""
    mine = [one for one in state.submissions.values() if proof.opens(one)]
    return [holding(state, one) for one in sorted(mine, key=lambda s: s.created, reverse=True)]


def owned(services: Services, proof: Proof) -> list[Holding]:
    """As `holdings`, with each entry's contact."""
    return [
        one if one.entry is None else replace(one, entry=services.store.with_contact(one.entry))
        for one in holdings(services.store.read(), proof)
    ]


def holding(state: State, submission: Submission) -> Holding:
    """The result of a submission."""
    wanted = submission.submission_id
    found = state.by_upload(wanted)
    if found is not None:
        return Holding(submission, found[1], found[0])
    gone = state.trashed_by_upload(wanted)
    if gone is not None:
        return Holding(submission, gone.entry, gone=gone)
    boards = (*state.community, *state.official)
    whys = [old.why for one in boards for old in one.history if old.submission_id == wanted]
    taken_back = whys[-1:] == [TAKEN_BACK]
    return Holding(submission, newer=bool(whys) and not taken_back, taken_back=taken_back)


def _mine(state: State, entry_id: str, proof: Proof) -> Holding:
    """The holding of an entry. Raises RefusedError if the proof does not open it."""
    there, gone = state.find(entry_id), state.find_trashed(entry_id)
    entry = there[1] if there else gone.entry if gone else None
    submission = state.submissions.get(entry.upload_id) if entry else None
    if submission is None or not proof.opens(submission):
        raise RefusedError(
            {KEY_FIELD: "This key is not for this entry. Check that it is complete."}
        )
    return holding(state, submission)


def on_board(state: State, entry_id: str, proof: Proof) -> tuple[Entry, BoardName]:
    """An entry that the proof opens, and its board. Raises RefusedError."""
    found = _mine(state, entry_id, proof)
    if found.entry is None or found.board is None:
        raise RefusedError({"entry": "The entry is withdrawn. Undo that first."})
    return found.entry, found.board


def form_of_entry(entry: Entry) -> Form:
    """The form filled in with the entry's current values."""
    return form_of({field.key: field.value_of(entry) for field in FIELDS} | {"terms": True})


def correct(services: Services, seen: Entry, proof: Proof, typed: Form) -> tuple[str, ...]:
    """Correct an entry's declared data; returns the labels of the changed fields.

    `seen` is the entry as the form showed it: only differences from it are changes, and fields
    that somebody else has changed since are refused. Raises RefusedError with every problem by
    field; nothing has changed then.
    """
    state = services.store.read()
    entry, board = on_board(state, seen.entry_id, proof)
    before = form_of_entry(services.store.with_contact(seen))
    clean, problems = check(replace(typed, terms=True))
    new = _changes(before, clean)
    track = admission.track_named(state.policy, entry.track)
    if track:
        problems = admission.required_problems(track, clean) | problems
    # Values from before the current rules, or before the track's, may stay unchanged.
    problems = {key: told for key, told in problems.items() if key in new}
    if board == "official":
        problems |= {key: MAINTAINERS_WORD for key in MAINTAINERS if key in new}
    if problems:
        raise RefusedError(problems)
    if new:
        _commit(services.store, board, seen, new)
    labels = [FIELD_BY_KEY[key].label for key in new]
    return tuple(label[:1].lower() + label[1:] for label in labels)  # “model URL”


def _commit(store: Store, board: BoardName, seen: Entry, new: Mapping[str, str | None]) -> None:
    """One change; the new contact is stored outside the journal, and the old one is kept there."""
    fields = {FIELD_BY_KEY[key].path: value for key, value in new.items()}
    ref = None
    if CONTACT in fields:
        contact = fields.pop(CONTACT)
        ref = fields["contact_ref"] = store.add_personal({CONTACT: contact}) if contact else None
    try:
        store.commit(editing.edit(board, seen, fields, OWNER))
    except BaseException:
        if ref:
            store.erase_personal(ref)
        raise


def _changes(before: Form, after: Form) -> dict[str, str | None]:
    """The differences by field; an emptied field becomes None, unless it is required."""
    found: dict[str, str | None] = {}
    for key in FIELD_BY_KEY:
        if _value(before, key) != _value(after, key):
            found[key] = _value(after, key) or ("" if key in MAINTAINERS else None)
    return found


def _value(form: Form, key: str) -> str:
    return str(getattr(form, key, None) or "")


def verification_problem(entry: Entry, board: BoardName | None) -> str | None:
    """Why a verification cannot be requested now; None if it can, given a contact."""
    if board != "community":
        return "Only an entry on the Community board can be verified."
    if entry.verification and entry.verification.state != "declined":
        return "A verification is already in progress."
    return None


def ask_verification(services: Services, entry_id: str, proof: Proof, contact: str = "") -> None:
    """Request verification by the maintainers. Raises RefusedError.

    `contact` is stored if the entry has none; a contact is required.
    """
    entry, board = on_board(services.store.read(), entry_id, proof)
    problem = verification_problem(entry, board)
    if problem:
        raise RefusedError({"verification": problem})
    if not services.store.with_contact(entry).contact:
        wrong, given = check_text(FIELD_BY_KEY[CONTACT], contact)
        if wrong or not given:
            raise RefusedError({CONTACT: wrong or NO_CONTACT})
        _commit(services.store, board, entry, {CONTACT: given})
        entry, board = on_board(services.store.read(), entry_id, proof)
    told = editing.next_verification(entry, "asked")
    services.store.commit(editing.verification(board, entry, told, OWNER))


def with_own_contact(services: Services, seen: Entry) -> Entry:
    """The entry as a form showed it, with its current contact."""
    found = services.store.read().find(seen.entry_id)
    ref = found[1].contact_ref if found else seen.contact_ref
    return services.store.with_contact(msgspec.structs.replace(seen, contact_ref=ref))


def withdraw(services: Services, entry_id: str, proof: Proof) -> None:
    """Move the entry from its board to the trash. Raises RefusedError."""
    entry, board = on_board(services.store.read(), entry_id, proof)
    services.store.commit(placing.withdraw(board, entry, OWNER))


def undo_withdraw(services: Services, entry_id: str, proof: Proof) -> None:
    """Restore an entry that its owner withdrew. Raises RefusedError if a maintainer deleted it."""
    found = _mine(services.store.read(), entry_id, proof)
    if found.gone is None:
        return
    if not may_undo(found.gone):
        raise RefusedError(
            {"entry": "The maintainers removed this entry. Only they can restore it."}
        )
    services.store.commit(placing.restore(entry_id, OWNER))


def may_undo(gone: Trashed) -> bool:
    """Whether its owner may restore it."""
    return gone.actor == OWNER
