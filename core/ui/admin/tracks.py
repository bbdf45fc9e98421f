"""Tracks in the Settings tab: list, add, change, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import streamlit as st

from core.changes.rules import refuse_changed
from core.errors import RefusedError
from core.model.fields import FIELD_BY_KEY, REQUIRABLE
from core.model.policy import Policy, Track, moment_of, moment_text
from core.model.state import State
from core.ui.acts import Outcome
from core.ui.admin.parts import date_field, dialog_button, problem, row, text_field
from core.ui.admin.session import AdminSession, Change, Context, DialogAct, Typed
from core.usecases import board_settings


def show(context: Context, session: AdminSession) -> None:
    """Draw the tracks, and the buttons to change them."""
    policy = context.state.policy
    with st.container(border=True):
        st.header("Tracks", anchor=False)
        if not policy.tracks:
            st.markdown("No track. A track is a challenge with its own dates and required fields.")
        for track in policy.tracks:
            _track_row(session, track)
        st.button("Add a track", icon=":material/add:", on_click=session.open, args=(SetTrack(),))


def _track_row(session: AdminSession, track: Track) -> None:
    what, buttons = row(f"track_{track.name}")
    with what:
        st.text(track.name)
        st.text(
            f"{_moment(track.opens) or 'open already'} to {_moment(track.closes) or 'no end'} · "
            f"requires "
            f"{_required(track.required) or 'nothing more'}"
        )
    with buttons:
        dialog_button(
            session, "Edit", ":material/edit:", SetTrack(track.name), f"track_{track.name}"
        )
        remove = RemoveTrack(track.name)
        dialog_button(session, "Remove", ":material/delete:", remove, f"track_{track.name}")


def _moment(text: str | None) -> str:
    return moment_text(text) if text else ""


def _day(text: str | None) -> date | None:
    """The day of a stored moment; its time of day is kept unless another day is picked."""
    found = moment_of(text) if text else None
    return found.date() if found else None


def _required(keys: Sequence[str]) -> str:
    return ", ".join(FIELD_BY_KEY[key].label for key in keys)


def save(context: Context, old: Policy, new: Policy, what: str) -> Outcome:
    """Change the settings that the dialog showed; `what` is the sentence on the outcome."""
    change_id = board_settings.set_policy(context.services, old, new, context.actor)
    return Outcome(what, change_id) if change_id else Outcome("Nothing changed in the settings.")


@dataclass(frozen=True, slots=True)
class SetTrack(DialogAct):
    """Add a track, or change the one with this name."""

    name: str = ""

    title = "Track"
    verb = "Save"
    two_steps = True

    def initial_values(self, context: Context) -> Typed:
        track = self._track(context)
        dates = {"opens": _day(track.opens), "closes": _day(track.closes)}
        return msgspec.structs.asdict(track) | dates

    def show(self, context: Context, session: AdminSession) -> None:
        old = self._track(context.when_opened)
        text_field(session, "name", "Name", old.name)
        left, right = st.columns(2)
        with left:
            date_field(session, "opens", "Opens", _day(old.opens))
        with right:
            date_field(session, "closes", "Closes", _day(old.closes))
        st.caption("Both at 00:00 UTC of that day. Leave a date empty for no limit.")
        st.multiselect(
            "Required fields",
            REQUIRABLE,
            default=session.initial("required", old.required),
            format_func=lambda key: FIELD_BY_KEY[key].label,
            key=session.key("required"),
        )
        problem(session, "required")
        st.markdown(":small[An entry in a track must be published.]")
        problem(session, "tracks")

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        old, new = self._track(context.when_opened), self._new(context, typed)
        board_settings.merged(
            context.state.policy, self._policy(context, new), context.state.policy
        )
        lines = [
            ("Name", old.name, new.name),
            ("Opens", old.opens or "", new.opens or ""),
            ("Closes", old.closes or "", new.closes or ""),
            ("Required", _required(old.required), _required(new.required)),
        ]
        return [line for line in lines if line[1] != line[2]]

    def _track(self, context: Context) -> Track:
        """The current track; one without a name when adding."""
        found = (track for track in context.state.policy.tracks if track.name == self.name)
        track = next(found, None if self.name else Track(name=""))
        if track is None:
            problem = f"The track “{self.name}” has been removed or renamed. Close and reload."
            raise RefusedError({"tracks": problem})
        return track

    def _new(self, context: Context, typed: Typed) -> Track:
        """The current track with the typed values; other fields are unchanged."""
        mine = {name: _field(name, value) for name, value in self.edited(context, typed).items()}
        seen, now = self._track(context.when_opened), self._track(context)
        refuse_changed(msgspec.structs.asdict(seen), msgspec.structs.asdict(now), mine)
        if "name" in mine and self.name:
            _refuse_rename(context.state, self.name)
        return msgspec.structs.replace(now, **mine)

    def _policy(self, context: Context, track: Track) -> Policy:
        old = context.state.policy.tracks
        if any(known.name == self.name for known in old):
            tracks = tuple(track if known.name == self.name else known for known in old)
        else:
            tracks = (*old, track)
        return msgspec.structs.replace(context.state.policy, tracks=tracks)

    def act(self, context: Context, typed: Typed) -> Outcome:
        track, old = self._new(context, typed), context.state.policy
        return save(context, old, self._policy(context, track), f"Saved the track “{track.name}”.")


def _field(name: str, value: Any) -> Any:
    """A field of a track in the form of the settings."""
    if name == "required":
        return tuple(key for key in REQUIRABLE if key in (value or ()))
    text = str(value or "").strip()
    return text if name == "name" else text or None


def count_marked(state: State, track: str) -> int:
    """The number of entries marked with a track's name, including trash and running submissions."""
    trash = (gone.entry for gone in state.trash)
    entries = sum(entry.track == track for entry in (*state.community, *state.official, *trash))
    sent = (one for one in state.submissions.values() if one.state == "open")
    return entries + sum(one.track == track for one in sent)


def _refuse_rename(state: State, name: str) -> None:
    """Refuse to rename a track that entries name: they would then be in no track."""
    count = count_marked(state, name)
    if count:
        entries = f"{count} entries have" if count > 1 else "1 entry has"
        raise RefusedError(
            {
                "name": f"{entries} the mark “{name}” and would be in no track. Keep the name, or "
                "first add a track with the new name and move the entries there with Marks, "
                "including those in the trash and running submissions."
            }
        )


@dataclass(frozen=True, slots=True)
class RemoveTrack(DialogAct):
    """Remove a track from the policy."""

    name: str

    title = "Remove a track"
    verb = "Remove"
    destructive = True

    def about(self, context: Context) -> str:
        return self.name

    def show(self, context: Context, session: AdminSession) -> None:
        count = count_marked(context.state, self.name)
        entries = "1 entry keeps" if count == 1 else f"{count} entries keep"
        st.markdown(f"{entries} its name as a mark. Nobody can submit to it any more.")

    def act(self, context: Context, typed: Typed) -> Outcome:
        policy = context.state.policy
        rest = tuple(track for track in policy.tracks if track.name != self.name)
        new = msgspec.structs.replace(policy, tracks=rest)
        return save(context, policy, new, f"Removed the track “{self.name}”.")
