"""The Settings tab: submissions open or closed, quotas, coverage, tracks, the announcement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import streamlit as st

from core.admin import admin
from core.changes.policy import REQUIRABLE, Policy, Track, problems
from core.errors import RefusedError
from core.forms import FIELD_BY_KEY
from core.ui.admin.admin_desk import Ask, Change, Desk, Done, Place, Typed
from core.ui.admin.admin_show import act_button, facts, problem, row, text_field

_LABELS = {
    "accept_submissions": "Accept submissions",
    "closed_message": "Message while closed",
    "announcement": "Announcement",
    "quota_per_day": "Tries a day",
    "quota_per_month": "Tries a month",
    "min_coverage": "Least coverage of a metric",
    "enforce_min_coverage": "A metric below it does not count",
    "ladder": "Ladder mode",
}
_FIELDS = {
    "General": ("accept_submissions", "closed_message", "announcement"),
    "Quotas": ("quota_per_day", "quota_per_month", "ladder"),
    "Coverage": ("min_coverage", "enforce_min_coverage"),
}
_HELP = {
    "closed_message": "Shown on the Submit page while submissions are closed.",
    "announcement": "One line on top of the boards; empty: none.",
    "quota_per_day": "Per submitter, evaluate-only counts. 0: no limit.",
    "quota_per_month": "Per submitter, evaluate-only counts. 0: no limit.",
    "ladder": "Evaluate-only reveals a new best only if it is significantly better.",
    "min_coverage": "Scored records / records, 0 to 1. A metric below it is marked.",
}


def show(place: Place, desk: Desk) -> None:
    policy = place.state.policy
    for name, fields in _FIELDS.items():
        with st.container(border=True):
            st.subheader(name, anchor=False)
            facts([(_LABELS[field], _shown(getattr(policy, field))) for field in fields])
            st.button(
                "Change",
                key=f"change_{name}",
                icon=":material/edit:",
                on_click=desk.begin,
                args=(SetPolicy(fields),),
            )
    with st.container(border=True):
        st.subheader("Tracks", anchor=False)
        if not policy.tracks:
            st.markdown("No track. A track is a challenge with its own dates and required fields.")
        for track in policy.tracks:
            _track_row(desk, track)
        st.button("Add a track", icon=":material/add:", on_click=desk.begin, args=(SetTrack(),))


def _track_row(desk: Desk, track: Track) -> None:
    what, buttons = row(f"track_{track.name}")
    with what:
        st.text(track.name)
        st.text(
            f"{track.opens or 'open already'} to {track.closes or 'no end'} · requires "
            f"{_required(track.required) or 'nothing more'}"
        )
    with buttons:
        act_button(desk, "Edit", ":material/edit:", SetTrack(track.name), f"track_{track.name}")
        remove = RemoveTrack(track.name)
        act_button(desk, "Remove", ":material/delete:", remove, f"track_{track.name}")


def _required(keys: Sequence[str]) -> str:
    return ", ".join(FIELD_BY_KEY[key].label for key in keys)


def _shown(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _changed(old: Policy, new: Policy) -> list[Change]:
    return [
        (_LABELS[name], _shown(getattr(old, name)), _shown(getattr(new, name)))
        for name in _LABELS
        if getattr(old, name) != getattr(new, name)
    ]


def _refuse_wrong(policy: Policy) -> None:
    wrong = problems(policy)
    if wrong:
        raise RefusedError(wrong)


def _save(place: Place, new: Policy, what: str) -> Done:
    op = admin.set_policy(place.services, place.state.policy, new, place.actor)
    return Done(what, op) if op else Done("Nothing changed in the settings.")


@dataclass(frozen=True, slots=True)
class SetPolicy(Ask):
    """One group of the settings."""

    fields: tuple[str, ...]

    title = "Change settings"
    verb = "Save"
    two_steps = True

    def show(self, place: Place, desk: Desk) -> None:
        for name in self.fields:
            value = desk.initial(name, getattr(place.state.policy, name))
            label, told, key = _LABELS[name], _HELP.get(name), desk.key(name)
            if isinstance(value, bool):
                st.toggle(label, value=value, key=key, help=told)
            elif isinstance(value, int):
                st.number_input(label, min_value=0, value=value, step=1, key=key, help=told)
            elif isinstance(value, float):
                st.number_input(
                    label, min_value=0.0, max_value=1.0, value=value, step=0.01, key=key, help=told
                )
            else:
                st.text_input(label, value=value, key=key, help=told)
            problem(desk, name)

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        return _changed(place.state.policy, self._new(place, typed))

    def _new(self, place: Place, typed: Typed) -> Policy:
        given = {name: typed[name] for name in self.fields if name in typed}
        clean = {k: v.strip() if isinstance(v, str) else v for k, v in given.items()}
        new = msgspec.structs.replace(place.state.policy, **clean)
        _refuse_wrong(new)
        return new

    def act(self, place: Place, typed: Typed) -> Done:
        return _save(place, self._new(place, typed), "Changed the settings.")


@dataclass(frozen=True, slots=True)
class SetTrack(Ask):
    """Add a track, or change the one of this name."""

    name: str = ""

    title = "Track"
    verb = "Save"
    two_steps = True

    def show(self, place: Place, desk: Desk) -> None:
        old = _track(place.state.policy, self.name)
        text_field(desk, "name", "Name", old.name)
        left, right = st.columns(2)
        with left:
            text_field(desk, "opens", "Opens (UTC, YYYY-MM-DD)", old.opens or "")
        with right:
            text_field(desk, "closes", "Closes (UTC, YYYY-MM-DD)", old.closes or "")
        st.multiselect(
            "Required fields",
            REQUIRABLE,
            default=desk.initial("required", old.required),
            format_func=lambda key: FIELD_BY_KEY[key].label,
            key=desk.key("required"),
        )
        st.markdown(":small[An entry of a track must be published.]")
        problem(desk, "tracks")

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        old = _track(place.state.policy, self.name)
        new = self._new(typed)
        _refuse_wrong(self._policy(place, new))
        told = [
            ("Name", old.name, new.name),
            ("Opens", old.opens or "", new.opens or ""),
            ("Closes", old.closes or "", new.closes or ""),
            ("Required", _required(old.required), _required(new.required)),
        ]
        return [line for line in told if line[1] != line[2]]

    def _new(self, typed: Typed) -> Track:
        return Track(
            name=str(typed.get("name") or "").strip(),
            opens=str(typed.get("opens") or "").strip() or None,
            closes=str(typed.get("closes") or "").strip() or None,
            required=tuple(key for key in REQUIRABLE if key in (typed.get("required") or ())),
        )

    def _policy(self, place: Place, track: Track) -> Policy:
        old = place.state.policy.tracks
        if any(known.name == self.name for known in old):
            tracks = tuple(track if known.name == self.name else known for known in old)
        else:
            tracks = (*old, track)
        return msgspec.structs.replace(place.state.policy, tracks=tracks)

    def act(self, place: Place, typed: Typed) -> Done:
        track = self._new(typed)
        return _save(place, self._policy(place, track), f"Saved the track “{track.name}”.")


@dataclass(frozen=True, slots=True)
class RemoveTrack(Ask):
    name: str

    title = "Remove a track"
    verb = "Remove"

    def about(self, place: Place) -> str:
        return self.name

    def show(self, place: Place, desk: Desk) -> None:
        entries = (*place.state.community, *place.state.official)
        count = sum(1 for entry in entries if entry.track == self.name)
        keep = "1 entry keeps" if count == 1 else f"{count} entries keep"
        st.markdown(f"{keep} its name as a mark. Nobody can submit to it any more.")

    def act(self, place: Place, typed: Typed) -> Done:
        policy = place.state.policy
        rest = tuple(track for track in policy.tracks if track.name != self.name)
        new = msgspec.structs.replace(policy, tracks=rest)
        return _save(place, new, f"Removed the track “{self.name}”.")


def _track(policy: Policy, name: str) -> Track:
    return next((track for track in policy.tracks if track.name == name), Track(name=""))
