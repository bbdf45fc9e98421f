"""Changing an entry: its fields, its marks, the state of its verification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict, get_args

import streamlit as st

from core.changes.entry_fields import METRICS, values
from core.changes.rules import refuse_changed
from core.model.entries import Entry, VerificationState
from core.model.fields import FIELD_BY_PATH
from core.model.published import by_organisers
from core.publish import dates
from core.publish.cells import cells_of
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.entry_acts import OnEntry
from core.ui.admin.fields import as_changes, label_of, only_fields, show_fields
from core.ui.admin.parts import date_field, problem, text_field
from core.ui.admin.session import AdminSession, Change, Context, Typed
from core.ui.text import labelled
from core.usecases import moderate
from core.usecases.entry_form import as_shown

_STATES: Final = get_args(VerificationState)
_NOTHING: Final = "Nothing changed."
_NAMES: Final = (*FIELD_BY_PATH, *METRICS)


@dataclass(frozen=True, slots=True)
class Edit(OnEntry):
    """Name, organization, contact, links, declared data and metrics."""

    title = "Edit an entry"
    verb = "Save"
    width = "large"
    two_steps = True

    def initial_values(self, context: Context) -> Typed:
        return as_shown(self.entry(context), _NAMES)

    def show(self, context: Context, session: AdminSession) -> None:
        show_fields(session, form_values(self.entry(context.when_opened)))

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        seen = self.entry(context.when_opened)
        new = moderate.changes(seen, only_fields(typed))
        refuse_meanwhile(seen, self.entry(context), new)
        return as_changes(values(seen, new), new)

    def notes(self, context: Context, typed: Typed) -> Sequence[str]:
        entry = self.entry(context.when_opened)
        new = moderate.changes(entry, only_fields(typed))
        changed = [name for name in new if name in METRICS and values(entry, new)[name]]
        if not changed or entry.predictions_sha256 is None:
            return ()
        keys = [name.rpartition(".")[2] for name in changed]
        cells = cells_of(entry)
        has_parts = any(entry.strict.get(key) is not None or cells.get(key) for key in keys)
        parts = ": their strict scores and scores by dataset are removed" if has_parts else ""
        return [
            f"Computed scores that you change by hand: {', '.join(map(label_of, changed))}. They "
            f"no longer match the upload{parts}. Scoring it again, and judging it again for "
            "captions, replaces them."
        ]

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context.when_opened)
        change_id = moderate.edit(
            context.services, self.board, entry, only_fields(typed), context.actor
        )
        if not change_id:
            return Outcome(f"Nothing changed in “{entry.model_name}”.")
        return Outcome(f"Edited “{entry.model_name}”.", change_id)


def form_values(entry: Entry) -> dict[str, Any]:
    """The entry's values by the names of the form's fields."""
    return values(entry, dict.fromkeys(_NAMES))


def refuse_meanwhile(seen: Entry, now: Entry, new: Mapping[str, Any]) -> None:
    """Raise ChangedError if a value to be changed differs from what the fields showed."""
    refuse_changed(values(seen, new), values(now, new), new)


_MARKS: Final = {
    "off_the_shelf": "Off-the-shelf",
    "organiser": "From the organisers",
    "track": "Track",
}


@dataclass(frozen=True, slots=True)
class Marks(OnEntry):
    """Off-the-shelf, organiser-affiliated, track."""

    title = "Marks of an entry"
    verb = "Save"
    two_steps = True

    def initial_values(self, context: Context) -> Typed:
        entry = self.entry(context)
        return {
            "off_the_shelf": entry.off_the_shelf,
            "organiser": by_organisers(entry),
            "track": entry.track,
        }

    def show(self, context: Context, session: AdminSession) -> None:
        entry = self.entry(context.when_opened)
        st.checkbox(
            "Off-the-shelf: not trained for this benchmark",
            value=bool(session.initial("off_the_shelf", entry.off_the_shelf)),
            key=session.key("off_the_shelf"),
        )
        problem(session, "off_the_shelf")
        st.checkbox(
            "From the organisers of the benchmark",
            value=bool(session.initial("organiser", by_organisers(entry))),
            key=session.key("organiser"),
        )
        problem(session, "organiser")
        known = tuple(track.name for track in context.when_opened.state.policy.tracks)
        gone = (entry.track,) if entry.track and entry.track not in known else ()
        tracks = ("", *known, *gone)  # a removed track stays selectable until it is changed
        none = "No track" if known else "No track is set up (Settings)"
        chosen = session.initial("track", entry.track)
        st.selectbox(
            "Track",
            tracks,
            index=tracks.index(chosen) if chosen in tracks else 0,
            format_func=lambda name: name or none,
            key=session.key("track"),
        )
        problem(session, "track")

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        seen, new = self.entry(context.when_opened), self._new(context, typed)
        refuse_meanwhile(seen, self.entry(context), new)
        initial = self.initial_values(context.when_opened)
        return [
            (label, _in_words(initial[name]), _in_words(new[name]))
            for name, label in _MARKS.items()
            if name in new
        ]

    def _new(self, context: Context, typed: Typed) -> dict[str, Any]:
        edited = self.edited(context, typed)
        return {name: None if value == "" else value for name, value in edited.items()}

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context.when_opened)
        new = self._new(context, typed)
        change_id = moderate.mark(context.services, self.board, entry, new, context.actor)
        return Outcome(f"Marked “{entry.model_name}”." if change_id else _NOTHING, change_id)


def _in_words(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value or "")


_VERIFICATION: Final = {
    "state": "State",
    "reason": "Reason",
    "verified_date": "Verified on",
    "verified_note": "Note",
}


class _Also(TypedDict):
    reason: str
    date: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class SetVerification(OnEntry):
    """The verification's state, date and note."""

    title = "Verification"
    verb = "Save"
    two_steps = True

    def initial_values(self, context: Context) -> Typed:
        entry = self.entry(context)
        now, known = entry.verification, dates.parse(entry.verified_date)
        return {
            "state": now.state if now else None,
            "reason": now.reason if now else None,
            "verified_date": known[0].date() if known else None,
            "verified_note": entry.verified_note,
        }

    def show(self, context: Context, session: AdminSession) -> None:
        entry, initial = self.entry(context.when_opened), self.initial_values(context.when_opened)
        for state, when in (entry.verification.dates if entry.verification else {}).items():
            labelled(f":gray[{state}]", times.local(when) or when)
        likely = "verified" if self.board == "official" else "asked"
        chosen = session.initial("state", initial["state"] or likely)
        st.selectbox("State", _STATES, index=_STATES.index(chosen), key=session.key("state"))
        problem(session, "verification")
        text_field(
            session,
            "reason",
            "Reason (the owner reads it; required when declined)",
            initial["reason"],
        )
        left, right = st.columns(2)
        with left:
            date_field(session, "verified_date", "Verified on", initial["verified_date"])
        with right:
            text_field(
                session, "verified_note", "Note (shown with the entry)", initial["verified_note"]
            )

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        seen = self.entry(context.when_opened)
        new = moderate.verification_changes(seen, _state(typed), **self._also(context, typed))
        refuse_meanwhile(seen, self.entry(context), new)
        initial, edited = self.initial_values(context.when_opened), self.edited(context, typed)
        return [
            (label, str(initial[name] or ""), str(edited[name] or "").strip())
            for name, label in _VERIFICATION.items()
            if name in edited
        ]

    def _also(self, context: Context, typed: Typed) -> _Also:
        edited = {name: str(value or "") for name, value in self.edited(context, typed).items()}
        return {
            "reason": str(typed.get("reason") or ""),
            "date": edited.get("verified_date"),
            "note": edited.get("verified_note"),
        }

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry, state = self.entry(context.when_opened), _state(typed)
        also = self._also(context, typed)
        change_id = moderate.set_verification(
            context.services, self.board, entry, state, context.actor, **also
        )
        return Outcome(
            f"Verification of “{entry.model_name}”: {state}." if change_id else _NOTHING, change_id
        )


def _state(typed: Typed) -> VerificationState:
    return next(state for state in _STATES if state == typed.get("state"))
