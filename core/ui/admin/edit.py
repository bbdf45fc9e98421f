"""Changing an entry: its fields, its marks, where its verification stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypedDict, get_args

import streamlit as st

from core.changes.entry_fields import METRICS, values
from core.changes.payloads import refuse_changed
from core.model.entries import Entry, VerificationState
from core.model.fields import FIELD_BY_PATH
from core.model.published import by_organisers
from core.ui import times
from core.ui.admin.entry_acts import OnEntry
from core.ui.admin.fields import as_changes, only_fields, show_fields
from core.ui.admin.parts import date_field, problem, text_field
from core.ui.admin.session import Change, Desk, Done, Place, Typed
from core.ui.text import marked
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

    def held(self, place: Place) -> Typed:
        return as_shown(self.entry(place), _NAMES)

    def show(self, place: Place, desk: Desk) -> None:
        show_fields(desk, held(self.entry(place.drawn)))

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        seen = self.entry(place.drawn)
        new = moderate.changes(seen, only_fields(typed))
        refuse_meanwhile(seen, self.entry(place), new)
        return as_changes(values(seen, new), new)

    def act(self, place: Place, typed: Typed) -> Done:
        entry = self.entry(place.drawn)
        op = moderate.edit(place.services, self.board, entry, only_fields(typed), place.actor)
        if not op:
            return Done(f"Nothing changed in “{entry.model_name}”.")
        return Done(f"Edited “{entry.model_name}”.", op)


def held(entry: Entry) -> dict[str, Any]:
    """What the entry holds under the names of the form's fields."""
    return values(entry, dict.fromkeys(_NAMES))


def refuse_meanwhile(seen: Entry, now: Entry, new: Mapping[str, Any]) -> None:
    """Raise ChangedError for what is to change and is not as the fields showed it any more."""
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

    def held(self, place: Place) -> Typed:
        entry = self.entry(place)
        return {
            "off_the_shelf": entry.off_the_shelf,
            "organiser": by_organisers(entry),
            "track": entry.track,
        }

    def show(self, place: Place, desk: Desk) -> None:
        entry = self.entry(place.drawn)
        st.checkbox(
            "Off-the-shelf: not trained for this benchmark",
            value=bool(desk.initial("off_the_shelf", entry.off_the_shelf)),
            key=desk.key("off_the_shelf"),
        )
        problem(desk, "off_the_shelf")
        st.checkbox(
            "From the organisers of the benchmark",
            value=bool(desk.initial("organiser", by_organisers(entry))),
            key=desk.key("organiser"),
        )
        problem(desk, "organiser")
        known = tuple(track.name for track in place.drawn.state.policy.tracks)
        gone = (entry.track,) if entry.track and entry.track not in known else ()
        tracks = ("", *known, *gone)  # what is no track any more stays until it is changed
        none = "No track" if known else "No track is set up (Settings)"
        chosen = desk.initial("track", entry.track)
        st.selectbox(
            "Track",
            tracks,
            index=tracks.index(chosen) if chosen in tracks else 0,
            format_func=lambda name: name or none,
            key=desk.key("track"),
        )
        problem(desk, "track")

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        seen, new = self.entry(place.drawn), self._new(place, typed)
        refuse_meanwhile(seen, self.entry(place), new)
        held = self.held(place.drawn)
        return [
            (label, _told(held[name]), _told(new[name]))
            for name, label in _MARKS.items()
            if name in new
        ]

    def _new(self, place: Place, typed: Typed) -> dict[str, Any]:
        mine = self.mine(place, typed)
        return {name: None if value == "" else value for name, value in mine.items()}

    def act(self, place: Place, typed: Typed) -> Done:
        entry = self.entry(place.drawn)
        new = self._new(place, typed)
        op = moderate.mark(place.services, self.board, entry, new, place.actor)
        return Done(f"Marked “{entry.model_name}”." if op else _NOTHING, op)


def _told(value: object) -> str:
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
    """Where the verification stands, its date and its note."""

    title = "Verification"
    verb = "Save"
    two_steps = True

    def held(self, place: Place) -> Typed:
        entry = self.entry(place)
        now, known = entry.verification, times.parse(entry.verified_date)
        return {
            "state": now.state if now else None,
            "reason": now.reason if now else None,
            "verified_date": known[0].date() if known else None,
            "verified_note": entry.verified_note,
        }

    def show(self, place: Place, desk: Desk) -> None:
        entry, held = self.entry(place.drawn), self.held(place.drawn)
        where = times.zone(st.context.timezone)
        for state, when in (entry.verification.dates if entry.verification else {}).items():
            marked(f":gray[{state}]", times.when(when, datetime.now(UTC), where) or when)
        likely = "verified" if self.board == "official" else "asked"
        chosen = desk.initial("state", held["state"] or likely)
        st.selectbox("State", _STATES, index=_STATES.index(chosen), key=desk.key("state"))
        problem(desk, "verification")
        text_field(
            desk,
            "reason",
            "Reason (the owner reads it; required when declined)",
            held["reason"],
        )
        left, right = st.columns(2)
        with left:
            date_field(desk, "verified_date", "Verified on", held["verified_date"])
        with right:
            text_field(desk, "verified_note", "Note (shown with the entry)", held["verified_note"])

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        seen = self.entry(place.drawn)
        new = moderate.verification_changes(seen, _state(typed), **self._also(place, typed))
        refuse_meanwhile(seen, self.entry(place), new)
        held, mine = self.held(place.drawn), self.mine(place, typed)
        return [
            (label, str(held[name] or ""), str(mine[name] or "").strip())
            for name, label in _VERIFICATION.items()
            if name in mine
        ]

    def _also(self, place: Place, typed: Typed) -> _Also:
        mine = {name: str(value or "") for name, value in self.mine(place, typed).items()}
        return {
            "reason": str(typed.get("reason") or ""),
            "date": mine.get("verified_date"),
            "note": mine.get("verified_note"),
        }

    def act(self, place: Place, typed: Typed) -> Done:
        entry, state = self.entry(place.drawn), _state(typed)
        also = self._also(place, typed)
        op = moderate.set_verification(
            place.services, self.board, entry, state, place.actor, **also
        )
        return Done(f"Verification of “{entry.model_name}”: {state}." if op else _NOTHING, op)


def _state(typed: Typed) -> VerificationState:
    return next(state for state in _STATES if state == typed.get("state"))
