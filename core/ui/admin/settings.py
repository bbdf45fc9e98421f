"""The Settings tab: open or close submissions, quotas, coverage, announcement, tracks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import streamlit as st

from core.model.entries import BOARD_NAMES
from core.model.policy import Policy
from core.model.state import State
from core.publish.address import BOARDS
from core.publish.numbers import count
from core.ranking.what_if import ruled_by
from core.ui.acts import Outcome
from core.ui.admin import tracks
from core.ui.admin.parts import facts, problem
from core.ui.admin.session import AdminSession, Change, Context, DialogAct, Typed
from core.ui.admin.tracks import save
from core.usecases import board_settings

_LABELS = {
    "accept_submissions": "Accept submissions",
    "closed_message": "Message while closed",
    "announcement": "Announcement",
    "quota_per_day": "Tries per day",
    "quota_per_month": "Tries per month",
    "min_coverage": "Minimum coverage of a metric",
    "enforce_min_coverage": "Metrics below the minimum do not count",
}
_GROUPS = {
    "General": ("accept_submissions", "closed_message", "announcement"),
    "Quotas": ("quota_per_day", "quota_per_month"),
    "Coverage": ("min_coverage", "enforce_min_coverage"),
}
_HELP = {
    "closed_message": "Shown on the Submit page while submissions are closed.",
    "announcement": "One line above the boards. Leave it empty for none.",
    "quota_per_day": "Per submitter, including evaluate only. 0: no limit.",
    "quota_per_month": "Per submitter, including evaluate only. 0: no limit.",
    "min_coverage": "From 0 to 1: the share of records that could be scored; for SA_acc and "
    "CVS_acc also the share of aspects or components answered. Metrics below it are marked.",
}

_MOVED = 10  # entries listed


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Settings*."""
    policy = context.state.policy
    places = (st.container(), *st.columns(2))
    for place, (name, fields) in zip(places, _GROUPS.items(), strict=True):
        with place.container(border=True, height="stretch"):
            _group(session, name, fields, policy)
    tracks.show(context, session)


def _group(session: AdminSession, name: str, fields: tuple[str, ...], policy: Policy) -> None:
    st.header(name, anchor=False)
    facts([(_LABELS[field], _shown(getattr(policy, field))) for field in fields])
    st.button(
        "Change",
        key=f"change_{name}",
        icon=":material/edit:",
        on_click=session.open,
        args=(SetPolicy(fields),),
    )


def _shown(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _changed(old: Policy, new: Policy) -> list[Change]:
    return [
        (_LABELS[name], _shown(getattr(old, name)), _shown(getattr(new, name)))
        for name in _LABELS
        if getattr(old, name) != getattr(new, name)
    ]


def _ranked(state: State, policy: Policy) -> Iterator[Change]:
    """The ranks that other settings would change, and how many scores count."""
    for board in BOARD_NAMES:
        found = ruled_by(state, board, policy)
        now, then = found.left_out
        if now != then:
            yield f"Scores that do not count on the {BOARDS[board]} board", f"{now}", f"{then}"
        if found.moved:
            more = len(found.moved) - _MOVED
            rest = [f"and {count(more, 'other entry', 'other entries')}"] if more > 0 else []
            old = [f"{rank}. {name}" for name, rank, _then in found.moved[:_MOVED]]
            new = [f"{rank}. {name}" for name, _now, rank in found.moved[:_MOVED]]
            yield f"Ranks on the {BOARDS[board]} board", "\n".join(old), "\n".join(new + rest)


@dataclass(frozen=True, slots=True)
class SetPolicy(DialogAct):
    """One group of the settings."""

    fields: tuple[str, ...]

    title = "Change settings"
    verb = "Save"
    two_steps = True

    def initial_values(self, context: Context) -> Typed:
        return {name: getattr(context.state.policy, name) for name in self.fields}

    def show(self, context: Context, session: AdminSession) -> None:
        for name in self.fields:
            value = session.initial(name, getattr(context.when_opened.state.policy, name))
            label, help_text, key = _LABELS[name], _HELP.get(name), session.key(name)
            if isinstance(value, bool):
                st.toggle(label, value=value, key=key, help=help_text)
            elif isinstance(value, int | float):
                # No limits here: with them, Streamlit drops a number beyond them without a word.
                step = 1 if isinstance(value, int) else 0.01
                st.number_input(label, value=value, step=step, key=key, help=help_text)
            else:
                st.text_input(label, value=value, key=key, help=help_text)
            problem(session, name)

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        old, new = context.when_opened.state.policy, self._new(context, typed)
        then = board_settings.merged(old, new, context.state.policy)
        return [*_changed(old, new), *_ranked(context.state, then)]

    def _new(self, context: Context, typed: Typed) -> Policy:
        mine = self.edited(context, typed)
        clean = {k: v.strip() if isinstance(v, str) else v for k, v in mine.items()}
        return msgspec.structs.replace(context.when_opened.state.policy, **clean)

    def act(self, context: Context, typed: Typed) -> Outcome:
        new = self._new(context, typed)
        return save(context, context.when_opened.state.policy, new, "Changed the settings.")
