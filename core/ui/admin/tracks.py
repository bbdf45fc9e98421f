"""Tracks in the Settings tab: their rows, and adding, changing and removing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import streamlit as st

from core.changes.payloads import refuse_changed
from core.errors import RefusedError
from core.model.fields import FIELD_BY_KEY, REQUIRABLE
from core.model.policy import Policy, Track
from core.model.state import State
from core.ui.admin.parts import act_button, problem, row, text_field
from core.ui.admin.session import Ask, Change, Desk, Done, Place, Typed
from core.usecases import board_settings


def show(place: Place, desk: Desk) -> None:
    policy = place.state.policy
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


def save(place: Place, old: Policy, new: Policy, what: str) -> Done:
    """Change the settings from what the dialog showed; `what` says what was done."""
    op = board_settings.set_policy(place.services, old, new, place.actor)
    return Done(what, op) if op else Done("Nothing changed in the settings.")


@dataclass(frozen=True, slots=True)
class SetTrack(Ask):
    """Add a track, or change the one of this name."""

    name: str = ""

    title = "Track"
    verb = "Save"
    two_steps = True

    def held(self, place: Place) -> Typed:
        return msgspec.structs.asdict(self._track(place))

    def show(self, place: Place, desk: Desk) -> None:
        old = self._track(place.drawn)
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
        problem(desk, "required")
        st.markdown(":small[An entry of a track must be published.]")
        problem(desk, "tracks")

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        old, new = self._track(place.drawn), self._new(place, typed)
        board_settings.merged(place.state.policy, self._policy(place, new), place.state.policy)
        told = [
            ("Name", old.name, new.name),
            ("Opens", old.opens or "", new.opens or ""),
            ("Closes", old.closes or "", new.closes or ""),
            ("Required", _required(old.required), _required(new.required)),
        ]
        return [line for line in told if line[1] != line[2]]

    def _track(self, place: Place) -> Track:
        """The track as it is; without a name when one is to be added."""
        found = (track for track in place.state.policy.tracks if track.name == self.name)
        track = next(found, None if self.name else Track(name=""))
        if track is None:
            told = f"The track “{self.name}” was removed or renamed meanwhile. Close this and look."
            raise RefusedError({"tracks": told})
        return track

    def _new(self, place: Place, typed: Typed) -> Track:
        """The track as it is by now, with what was typed; other fields stay."""
        mine = {name: _field(name, value) for name, value in self.mine(place, typed).items()}
        seen, now = self._track(place.drawn), self._track(place)
        refuse_changed(msgspec.structs.asdict(seen), msgspec.structs.asdict(now), mine)
        if "name" in mine and self.name:
            _refuse_rename(place.state, self.name)
        return msgspec.structs.replace(now, **mine)

    def _policy(self, place: Place, track: Track) -> Policy:
        old = place.state.policy.tracks
        if any(known.name == self.name for known in old):
            tracks = tuple(track if known.name == self.name else known for known in old)
        else:
            tracks = (*old, track)
        return msgspec.structs.replace(place.state.policy, tracks=tracks)

    def act(self, place: Place, typed: Typed) -> Done:
        track, old = self._new(place, typed), place.state.policy
        return save(place, old, self._policy(place, track), f"Saved the track “{track.name}”.")


def _field(name: str, value: Any) -> Any:
    """A field of a track as the settings hold it."""
    if name == "required":
        return tuple(key for key in REQUIRABLE if key in (value or ()))
    text = str(value or "").strip()
    return text if name == "name" else text or None


def marked(state: State, track: str) -> int:
    """How many entries have a track's name as their mark, in the trash too, or are on their way."""
    trash = (gone.entry for gone in state.trash)
    entries = sum(entry.track == track for entry in (*state.community, *state.official, *trash))
    sent = (one for one in state.submissions.values() if one.state == "open")
    return entries + sum(one.track == track for one in sent)


def _refuse_rename(state: State, name: str) -> None:
    """Entries name their track: under another name of it they would be in none."""
    count = marked(state, name)
    if count:
        entries = f"{count} entries have" if count > 1 else "1 entry has"
        raise RefusedError(
            {
                "name": f"{entries} the mark “{name}” and would be in no track. Keep the name, or "
                "add a track of the new name and move the entries there by Marks first; those in "
                "the trash and submissions under way count."
            }
        )


@dataclass(frozen=True, slots=True)
class RemoveTrack(Ask):
    name: str

    title = "Remove a track"
    verb = "Remove"

    def about(self, place: Place) -> str:
        return self.name

    def show(self, place: Place, desk: Desk) -> None:
        count = marked(place.state, self.name)
        entries = "1 entry keeps" if count == 1 else f"{count} entries keep"
        st.markdown(f"{entries} its name as mark. Nobody can submit to it any more.")

    def act(self, place: Place, typed: Typed) -> Done:
        policy = place.state.policy
        rest = tuple(track for track in policy.tracks if track.name != self.name)
        new = msgspec.structs.replace(policy, tracks=rest)
        return save(place, policy, new, f"Removed the track “{self.name}”.")
