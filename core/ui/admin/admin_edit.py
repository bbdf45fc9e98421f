"""Changing an entry: its fields, its marks, where its verification stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, get_args

import streamlit as st

from core.admin import admin
from core.changes.entry_fields import METRICS, values
from core.entries import Entry, VerificationState
from core.published import by_organisers
from core.ui import times
from core.ui.admin.admin_desk import Change, Desk, Done, Place, Typed
from core.ui.admin.admin_entry_acts import OnEntry
from core.ui.admin.admin_fields import TEXTS, as_changes, only_fields, show_fields
from core.ui.admin.admin_show import date_field, problem, text_field
from core.ui.plain import marked

_STATES: Final = get_args(VerificationState)


@dataclass(frozen=True, slots=True)
class Edit(OnEntry):
    """Name, organization, contact, links, declared data and metrics."""

    title = "Edit an entry"
    verb = "Save"
    width = "large"
    two_steps = True

    def show(self, place: Place, desk: Desk) -> None:
        show_fields(desk, held(self.entry(place)))

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        entry = self.entry(place)
        return as_changes(held(entry), admin.changes(entry, only_fields(typed)))

    def act(self, place: Place, typed: Typed) -> Done:
        entry = self.entry(place)
        op = admin.edit(place.services, self.board, entry, only_fields(typed), place.actor)
        if not op:
            return Done(f"Nothing changed in “{entry.model_name}”.")
        return Done(f"Edited “{entry.model_name}”.", op)


def held(entry: Entry) -> dict[str, Any]:
    """What the fields of an entry hold, by name."""
    names = (*TEXTS, *METRICS, "declared.weights", "declared.trained_on_sources")
    return values(entry, dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Marks(OnEntry):
    """Off-the-shelf, organiser-affiliated, track."""

    title = "Marks of an entry"
    verb = "Save"
    two_steps = True

    def show(self, place: Place, desk: Desk) -> None:
        entry = self.entry(place)
        st.checkbox(
            "Off-the-shelf: not trained for this benchmark",
            value=bool(desk.initial("off_the_shelf", entry.off_the_shelf)),
            key=desk.key("off_the_shelf"),
        )
        st.checkbox(
            "From the organisers of the benchmark",
            value=bool(desk.initial("organiser", by_organisers(entry))),
            key=desk.key("organiser"),
        )
        tracks = tuple(track.name for track in place.state.policy.tracks)
        chosen = desk.initial("track", entry.track)
        st.selectbox(
            "Track",
            tracks,
            index=tracks.index(chosen) if chosen in tracks else None,
            key=desk.key("track"),
            placeholder="No track" if tracks else "No track is set up (Settings)",
        )
        problem(desk, "track")

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        entry = self.entry(place)
        told = [
            ("Off-the-shelf", _yes(entry.off_the_shelf), _yes(typed.get("off_the_shelf"))),
            ("From the organisers", _yes(by_organisers(entry)), _yes(typed.get("organiser"))),
            ("Track", entry.track or "", str(typed.get("track") or "")),
        ]
        return [line for line in told if line[1] != line[2]]

    def _new(self, entry: Entry, typed: Typed) -> dict[str, Any]:
        organiser = bool(typed.get("organiser"))
        return {
            "off_the_shelf": bool(typed.get("off_the_shelf")),
            "organiser": entry.organiser if organiser == by_organisers(entry) else organiser,
            "track": typed.get("track"),
        }

    def act(self, place: Place, typed: Typed) -> Done:
        entry = self.entry(place)
        new = self._new(entry, typed)
        op = admin.mark(place.services, self.board, entry, new, place.actor)
        return Done(f"Marked “{entry.model_name}”." if op else "Nothing changed.", op)


def _yes(value: object) -> str:
    return "yes" if value else "no"


@dataclass(frozen=True, slots=True)
class SetVerification(OnEntry):
    """Where the verification stands, its date and its note."""

    title = "Verification"
    verb = "Save"
    two_steps = True

    def show(self, place: Place, desk: Desk) -> None:
        entry = self.entry(place)
        where = times.zone(st.context.timezone)
        for state, when in (entry.verification.dates if entry.verification else {}).items():
            marked(f":gray[{state}]", times.when(when, datetime.now(UTC), where) or when)
        now = entry.verification.state if entry.verification else None
        now = now or ("verified" if self.board == "official" else "asked")
        chosen = desk.initial("state", now)
        st.selectbox("State", _STATES, index=_STATES.index(chosen), key=desk.key("state"))
        problem(desk, "verification")
        text_field(
            desk,
            "reason",
            "Reason (the owner reads it; required when declined)",
            (entry.verification.reason if entry.verification else None) or "",
        )
        left, right = st.columns(2)
        with left:
            known = times.parse(entry.verified_date)
            date_field(desk, "verified_date", "Verified on", known[0].date() if known else None)
        with right:
            text_field(
                desk, "verified_note", "Note (shown with the entry)", entry.verified_note or ""
            )

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        entry = self.entry(place)
        now = entry.verification
        told = [
            ("State", now.state if now else "", str(typed.get("state") or "")),
            ("Reason", (now.reason if now else "") or "", str(typed.get("reason") or "").strip()),
            ("Verified on", entry.verified_date or "", str(typed.get("verified_date") or "")),
            ("Note", entry.verified_note or "", str(typed.get("verified_note") or "").strip()),
        ]
        return [line for line in told if line[1] != line[2]]

    def act(self, place: Place, typed: Typed) -> Done:
        entry = self.entry(place)
        state = next(state for state in _STATES if state == typed.get("state"))
        op = admin.set_verification(
            place.services,
            self.board,
            entry,
            state,
            place.actor,
            reason=str(typed.get("reason") or ""),
            date=str(typed.get("verified_date") or ""),
            note=str(typed.get("verified_note") or ""),
        )
        return Done(f"Verification of “{entry.model_name}”: {state}.", op)
