"""The admin's acts on entries and reports. Each act validates, makes one change, and returns its
id for `undoing.undo`.

`entry` is always the entry as the page showed it: somebody else's change in between is not
overwritten but refused (ChangedError). All raise RefusedError with problems by field,
and StoreError if the disk fails; nothing has changed then.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import msgspec

from core.access.submission_keys import hash_key, make_key
from core.changes import editing, placing, reporting
from core.changes.act import Change
from core.changes.entry_fields import METRICS, values
from core.changes.keys import new_key
from core.errors import ChangedError, RefusedError
from core.files.ids import new_id
from core.model.entries import API_VERIFIED, BoardName, Entry, ScoresOf, VerificationState
from core.model.fields import text_problem
from core.model.policy import is_moment
from core.model.state import State, now
from core.usecases.entry_form import cleaned, touched
from core.usecases.services import Services

_NOTE_LIMIT = 1000


def promote(  # noqa: PLR0913 - the fields of one form
    services: Services,
    entry: Entry,
    actor: str,
    *,
    verified_date: str = "",
    note: str = "",
    scores: ScoresOf | None = None,
    metrics: dict[str, float | None] | None = None,
) -> str:
    """Move a community entry to the Official board; `verified_date` is today by default.

    `metrics` of the maintainers' own run replace the entry's (core.changes.placing.promote).
    """
    date = _date("verified_date", verified_date) or now()[:10]
    text = _note("verified_note", note)
    change = placing.promote(
        entry, actor, verified_date=date, verified_note=text, scores=scores, metrics=metrics
    )
    shown = msgspec.structs.replace(entry, contact=None)  # as in a state

    def guard(state: State) -> None:
        """The whole entry is copied, so all of it must be as reviewed."""
        there = state.find(entry.entry_id)
        if there and there[0] == "community" and there[1] != shown:
            raise ChangedError(
                {"entry": f"“{entry.model_name}” has been changed. Check it again first."}
            )

    services.store.commit(change, guard)
    return change.id


def add_official(
    services: Services, typed: Mapping[str, Any], actor: str, verified_date: str = ""
) -> str:
    """Add an entry by hand. `typed`: fields of core.changes.entry_fields, and `contact`.

    model_name and organization are required; metrics not named are undefined. `verified_date` is
    today by default.
    """
    fields, contact = cleaned({"model_name": "", "organization": "", **typed})
    made = Entry(
        entry_id=new_id(),
        model_name=fields.pop("model_name"),
        organization=fields.pop("organization"),
        metrics={key.partition(".")[2]: fields.pop(key, None) for key in METRICS},
        status=API_VERIFIED,
        date=now()[:10],
        verified_date=_date("verified_date", verified_date) or now()[:10],
    )
    declared = {k.partition(".")[2]: fields.pop(k) for k in list(fields) if "declared." in k}
    try:
        entry = msgspec.convert(
            {**msgspec.to_builtins(made), **fields, "declared": declared}, Entry
        )
    except msgspec.ValidationError as error:
        raise RefusedError({"model_name": f"Invalid entry: {error}."}) from error
    with ExitStack() as when_refused:
        ref = _keep_contact(services, contact, when_refused)
        entry = msgspec.structs.replace(entry, contact_ref=ref)
        done = _do(services, placing.add_official(entry, actor))
        when_refused.pop_all()
    return done


def edit(
    services: Services, board: BoardName, entry: Entry, typed: Mapping[str, Any], actor: str
) -> str:
    """Change the fields of `typed` (core.changes.entry_fields, and `contact`) that differ.

    Returns "" if none does.
    """
    new = changes(entry, typed)
    if not new:
        return ""
    with ExitStack() as when_refused:
        if "contact" in new:
            contact = new.pop("contact")
            new["contact_ref"] = _keep_contact(services, contact, when_refused)
        done = _do(services, editing.edit(board, entry, new, actor))
        when_refused.pop_all()
    return done


def changes(entry: Entry, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The checked values of `typed` that differ from the entry's: what an edit would change.

    Fields with the value that the form showed are ignored.
    """
    typed = touched(entry, typed)
    fields, contact = cleaned(typed)
    old = values(entry, fields)
    new = {key: value for key, value in fields.items() if value != old[key]}
    if "contact" in typed and (contact or None) != (entry.contact or None):
        new["contact"] = contact
    return new


def mark(
    services: Services, board: BoardName, entry: Entry, marks: Mapping[str, Any], actor: str
) -> str:
    """Set off_the_shelf, organiser or track; "" if nothing differs."""
    old = values(entry, marks)
    new = {key: value for key, value in marks.items() if value != old[key]}
    tracks = {track.name for track in services.store.read().policy.tracks}
    if new.get("track") is not None and new["track"] not in tracks:
        raise RefusedError({"track": "There is no such track. Add it in the settings first."})
    return _do(services, editing.mark(board, entry, new, actor)) if new else ""


def hide(services: Services, board: BoardName, entry: Entry, actor: str) -> str:
    """Remove the entry from all pages and rankings; it keeps its name."""
    return _do(services, editing.hide(board, entry, actor))


def unhide(services: Services, board: BoardName, entry: Entry, actor: str) -> str:
    """Show a hidden entry again."""
    return _do(services, editing.unhide(board, entry, actor))


def remove(services: Services, board: BoardName, entry: Entry, actor: str, reason: str = "") -> str:
    """Move an entry of either board to the trash for 30 days."""
    text = _note("reason", reason)
    moved = placing.remove if board == "official" else placing.delete
    return _do(services, moved(entry, actor, text))


def restore(services: Services, entry_id: str, actor: str) -> str:
    """Restore an entry from the trash to its old place."""
    return _do(services, placing.restore(entry_id, actor))


def set_verification(  # noqa: PLR0913 - the fields of one small form
    services: Services,
    board: BoardName,
    entry: Entry,
    state: VerificationState,
    actor: str,
    *,
    reason: str = "",
    date: str | None = None,
    note: str | None = None,
) -> str:
    """Set the state of the verification; set its date and note if given ("" clears them).

    Unchanged values are left out and keep their date; "" if nothing differs.
    """
    new = verification_changes(entry, state, reason=reason, date=date, note=note)
    if not new:
        return ""
    told = new.pop("verification", None)
    return _do(services, editing.verification(board, entry, told, actor, new))


def verification_changes(
    entry: Entry,
    state: VerificationState,
    *,
    reason: str = "",
    date: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """The checked values that `set_verification` would change, by field."""
    if state == "declined" and not reason.strip():
        raise RefusedError({"reason": "Give a reason in one sentence: the owner reads it."})
    why, there = _note("reason", reason), entry.verification
    new: dict[str, Any] = {}
    if there is None or (state, why) != (there.state, there.reason):
        new["verification"] = editing.next_verification(entry, state, why)
    if date is not None and (day := _date("verified_date", date)) != entry.verified_date:
        new["verified_date"] = day
    if note is not None and (text := _note("verified_note", note)) != entry.verified_note:
        new["verified_note"] = text
    return new


def give_key(services: Services, entry: Entry, actor: str) -> tuple[str, str]:
    """Replace an entry's submission key; returns the id and the key, which is not stored."""
    key = make_key()
    return _do(services, new_key(entry.entry_id, hash_key(key), actor)), key


def close_report(services: Services, report_id: str, actor: str, note: str = "") -> str:
    """Close a reader's report."""
    return _do(services, reporting.close_report(report_id, actor, _note("note", note)))


def _do(services: Services, change: Change) -> str:
    services.store.commit(change)
    return change.id


def _keep_contact(services: Services, contact: str, when_refused: ExitStack) -> str | None:
    if not contact:
        return None
    ref = services.store.add_personal({"contact": contact})
    when_refused.callback(services.store.erase_personal, ref)
    return ref


def _date(field: str, text: str) -> str | None:
    text = text.strip()
    if text and not (is_moment(text) and len(text) == len("2026-12-31")):
        raise RefusedError({field: f"{text[:40]!r} is not a date. Write it like 2026-12-31."})
    return text or None


def _note(field: str, text: str) -> str | None:
    text, name = " ".join(text.split()), "Reason" if field == "reason" else "Note"
    if len(text) > _NOTE_LIMIT:
        told = f"{name}: {len(text)} characters; at most {_NOTE_LIMIT} are kept. Please shorten it."
        raise RefusedError({field: told})
    problem = text_problem(text)
    if problem:
        raise RefusedError({field: f"{name} {problem}"})
    return text or None
